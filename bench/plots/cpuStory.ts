import { planctonGuest } from '../guests.ts';
import { median } from '../numbers.ts';
import { readNodeTime } from '../nodeTime.ts';
import { type Bursts, ownerBursts } from '../owners.ts';
import { readProcessUse } from '../processUse.ts';
import type { Scene } from '../scene.ts';
import { pause } from '../waits.ts';

/** One part of the story: for how long, and how the owner works in it; null: he rests. */
export interface Chapter {
  readonly name: string;
  readonly seconds: number;
  readonly owner: Bursts | null;
}

/** What the owner does while he is watched, from the moment in which pilots keep every CPU busy. */
export const cpuStory: readonly Chapter[] = [
  { name: 'owner rests', seconds: 30, owner: null },
  { name: 'works 5 s of 15 s', seconds: 90, owner: { onMs: 5000, offMs: 10_000 } },
  { name: 'rests', seconds: 60, owner: null },
  { name: 'owner works on every CPU', seconds: 180, owner: { onMs: 180_000, offMs: 0 } },
  { name: 'rests', seconds: 120, owner: null },
];

/** One second of it: CPUs by the kernel’s counters, and what the daemon told at its end. */
export type CpuLine = Readonly<Record<(typeof cpuNames)[number], number>>;

export const cpuNames = [
  'second',
  'ownerCpus',
  'pilotsCpus',
  'othersCpus',
  'idleCpus',
  'toldOwnerCpus',
  'toldPilotsCpus',
  'running',
  'paused',
] as const;

/** How many CPUs the node of a recording had. */
export function cpusIn(lines: readonly CpuLine[]): number {
  const cpus = lines.map((line) => line.ownerCpus + line.pilotsCpus + line.othersCpus + line.idleCpus);
  return Math.max(1, Math.round(median(cpus)));
}

/** Runs a daemon with default settings and a busy pilot for each CPU beside an owner who lives through the story. */
export async function recordCpuStory(scene: Scene): Promise<readonly CpuLine[]> {
  const plancton = planctonGuest(scene);
  await plancton.arrive();
  const beginMs = Date.now();
  const pids = startOwners(scene, beginMs);
  const look = (): Counters => ({
    atMs: performance.now(),
    ...readNodeTime(),
    pilotsMs: plancton.cpuMs(),
    ownerMs: pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0),
  });
  const lines: CpuLine[] = [];
  const seconds = cpuStory.reduce((sum, chapter) => sum + chapter.seconds, 0);
  for (let [before, second] = [look(), 1]; second <= seconds; second += 1) {
    await pause(Math.max(0, beginMs + second * 1000 - Date.now()), scene.signal);
    const now = look();
    const { node, pilots } = await plancton.daemon().status();
    const inState = (state: string): number => pilots.list.filter((one) => one.state === state).length;
    lines.push({
      second,
      ...between(before, now),
      toldOwnerCpus: node.ownerCpus ?? 0,
      toldPilotsCpus: node.pilotsCpus ?? 0,
      running: inState('running'),
      paused: inState('paused'),
    });
    before = now;
  }
  await plancton.leave();
  return lines;
}

/** Starts the owner's programs of all chapters; each waits for its own. Gives their processes. */
function startOwners(scene: Scene, beginMs: number): readonly number[] {
  let fromMs = beginMs;
  return cpuStory.flatMap(({ seconds, owner }) => {
    const [chapterMs, toMs] = [fromMs, fromMs + seconds * 1000];
    fromMs = toMs;
    if (owner === null) return [];
    const run = ownerBursts(owner, chapterMs, toMs, scene.signal);
    // An interrupted run is told by what waits beside it.
    run.cpuMs.catch(() => undefined);
    return [run.pid];
  });
}

interface Counters {
  readonly atMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly pilotsMs: number;
  readonly ownerMs: number;
}

/** CPUs in use between two looks; what is neither the owner's nor the pilots' is everybody else's. */
function between(
  a: Counters,
  b: Counters,
): Pick<CpuLine, 'ownerCpus' | 'pilotsCpus' | 'othersCpus' | 'idleCpus'> {
  const cpus = (of: (one: Counters) => number): number => Math.max(0, (of(b) - of(a)) / (b.atMs - a.atMs));
  const [ownerCpus, pilotsCpus, idleCpus] = [
    cpus(({ ownerMs }) => ownerMs),
    cpus(({ pilotsMs }) => pilotsMs),
    cpus(({ idleMs }) => idleMs),
  ];
  const busyCpus = cpus(({ totalMs, idleMs }) => totalMs - idleMs);
  return { ownerCpus, pilotsCpus, idleCpus, othersCpus: Math.max(0, busyCpus - ownerCpus - pilotsCpus) };
}

const lastMs = new Map<number, number>();

/** CPU time of a process; that of its last reading once it has ended. */
function cpuMsOf(pid: number): number {
  try {
    lastMs.set(pid, readProcessUse(pid).cpuMs);
  } catch {
    // It has had its chapter.
  }
  return lastMs.get(pid) ?? 0;
}
