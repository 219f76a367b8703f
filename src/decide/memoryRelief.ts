import type { CloserLook, MemoryLevels } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { freedBy } from './claims.ts';
import { type Foresight, foresight, mostForesight, obtainable, paceText } from './foresight.ts';
import { rulesOf } from './kindPolicy.ts';
import { bytesText } from './numbers.ts';
import { reservedOf } from './reserve.ts';
import { memoryReserve } from './room.ts';
import { isAlive } from './slots.ts';
import type { Leaving, Memory, Policy, Sample, Seen } from './types.ts';
import { forMemory } from './victims.ts';

/** Bytes that are missing for the owner's reserve, and why; null when none are. */
export interface Shortage {
  readonly missingBytes: number;
  readonly ahead: Foresight;
  readonly why: Reason;
}

/**
 * Whether memory is short: less is available than the owner's reserve, or will be before notice can free anything, at
 * the pace at which the owner and those who stay take more. What those on their way out will free is taken off.
 */
export function shortage(
  policy: Policy,
  seen: Seen,
  leavingBytes: number,
  staying: readonly Pilot[],
): Shortage | null {
  if (!policy.nodeIsEngines || !seen.memory.known) return null;
  const availableBytes = obtainable(seen.memory.value);
  const reserveBytes = memoryReserve(policy, seen);
  if (reserveBytes === 0) return null;
  const ahead = foresight(policy, seen, staying);
  const missingBytes = reserveBytes - (availableBytes - ahead.takenBytes) - leavingBytes;
  if (missingBytes <= 0) return null;
  const grows = availableBytes >= reserveBytes ? `, and ${paceText(ahead)}` : '';
  const text = `${bytesText(availableBytes)} of memory available, the owner's reserve is ${bytesText(reserveBytes)}${grows}`;
  return { missingBytes, ahead, why: { rule: 'memory', text } };
}

/** Memory is less than the reserve now: nothing that takes memory is given back meanwhile. */
export function isShort(policy: Policy, seen: Seen): boolean {
  if (!policy.nodeIsEngines || !seen.memory.known) return false;
  return obtainable(seen.memory.value) < memoryReserve(policy, seen);
}

/**
 * What the kernel calls available is within half a reserve of the reserve: it matters what CPUs keep at hand, and paused
 * pilots may give back.
 */
export function isTight(policy: Policy, seen: Seen): boolean {
  return seen.memory.known && areTight(policy, seen.memory.value);
}

function areTight(policy: Policy, { availableBytes, totalBytes }: MemoryLevels): boolean {
  return policy.nodeIsEngines && availableBytes < 1.5 * reservedOf(policy.reserve.memory, totalBytes);
}

/**
 * What is wanted of the next look for memory's sake. It may be tight for days, and looking is to cost the same for any
 * number of pilots: all of them are read in those instants only in which the levels of that very look may be a shortage,
 * so that who has to go is chosen by what each holds then. `before` is the look before it, null for the first.
 */
export function closerLookAfter(before: Moment | null): CloserLook | undefined {
  if (before === null) return undefined;
  const { policy, seen } = before;
  return {
    atHand: (levels) => areTight(policy, levels),
    allPilots(levels) {
      const reserveBytes = reservedOf(policy.reserve.memory, levels.totalBytes);
      if (!policy.nodeIsEngines || reserveBytes <= 0) return false;
      return obtainable(levels) - mostForesight(policy, seen) < reserveBytes;
    },
  };
}

/** A look at the node, and the rules that were in force. */
export interface Moment {
  readonly policy: Policy;
  readonly seen: Seen;
}

/** So long after its grace a pilot may hold its memory: 2 s until it is killed, and 5 s that a kill may take. */
const lateMs = 7000;

/**
 * What pilots on their way out will free. One that was killed through its cgroup has done so already. One that no kill
 * ends, or that is there still some seconds after its grace, may hold what it has for ever: it is not waited for.
 */
export function leavingBytes(
  policy: Policy,
  seen: Seen,
  managed: readonly Pilot[],
  leaving: readonly Leaving[],
): number {
  if (leaving.length === 0 && seen.sample.inFlight.length === 0) return 0;
  const asked = new Map(leaving.map((one) => [one.pilot, one]));
  return managed
    .filter((pilot) => isAlive(pilot) && isComing(policy, seen.sample, pilot, asked.get(pilot.name)))
    .reduce((sum, pilot) => sum + freedBy(policy, seen, pilot), 0);
}

/** Whether what this pilot holds will be free soon. */
function isComing(
  policy: Policy,
  { inFlight, atMs }: Sample,
  pilot: Pilot,
  asked: Leaving | undefined,
): boolean {
  if (asked?.killed === true || asked?.failedKills !== undefined) return false;
  const flight = inFlight.find(
    ({ action }) => (action.do === 'stop' || action.do === 'kill') && action.name === pilot.name,
  );
  const sinceMs = asked?.sinceMs ?? flight?.sinceMs;
  return sinceMs !== undefined && atMs - sinceMs < rulesOf(policy, pilot).stopGraceMs + lateMs;
}

/**
 * The pilots whose end frees what is missing, by what each really uses. Those whose end loses least are taken until it
 * is enough; then those that turn out not to be needed stay, from the one that would lose most.
 */
export function memoryVictims(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: readonly Pilot[],
  missingBytes: number,
  ahead: Pick<Foresight, 'by'>,
): readonly Pilot[] {
  const chosen: Pilot[] = [];
  let freedBytes = 0;
  // What it holds, and what it would take more.
  const sparedBy = (pilot: Pilot): number => freedBy(policy, seen, pilot) + ahead.by(pilot);
  for (const pilot of forMemory(policy, seen, memory, staying)) {
    if (freedBytes >= missingBytes) break;
    chosen.push(pilot);
    freedBytes += sparedBy(pilot);
  }
  for (const pilot of chosen.toReversed()) {
    const bytes = sparedBy(pilot);
    if (freedBytes - bytes < missingBytes) continue;
    freedBytes -= bytes;
    chosen.splice(chosen.indexOf(pilot), 1);
  }
  return chosen;
}
