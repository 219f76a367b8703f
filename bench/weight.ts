import { startDaemon, waitForPilots } from './daemon.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { mb, type Steady, watchSteady } from './steady.ts';

const steadyPilots = 2;
/** Pilots are steady when they are no longer young: in their first minute each is read each second. */
const warmUpMs = 75_000;

/** Memory and CPU of a daemon with two pilots that never end, over as many windows of a minute; a bare Node beside it. */
export async function measureWeight(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const daemon = await startDaemon(scene, {
    docker_cmd: '/bin/sleep 100000',
    max_docks: steadyPilots,
    cpus_per_dock: 0.5,
    max_dock_mem: '64MiB',
  });
  await waitForPilots(scene, daemon, steadyPilots);
  const steady = await watchSteady(scene, daemon, { name: 'weight', warmUpMs, minutes });
  await daemon.stop();
  return rowsOf(steady);
}

function rowsOf({ ours, theirs }: Steady): readonly Row[] {
  const last = ours.at(-1)?.end;
  const anonymous =
    last === undefined
      ? ''
      : `anonymous ${mb(last.anonymousBytes)} MB, proportional ${mb(last.proportionalBytes)} MB; `;
  const common = { unmeasured: null, unit: '' };
  return [
    {
      ...common,
      what: `daemon memory with ${steadyPilots} steady pilots, resident`,
      bar: { atMost: 50 },
      unit: ' MB',
      decimals: 1,
      samples: ours.map(({ end }) => end.residentBytes / 1e6),
      beside: `${anonymous}a bare Node with the same flags: ${mb(median(theirs.map(({ end }) => end.residentBytes)))} MB`,
      original: '53 MB',
    },
    {
      ...common,
      what: `daemon CPU with ${steadyPilots} steady pilots, ticking every second (aim 0.10)`,
      bar: { atMost: 0.15 },
      unit: ' %',
      decimals: 3,
      samples: ours.map(({ cpuPercent }) => cpuPercent),
      beside: `a bare Node waking each second: ${median(theirs.map(({ cpuPercent }) => cpuPercent)).toFixed(3)} %; after ${warmUpMs / 1000} s of warming up, minutes of a core`,
      original: '0.08 % at 30-s loops, 1.25 % at 1-s loops',
    },
  ];
}
