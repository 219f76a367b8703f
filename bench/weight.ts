import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { median } from './numbers.ts';
import { type ProcessUse, readProcessUse } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { pause } from './waits.ts';

const steadyPilots = 2;
/** Pilots are steady when they are no longer young: in their first minute each is read each second. */
const warmUpMs = 75_000;
const windowMs = 60_000;

interface Window {
  readonly cpuPercent: number;
  readonly end: ProcessUse;
}

/** Memory and CPU of a daemon with two pilots that never end, over as many windows of a minute; a bare Node beside it. */
export async function measureWeight(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const daemon = await startDaemon(scene, {
    docker_cmd: '/bin/sleep 100000',
    max_docks: steadyPilots,
    cpus_per_dock: 0.5,
    max_dock_mem: '64MiB',
  });
  await waitForPilots(scene, daemon, steadyPilots);
  const bare = startBareNode(scene, daemon);
  scene.say(`weight: warming up for ${warmUpMs / 1000} s, then ${minutes} windows of ${windowMs / 1000} s`);
  await pause(warmUpMs, scene.signal);
  const [ours, theirs]: [Window[], Window[]] = [[], []];
  for (let minute = 0; minute < minutes; minute += 1) {
    const [a, b] = await Promise.all([watch(scene, daemon.pid), watch(scene, bare.pid)]);
    ours.push(a);
    theirs.push(b);
    scene.say(
      `weight, minute ${minute + 1}: ${mb(a.end.residentBytes)} MB resident, ${a.cpuPercent.toFixed(3)} % of a core`,
    );
  }
  bare.end();
  await daemon.stop();
  return rowsOf(ours, theirs);
}

/** Node with the daemon's own flags and surroundings, that does nothing but wake each second: the floor. */
function startBareNode(scene: Scene, daemon: Daemon): { pid: number; end(): void } {
  const words = readFileSync(`/proc/${daemon.pid}/cmdline`, 'utf8').split('\0');
  const flags = words.slice(
    1,
    words.findIndex((word, index) => index > 0 && !word.startsWith('-')),
  );
  const surroundings = readFileSync(`/proc/${daemon.pid}/environ`, 'utf8').split('\0');
  const env = Object.fromEntries(
    surroundings.filter((pair) => pair !== '').map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
  );
  const child = spawn(words[0] ?? process.execPath, [...flags, '-e', 'setInterval(() => {}, 1000)'], {
    env,
    stdio: 'ignore',
  });
  const end = (): void => void child.kill('SIGKILL');
  scene.defer(end);
  return { pid: child.pid ?? 0, end };
}

async function watch(scene: Scene, pid: number): Promise<Window> {
  const begin = readProcessUse(pid);
  const beginMs = performance.now();
  await pause(windowMs, scene.signal);
  const end = readProcessUse(pid);
  return { cpuPercent: ((end.cpuMs - begin.cpuMs) / (performance.now() - beginMs)) * 100, end };
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function rowsOf(ours: readonly Window[], theirs: readonly Window[]): readonly Row[] {
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
