import type { OwnerSigns } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reading } from '../model/reading.ts';
import { censusOf } from './census.ts';
import { rulesOf } from './kindPolicy.ts';
import { obtainable } from './foresight.ts';
import { ttlOf } from './outcome.ts';
import { reservedOf } from './reserve.ts';
import type { Decision, OwnerPressure, Policy, Sample, Seen } from './types.ts';

/** Looks come each second, give or take: the fifth of them is decided on, whatever it shows. */
const longestRestMs = 4500;
/** Slots that are refilled by the minute, containers made ahead of time and young pilots' claims want every tick. */
const settledMs = 60_000;

/** What was decided, by which rules and on which look. */
export interface Decided {
  readonly policy: Policy;
  readonly seen: Seen;
  readonly decision: Decision;
}

/**
 * Gives what tells, of each look after a decision, whether it may be left at that. Then the same would be decided anew,
 * which is nothing: every slot has a pilot of more than a minute, none of them is on its way out or has had anything
 * taken from it, the owner is not disturbed, and the look shows the same as the one before, as far as any rule could
 * care. All that may come of it is that what is to be done by the clock alone (a pull, say) comes some seconds late.
 */
export function restingAfter(decided: Decided): (now: Seen) => boolean {
  const { policy, seen: before } = decided;
  let rest: Rest | null | undefined;
  return (now) => {
    if (!hasNothingMoved(policy, before, now)) return false;
    if (rest === undefined) rest = restAfter(decided);
    return rest !== null && now.sample.atMs < rest.untilMs && isQuiet(now.sample, rest.logRateBytes);
  };
}

/** Until when there is nothing to decide while nothing moves, and how fast pilots may write their logs until then. */
interface Rest {
  readonly untilMs: number;
  readonly logRateBytes: number;
}

/** Null where there is something to do but to wait. */
function restAfter({ policy, seen, decision }: Decided): Rest | null {
  const { sample } = seen;
  const { alive } = censusOf(sample.engine.pilots);
  if (!isSettled(decision, policy) || !alive.every((pilot) => isOld(pilot, sample.atMs))) return null;
  const { cpu } = decision.memory;
  const judgedMs = cpu === null ? sample.atMs : cpu.sinceMs + policy.loopMs;
  return {
    untilMs: Math.min(sample.atMs + longestRestMs, judgedMs, ...alive.map((pilot) => endOf(policy, pilot))),
    logRateBytes: Math.min(
      ...policy.kinds.map((kind) => kind.logRateBytes),
      ...alive.map((pilot) => rulesOf(policy, pilot).logRateBytes),
    ),
  };
}

function isSettled(decision: Decision, { kinds }: Policy): boolean {
  const { actions, withheld, refusals, clear, memory } = decision;
  const nothingToDo = actions.length + withheld.length + clear.length === 0;
  const nobodyHeld = memory.held.length + memory.leaving.length + memory.renewals.length === 0;
  const isFull =
    refusals.every(({ rule }) => rule === 'limit') && memory.slots.every(({ pilot }) => pilot !== null);
  const isCalm = Object.values(memory.senses).every(({ overSinceMs }) => overSinceMs === null);
  // A clock of a kind's own closes it at any second.
  const isTimeless = kinds.every((kind) => kind.open && kind.closesInMs === Number.POSITIVE_INFINITY);
  return nothingToDo && nobodyHeld && isFull && isCalm && isTimeless;
}

function isOld({ startedAtMs }: Pilot, nowMs: number): boolean {
  return startedAtMs.known && nowMs - startedAtMs.value >= settledMs;
}

/** When it has had its time, in `Clock.nowMs` terms. */
function endOf(policy: Policy, pilot: Pilot): number {
  const { startedAtMs, name } = pilot;
  return startedAtMs.known
    ? startedAtMs.value + ttlOf(rulesOf(policy, pilot), name)
    : Number.NEGATIVE_INFINITY;
}

function hasNothingMoved(policy: Policy, before: Seen, now: Seen): boolean {
  return (
    isSameEngine(before.sample, now.sample) &&
    nobodyAsks(now.sample) &&
    haveSameCpus(before, now) &&
    hasSameMemory(policy, before, now) &&
    isAtEase(policy, now.ownerPressure)
  );
}

function isSameEngine({ engine: before, activities, host }: Sample, now: Sample): boolean {
  const { engine } = now;
  return (
    engine.pilots === before.pilots &&
    engine.state === before.state &&
    engine.listed === before.listed &&
    engine.info === before.info &&
    engine.images === before.images &&
    now.activities === activities &&
    now.host.cpuCount === host.cpuCount
  );
}

function nobodyAsks({ control, terminating, leavesEngine, inFlight, results, host }: Sample): boolean {
  const isAsked = control.drain || control.stop || control.forceStop || control.renew.length > 0;
  return (
    !isAsked && !terminating && !leavesEngine && inFlight.length + results.length === 0 && areOff(host.signs)
  );
}

function areOff({ userIdleMs, onBattery, programs, temperatureC, window }: OwnerSigns): boolean {
  return (
    userIdleMs === null && onBattery === null && programs === null && temperatureC === null && window === null
  );
}

function isQuiet({ logRates }: Sample, mostBytes: number): boolean {
  return logRates.size === 0 || Math.max(...logRates.values()) <= mostBytes;
}

/** CPUs may move by a tenth of one, on a big node by 3 % of all. */
function haveSameCpus(before: Seen, now: Seen): boolean {
  const most = Math.max(0.1, 0.03 * now.sample.host.cpuCount);
  return isWithin(before.ownerCpus, now.ownerCpus, most) && isWithin(before.pilotsCpus, now.pilotsCpus, most);
}

function isWithin(before: Reading<number>, now: Reading<number>, most: number): boolean {
  return before.known && now.known && Math.abs(now.value - before.value) <= most;
}

/**
 * Memory may move by a sixteenth of what lies between it and one and a half reserves. What grows by no more than that in
 * a second leaves the reserve alone for longer than memory relief looks ahead (`foresight`).
 */
function hasSameMemory(policy: Policy, before: Seen, now: Seen): boolean {
  if (!before.memory.known || !now.memory.known) return false;
  const [was, is] = [before.memory.value, now.memory.value];
  const slackBytes = obtainable(is) - 1.5 * reservedOf(policy.reserve.memory, is.totalBytes);
  return slackBytes > 0 && Math.abs(obtainable(is) - obtainable(was)) <= slackBytes / 16;
}

/** Below half of what rules act on: of `owner_slowdown` for CPUs, of 10 % for memory, of 40 % for storage. */
function isAtEase({ ownerSlowdown }: Policy, { cpu, memory, memoryFull, io }: OwnerPressure): boolean {
  return (
    isBelow(cpu, ownerSlowdown / 2) && isBelow(memory, 0.05) && isBelow(memoryFull, 0.05) && isBelow(io, 0.2)
  );
}

/** Where it cannot be told, nothing is acted on for its sake. */
function isBelow(share: Reading<number>, most: number): boolean {
  return !share.known || share.value <= most;
}
