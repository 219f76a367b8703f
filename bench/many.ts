import { bareCrew, removeAll } from './bareCrew.ts';
import type { Contender } from './contenders.ts';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { containers, inspect } from './engine.ts';
import { recordLives } from './lives.ts';
import { median } from './numbers.ts';
import { readProcessUse } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { mb, watchSteady } from './steady.ts';
import { pause, waitFor } from './waits.ts';

/** So many small pilots on one node. */
export const manyPilots = 200;
/** As many starts as the daemon has under way at a time. */
export const startsAtOnce = 8;
const widths = [1, 2, 4, 8] as const;
/** To compare widths, fewer will do. */
const perWidth = 40;
const fillPatienceMs = 600_000;
const loopS = 10;
/** Growth rests on what the owner used in the last whole `main_sleep`; the removals before a turn are his doing. */
const calmMs = 2 * loopS * 1000 + 5000;
/** Until what a fill leaves behind is over: the last listing, the first readings of each pilot. */
const steadyAfterMs = 90_000;

/** Pilots so small that the owner's CPUs and memory have room for all of them. */
export function smallPilots(command: string, pilots: number): Readonly<Record<string, unknown>> {
  return {
    docker_cmd: command,
    max_docks: pilots,
    docks_per_loop: pilots,
    main_sleep: loopS,
    cpus_per_dock: 0.01,
    max_dock_mem: '16MiB',
  };
}

/** From nothing to 200 pilots, over the same of a bare client with as many starts under way, in turn. */
export async function measureMany(scene: Scene, pairs: number): Promise<readonly Row[]> {
  const daemon = await startDaemon(scene, smallPilots('/bin/sleep 100000', manyPilots));
  await waitForPilots(scene, daemon, 1);
  const [first = ''] = await containers(scene.socket, true);
  const pilot = await inspect(scene.socket, first);
  const plancton = growing(scene, daemon);
  await plancton.end();
  const bareOf = (slots: number, atOnce: number): Contender =>
    bareCrew(scene, pilot, { slots, atOnce, refills: false });
  const compared: string[] = [];
  for (const atOnce of widths) {
    const seconds = await turn(scene, bareOf(perWidth, atOnce), perWidth);
    compared.push(`${atOnce}: ${seconds.toFixed(1)} s`);
    scene.say(`many: ${perWidth} bare containers, ${atOnce} at a time: ${seconds.toFixed(1)} s`);
  }
  const bare = bareOf(manyPilots, startsAtOnce);
  const [ours, theirs, cpuSeconds]: [number[], number[], number[]] = [[], [], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    const beforeMs = readProcessUse(daemon.pid).cpuMs;
    ours.push(await turn(scene, plancton, manyPilots));
    cpuSeconds.push((readProcessUse(daemon.pid).cpuMs - beforeMs) / 1000);
    theirs.push(await turn(scene, bare, manyPilots));
    const [a, b] = [ours.at(-1) ?? 0, theirs.at(-1) ?? 0];
    scene.say(`many, pair ${pair + 1}: Plancton ${a.toFixed(1)} s, bare API client ${b.toFixed(1)} s`);
  }
  await daemon.stop();
  const notes = [
    `Plancton ${median(ours).toFixed(1)} s, bare client ${median(theirs).toFixed(1)} s, ${startsAtOnce} starts under way each`,
    `daemon’s CPU time, with what comes after a fill: ${median(cpuSeconds).toFixed(1)} s`,
    `${perWidth} bare containers with so many at a time: ${compared.join(', ')}`,
  ];
  return [
    {
      what: `from nothing to ${manyPilots} pilots running, over the same for a bare API client (create, start)`,
      bar: { atMost: 1.1 },
      unit: '',
      decimals: 3,
      samples: ours.map((seconds, index) => seconds / (theirs[index] ?? Number.NaN)),
      unmeasured: null,
      beside: notes.join('; '),
      original: '4 in each 30 s',
    },
  ];
}

/** The daemon takes its turns by `resume`; its pilots never end, so the bench removes them. */
function growing(scene: Scene, daemon: Daemon): Contender {
  return {
    name: 'Plancton',
    begin: () => daemon.command('resume'),
    async end() {
      await daemon.command('drain');
      await removeAll(scene);
      const isEmpty = async (): Promise<boolean> => (await containers(scene.socket, false)).length === 0;
      await waitFor('the engine to be empty', isEmpty, fillPatienceMs, scene.signal);
    },
  };
}

/** Seconds from the word to go to the start of the last one, by the engine's stamp. */
async function turn(scene: Scene, contender: Contender, count: number): Promise<number> {
  await pause(calmMs, scene.signal);
  const record = await recordLives(scene.socket);
  try {
    const beginMs = Date.now();
    await contender.begin();
    const isFull = (): boolean => record.runningCount() >= count;
    await waitFor(`${contender.name} to run ${count} containers`, isFull, fillPatienceMs, scene.signal);
    const starts = record.lives().map(({ startMs }) => startMs);
    return (Math.max(...starts) - beginMs) / 1000;
  } finally {
    record.close();
    if (!scene.signal.aborted) await contender.end();
  }
}

/** CPU and memory of a daemon with 200 pilots that never end. */
export async function measureCrowd(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const daemon = await startDaemon(scene, smallPilots('/bin/sleep 100000', manyPilots));
  scene.say(`crowd: waiting for ${manyPilots} pilots`);
  await waitForPilots(scene, daemon, manyPilots, fillPatienceMs);
  const watched = { name: 'crowd', warmUpMs: steadyAfterMs, minutes };
  const { ours, theirs } = await watchSteady(scene, daemon, watched);
  await daemon.stop();
  const resident = ours.map(({ end }) => end.residentBytes);
  const bareBytes = median(theirs.map(({ end }) => end.residentBytes));
  const barePercent = median(theirs.map(({ cpuPercent }) => cpuPercent)).toFixed(3);
  const notes = [
    `a bare Node waking each second: ${barePercent} %`,
    `resident ${mb(median(resident))} MB (${mb(Math.min(...resident))}–${mb(Math.max(...resident))}), a bare Node ${mb(bareBytes)} MB`,
  ];
  return [
    {
      what: `daemon CPU with ${manyPilots} steady pilots, ticking every second`,
      bar: { atMost: 0.2 },
      unit: ' %',
      decimals: 3,
      samples: ours.map(({ cpuPercent }) => cpuPercent),
      unmeasured: null,
      beside: notes.join('; '),
      original: '',
    },
  ];
}
