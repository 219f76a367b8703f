import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { bareCrew } from './bareCrew.ts';
import type { Contender } from './contenders.ts';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { containers, inspect } from './engine.ts';
import { recordLives } from './lives.ts';
import { smallPilots, startsAtOnce } from './many.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import type { Life } from './slots.ts';
import { pause, waitFor } from './waits.ts';

const pilots = 100;
/** The time after their end in which it is looked at how much of the slots is filled. */
const windowMs = 60_000;
const fillPatienceMs = 600_000;
/** Each pilot is to have come as far as its gate. */
const settleMs = 15_000;
/** Opening a FIFO waits until somebody writes into it: whoever waits then goes on, all at the same instant, and ends. */
const untilReleased = ': < /gate/fifo';

/** What one burst came to. */
interface Burst {
  /** Share of the slots' time that was filled in the window after the instant. */
  readonly filled: number;
  /** From the instant until all slots had their next one, milliseconds. */
  readonly replacedMs: number;
  readonly endedIds: readonly string[];
}

/**
 * A hundred pilots that end at the same instant: what of the slots' time is filled in the minute after it, over the same
 * for a bare client with as many starts under way, in turn; and whether each that ended has one line in the journal.
 */
export async function measureBurst(scene: Scene, pairs: number): Promise<readonly Row[]> {
  const gate = makeGate(scene);
  const daemon = await startDaemon(scene, {
    ...smallPilots('', pilots),
    docker_cmd: ['/bin/sh', '-c', untilReleased],
    binds: [`${gate.folder}:/gate:rw`],
  });
  await waitForPilots(scene, daemon, 1);
  const [first = ''] = await containers(scene.socket, true);
  const pilot = await inspect(scene.socket, first);
  const plancton = serving(scene, daemon, gate);
  await plancton.end();
  const bare = bareCrew(scene, pilot, { slots: pilots, atOnce: startsAtOnce, refills: true });
  const [ours, theirs]: [Burst[], Burst[]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    ours.push(await turn(scene, plancton, gate));
    theirs.push(await turn(scene, bare, gate));
    const [a, b] = [ours, theirs].map((all) => (all.at(-1)?.filled ?? 0).toFixed(3));
    scene.say(`burst, pair ${pair + 1}: Plancton ${a}, bare API client ${b}`);
  }
  const recorded = ours.map(({ endedIds }) => recordedOnce(daemon.journal(), endedIds));
  await daemon.stop();
  return rowsOf(ours, theirs, recorded);
}

/** What pilots wait at. */
interface Gate {
  readonly folder: string;
  /** Ends whoever waits. */
  release(): void;
}

function makeGate(scene: Scene): Gate {
  const folder = join(scene.folder, 'gate');
  mkdirSync(folder);
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  // To be opened for reading too, so that it does not wait here when nobody is at the gate.
  return { folder, release: () => closeSync(openSync(fifo, 'r+')) };
}

/** The daemon takes its turns by `resume` and `drain`; its pilots end by themselves. */
function serving(scene: Scene, daemon: Daemon, gate: Gate): Contender {
  return {
    name: 'Plancton',
    begin: () => daemon.command('resume'),
    async end() {
      await daemon.command('drain');
      const isEmpty = async (): Promise<boolean> => {
        gate.release();
        return (await containers(scene.socket, false)).length === 0;
      };
      await waitFor('the engine to be empty', isEmpty, fillPatienceMs, scene.signal);
    },
  };
}

/** One turn: the slots are filled, all pilots end at an instant, and the time after it is watched. */
async function turn(scene: Scene, contender: Contender, gate: Gate): Promise<Burst> {
  const record = await recordLives(scene.socket);
  try {
    await contender.begin();
    const isFull = (): boolean => record.runningCount() >= pilots;
    await waitFor(`${contender.name} to run ${pilots} containers`, isFull, fillPatienceMs, scene.signal);
    await pause(settleMs, scene.signal);
    const instantMs = Date.now();
    gate.release();
    await pause(windowMs, scene.signal);
    return burstOf(record.lives(), instantMs, record.endedIds(instantMs));
  } finally {
    record.close();
    if (!scene.signal.aborted) await contender.end();
  }
}

/** What a burst came to by the lives of containers around it. Throws where fewer ended than there were, or some were not replaced. */
export function burstOf(lives: readonly Life[], instantMs: number, endedIds: readonly string[]): Burst {
  const untilMs = instantMs + windowMs;
  if (endedIds.length < pilots)
    throw new Error(`${endedIds.length} of ${pilots} pilots ended at the instant`);
  const after = lives
    .filter(({ startMs }) => startMs >= instantMs)
    .map(({ startMs }) => startMs)
    .toSorted((a, b) => a - b);
  const lastMs = after[pilots - 1];
  if (lastMs === undefined || lastMs > untilMs)
    throw new Error(`${after.length} of ${pilots} slots were filled within ${windowMs / 1000} s of the end`);
  const filledMs = lives.reduce((sum, { startMs, endMs }) => {
    const [fromMs, toMs] = [Math.max(startMs, instantMs), Math.min(endMs ?? untilMs, untilMs)];
    return sum + Math.max(0, toMs - fromMs);
  }, 0);
  return { filled: filledMs / (pilots * windowMs), replacedMs: lastMs - instantMs, endedIds };
}

/** The share of these containers that have one line in the journal, no more and no less. */
export function recordedOnce(journal: readonly string[], ids: readonly string[]): number {
  const lines = new Map<string, number>();
  for (const line of journal) {
    const { id } = JSON.parse(line) as { readonly id: string };
    lines.set(id, (lines.get(id) ?? 0) + 1);
  }
  return ids.filter((id) => lines.get(id) === 1).length / ids.length;
}

function rowsOf(
  ours: readonly Burst[],
  theirs: readonly Burst[],
  recorded: readonly number[],
): readonly Row[] {
  const told = (bursts: readonly Burst[]): string => {
    const filled = median(bursts.map((burst) => burst.filled)).toFixed(3);
    return `${filled}, the last slot after ${(median(bursts.map((burst) => burst.replacedMs)) / 1000).toFixed(1)} s`;
  };
  const common = { unmeasured: null, unit: '', decimals: 3 };
  return [
    {
      ...common,
      what: `${pilots} pilots that end at the same instant: slot time filled in the ${windowMs / 1000} s after it, over the same for a bare API client`,
      bar: { atLeast: 0.95 },
      samples: ours.map(({ filled }, index) => filled / (theirs[index]?.filled ?? Number.NaN)),
      beside: `filled: Plancton ${told(ours)}; bare client ${told(theirs)}; ${startsAtOnce} starts under way each`,
      original: '4 in each 30 s',
    },
    {
      ...common,
      what: 'the same: pilots with one line in the journal, of those that ended',
      bar: { atLeast: 1 },
      samples: recorded,
      beside: `${ours.reduce((sum, { endedIds }) => sum + endedIds.length, 0)} ended`,
      original: 'keeps none',
    },
  ];
}
