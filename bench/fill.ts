import { loadMachine } from './load.ts';
import { type Contender, readyDaemon, shellLoopContender } from './contenders.ts';
import { recordLives } from './lives.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { filledShare, slotTime } from './slots.ts';
import { pause, waitFor } from './waits.ts';

const slotCount = 2;
const pilotSeconds = 5;
/** The daemon gives way to its owner after `grace_kill`: a window with load stays well below its default. */
const longestWindowS = 90;
const firstStartsMs = 300_000;

const underLoad =
  'one busy process per CPU once the slots are filled; shorter than grace_kill (120 s), after which pilots give way by policy';

/** How long, and how often. */
export interface FillOptions {
  readonly pairs: number;
  readonly windowSeconds: number;
}

/** Share of slot time filled by the daemon over that of `docker run --rm` loops, in turn; quiet, then loaded. */
export async function measureFill(scene: Scene, options: FillOptions): Promise<readonly Row[]> {
  const windowMs = Math.min(options.windowSeconds, longestWindowS) * 1000;
  const keys = { docker_cmd: `/bin/sleep ${pilotSeconds}`, cpus_per_dock: 0.5, max_dock_mem: '64MiB' };
  const { daemon, contender, pilot } = await readyDaemon(scene, keys, slotCount);
  const loops = shellLoopContender(scene, slotCount, pilot);
  const rows: Row[] = [];
  for (const loaded of [false, true]) {
    const [ours, theirs]: [Turn[], Turn[]] = [[], []];
    for (let pair = 0; pair < options.pairs; pair += 1) {
      ours.push(await turn(scene, contender, windowMs, loaded));
      theirs.push(await turn(scene, loops, windowMs, loaded));
      const [a, b] = [ours, theirs].map((turns) => (turns.at(-1)?.share ?? 0).toFixed(4));
      scene.say(
        `fill, ${loaded ? 'loaded' : 'quiet'}, pair ${pair + 1}: Plancton ${a}, docker run --rm ${b}`,
      );
    }
    rows.push(rowOf(ours, theirs, loaded, windowMs));
  }
  await daemon.stop();
  return rows;
}

/** What one turn gave: the share of slot time filled, and how many pilots were ended for the owner's sake. */
interface Turn {
  readonly share: number;
  readonly cutShort: number;
}

/** One turn: the slots fill, the load begins where it is asked for, and the window is watched. */
async function turn(scene: Scene, contender: Contender, windowMs: number, loaded: boolean): Promise<Turn> {
  const record = await recordLives(scene.socket);
  let endLoad: () => void = () => undefined;
  try {
    await contender.begin();
    await waitFor(
      `${contender.name} to fill its slots`,
      () => record.runningCount() >= slotCount,
      firstStartsMs,
      scene.signal,
    );
    const fromMs = Date.now();
    if (loaded) endLoad = loadMachine(windowMs + firstStartsMs);
    await pause(windowMs, scene.signal);
    // The engine's clock is this machine's.
    const time = slotTime(record.lives(), slotCount, fromMs, Date.now());
    return { share: filledShare(time), cutShort: record.cutShortCount() };
  } finally {
    endLoad();
    record.close();
    if (!scene.signal.aborted) await contender.end();
  }
}

function rowOf(ours: readonly Turn[], theirs: readonly Turn[], loaded: boolean, windowMs: number): Row {
  const middle = (turns: readonly Turn[]): string => median(turns.map(({ share }) => share)).toFixed(3);
  const cutShort = ours.reduce((sum, turn) => sum + turn.cutShort, 0);
  const notes = [
    `filled: Plancton ${middle(ours)}, two docker run --rm loops ${middle(theirs)}; in turn, ${windowMs / 1000} s each`,
    ...(loaded ? [underLoad] : []),
    // Only a machine that is short for long, by other programs than ours, brings it to this.
    ...(cutShort > 0
      ? [`${cutShort} pilots were ended for the owner: the machine was busy with other things`]
      : []),
  ];
  return {
    what: `slot time filled, ${pilotSeconds}-second pilots, ${slotCount} slots, over the same for docker run --rm loops; ${loaded ? 'machine loaded' : 'machine quiet'}`,
    bar: { atLeast: 1 },
    unit: '',
    decimals: 3,
    samples: ours.map(({ share }, index) => share / (theirs[index]?.share ?? Number.NaN)),
    unmeasured: null,
    beside: notes.join('; '),
    original: loaded ? '0.37 tuned to 1-s loops' : '0.045 by default, 0.93 tuned to 1-s loops',
  };
}
