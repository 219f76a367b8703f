import { known, type Reading, unknown } from '../model/reading.ts';
import { cpusText } from './numbers.ts';
import { isOwnWork } from './ownWork.ts';
import type { Signal } from './senses.ts';
import type { Policy, Seen } from './types.ts';

/*
 * Where pilots are the owner's equals for the kernel, a full node is a disturbance by itself: of the tasks that want a
 * CPU some wait, and nothing sees to it that they are not his.
 */

/** An owner who uses less than this is disturbed by nobody, and with so much idle there is room; in CPUs. */
const activeCpus = 0.5;
/** On a large node its own services use more than that: this share of its CPUs. */
const activeShare = 0.02;
/** More than this share of the CPUs in use is full. */
const fullShare = 0.95;

/** An owner who uses less than so many CPUs does nothing that pilots could hold up. */
function leastActive(cpuCount: number): number {
  return Math.max(activeCpus, activeShare * cpuCount);
}

/** Tasks that want a CPU now; whoever reads the count runs, too. */
function wantingOf(runnable: number): number {
  return Math.max(0, runnable - 1);
}

/** Whether more tasks want a CPU than there are, and not those of the pilots alone. */
function isCrowded(seen: Seen, runnable: number, pilotsCpus: number): boolean {
  const { host, engine } = seen.sample;
  const running = engine.pilots.filter((pilot) => pilot.managed && pilot.state === 'running');
  const pilots = Math.max(running.length, Math.ceil(pilotsCpus));
  const wanting = wantingOf(runnable);
  return wanting > host.cpuCount && wanting > pilots;
}

/** Whether the node is full now and the owner active, by the mean of what he used in the last seconds. */
export function crowdSignal({ means }: Policy, seen: Seen): Signal {
  if (means.cpuClass !== 'normal') return { is: 'off' };
  const { cpuCount, runnable } = seen.sample.host;
  const { ownerCpus, pilotsCpus, ownerIsExact } = seen;
  if (!ownerCpus.known || !pilotsCpus.known || !runnable.known || !ownerIsExact) return { is: 'off' };
  const idleCpus = cpuCount - ownerCpus.value - pilotsCpus.value;
  const text = `${wantingOf(runnable.value)} tasks want ${cpuCount} CPUs, the owner, for whom pilots are equals here, has ${cpusText(ownerCpus.value)}`;
  const leastCpus = leastActive(cpuCount);
  if (ownerCpus.value < leastCpus || idleCpus >= leastCpus) return { is: 'under', text };
  const isFull = idleCpus <= (1 - fullShare) * cpuCount && isCrowded(seen, runnable.value, pilotsCpus.value);
  return { is: isFull ? 'over' : 'between', text };
}

/**
 * Share of the time between the last two looks in which an active owner was crowded out. How many tasks want a CPU the
 * kernel tells at an instant only, so it is as true as the two instants at its ends are; the mean over many looks is
 * the share of time in which his tasks had to wait, in waves that are shorter than any look, too.
 */
export function crowdedShare(seen: Seen): Reading<number> {
  const { cpuCount, runnable } = seen.sample.host;
  const { ownerCpusNow, pilotsCpus, ownerIsExact, runnableBefore } = seen;
  if (!ownerCpusNow.known) return ownerCpusNow;
  if (!pilotsCpus.known) return pilotsCpus;
  if (!ownerIsExact) return unknown('pilots cannot be told apart from the owner');
  if (isOwnWork(seen.ownWork, seen.sample.atMs)) return unknown('the engine works for us');
  if (!runnable.known) return runnable;
  if (!runnableBefore.known) return runnableBefore;
  if (ownerCpusNow.value < leastActive(cpuCount)) return known(0);
  const ends = [runnableBefore.value, runnable.value];
  return known(ends.filter((count) => isCrowded(seen, count, pilotsCpus.value)).length / ends.length);
}
