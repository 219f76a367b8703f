import { bareClientContender, type Contender, readyDaemon } from './contenders.ts';
import { followLives, inspect } from './engine.ts';
import { median, stampMs } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { gapsMs, type Life } from './slots.ts';
import { waitFor } from './waits.ts';

const pilotSeconds = 1;
const perTurn = 8;
const turnPatienceMs = 300_000;

/** The time from a pilot's end to the next one's start, over the same for a bare client of the API, in turn. */
export async function measureGap(scene: Scene, pairs: number): Promise<readonly Row[]> {
  const keys = { docker_cmd: `/bin/sleep ${pilotSeconds}`, cpus_per_dock: 0.5, max_dock_mem: '64MiB' };
  const { daemon, contender, pilot } = await readyDaemon(scene, keys, 1);
  const bare = bareClientContender(scene, pilot);
  const [ours, theirs]: [number[][], number[][]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    ours.push(await turn(scene, contender));
    theirs.push(await turn(scene, bare));
    const [a, b] = [median(ours.at(-1) ?? []), median(theirs.at(-1) ?? [])];
    scene.say(`gap, pair ${pair + 1}: Plancton ${a.toFixed(0)} ms, bare API client ${b.toFixed(0)} ms`);
  }
  await daemon.stop();
  return [
    {
      what: 'from a pilot’s FinishedAt to the next one’s StartedAt, over the same for a bare API client (die event, create, start)',
      bar: { atMost: 1.15 },
      unit: '',
      decimals: 3,
      samples: ours.map((gaps, index) => median(gaps) / median(theirs[index] ?? [])),
      unmeasured: null,
      beside: `${spread(ours.flat())} Plancton, ${spread(theirs.flat())} bare client; in turn, ${perTurn} pilots of ${pilotSeconds} s each, one slot`,
      original: '30 to 90 s',
    },
  ];
}

function spread(gaps: readonly number[]): string {
  return `${median(gaps).toFixed(0)} ms (${Math.min(...gaps).toFixed(0)}–${Math.max(...gaps).toFixed(0)})`;
}

/** One turn: some containers one after the other, each read as it ends, before it is removed. */
async function turn(scene: Scene, contender: Contender): Promise<number[]> {
  const lives: Life[] = [];
  const faults: Error[] = [];
  const read = async (id: string): Promise<void> => {
    const { State } = await inspect(scene.socket, id);
    const [startMs, endMs] = [stampMs(State.StartedAt), stampMs(State.FinishedAt)];
    if (startMs === null || endMs === null) throw new Error(`container ${id} has ended without its stamps`);
    lives.push({ startMs, endMs });
  };
  const keep = (error: Error): void => void faults.push(error);
  const stream = await followLives(
    scene.socket,
    ({ what, id }) => {
      if (what === 'die') void read(id).catch(keep);
    },
    keep,
  );
  try {
    await contender.begin();
    const enough = (): boolean => lives.length > perTurn || faults.length > 0;
    await waitFor(`${contender.name} to run ${perTurn} pilots`, enough, turnPatienceMs, scene.signal);
  } finally {
    if (!scene.signal.aborted) await contender.end();
    stream.close();
  }
  // One that was removed before it was read would join two gaps into one.
  if (faults[0] !== undefined) throw faults[0];
  return [...gapsMs(lives)];
}
