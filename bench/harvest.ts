import { availableParallelism } from 'node:os';
import { planctonGuest } from './guests.ts';
import { recordLives } from './lives.ts';
import { readNodeTime } from './nodeTime.ts';
import { ownerBursts } from './owners.ts';
import { readProcessUse } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

/** Busy for a third of the time, in bursts long enough for the daemon to see and short enough to make it dither. */
const bursts = { onMs: 5000, offMs: 10_000 };

/** What was made of the node's time in a window, milliseconds of CPU time. */
export interface Harvest {
  readonly pilotsMs: number;
  /** Left over: nobody's. */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly ownerMs: number;
  readonly daemonMs: number;
}

/**
 * The share of what was idle that pilots had: their CPU time over that which neither the owner nor anybody else used,
 * which is theirs and what was left over. Throws when there was none.
 */
export function harvestedShare({ pilotsMs, idleMs }: Pick<Harvest, 'pilotsMs' | 'idleMs'>): number {
  const thereMs = pilotsMs + idleMs;
  if (thereMs <= 0) throw new RangeError('no CPU time was left for pilots: the machine was busy throughout');
  return pilotsMs / thereMs;
}

/** How much of what a bursting owner leaves over some minutes becomes pilots' CPU time. */
export async function measureHarvest(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const plancton = planctonGuest(scene);
  await plancton.arrive();
  const record = await recordLives(scene.socket);
  scene.say(
    `harvest: an owner ${bursts.onMs / 1000} s busy, ${bursts.offMs / 1000} s at rest, for ${minutes} min`,
  );
  const cpuMs = (): number => readProcessUse(plancton.daemon().pid).cpuMs;
  const [node, pilotsMs, daemonMs] = [readNodeTime(), plancton.cpuMs(), cpuMs()];
  const beginMs = Date.now();
  const ownerMs = await ownerBursts(bursts, beginMs, beginMs + minutes * 60_000, scene.signal).cpuMs;
  const after = readNodeTime();
  const harvest: Harvest = {
    pilotsMs: plancton.cpuMs() - pilotsMs,
    idleMs: after.idleMs - node.idleMs,
    totalMs: after.totalMs - node.totalMs,
    ownerMs,
    daemonMs: cpuMs() - daemonMs,
  };
  const cutShort = record.cutShortCount();
  record.close();
  await plancton.leave();
  return [rowOf(harvest, cutShort, minutes)];
}

function rowOf(harvest: Harvest, cutShort: number, minutes: number): Row {
  const { pilotsMs, idleMs, totalMs, ownerMs, daemonMs } = harvest;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const othersMs = totalMs - pilotsMs - idleMs - ownerMs;
  const notes = [
    `CPU-seconds: node ${seconds(totalMs)}, owner ${seconds(ownerMs)}, pilots ${seconds(pilotsMs)}, left idle ${seconds(idleMs)}, everything else ${seconds(othersMs)} (the daemon ${seconds(daemonMs)} of it)`,
    ...(cutShort > 0 ? [`${cutShort} pilots were ended for the owner’s sake`] : []),
  ];
  return {
    what: `idle CPU turned into pilots’ CPU time, max_docks: ncpus (${availableParallelism()}), owner ${bursts.onMs / 1000} s on and ${bursts.offMs / 1000} s off for ${minutes} min`,
    bar: { atLeast: 0.95 },
    unit: '',
    decimals: 3,
    samples: [harvestedShare(harvest)],
    unmeasured: null,
    beside: notes.join('; '),
    original: '',
  };
}
