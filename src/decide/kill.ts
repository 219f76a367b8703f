import type { Action, ActionResult } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { freedBy } from './claims.ts';
import { rulesOf } from './kindPolicy.ts';
import { type Foresight, foresightOfTick, obtainable, paceText } from './foresight.ts';
import { memoryVictims, shortage } from './memoryRelief.ts';
import { bytesText, spanText } from './numbers.ts';
import { memoryReserve } from './room.ts';
import { isAlive, isInFlight } from './slots.ts';
import type { Leaving, Memory, Policy, Sample, Seen } from './types.ts';

/** The engine has this long beyond a grace to end those that it was asked to. */
const patienceMs = 2000;
/** A grace is waited for while more than this share of the owner's reserve can be had. */
const direShare = 0.5;
/** Who takes more than this share of it in a second after his notice makes no use of his grace that the owner should pay for. */
const growingShare = 0.01;
/** Notice is heard before this, whatever the need. */
const leastNoticeMs = 500;
/** After a kill that did not end a pilot the next try waits this long, and twice as long each time. */
const firstRetryMs = 10_000;
const longestRetryMs = 300_000;

/**
 * Takes note of how the ends went that we tried ourselves: who is over, though the engine may tell it only when it
 * answers again, and whom no kill ended.
 */
export function followKills(leaving: readonly Leaving[], { results, atMs }: Sample): readonly Leaving[] {
  const after = leaving.map((before) => {
    const one = before.sinceMs === undefined ? { ...before, sinceMs: atMs } : before;
    const tries = results.filter(({ action }) => isEnd(action) && action.name === one.pilot);
    if (tries.some(({ action, ok }) => ok && isOurs(action))) return { ...one, killed: true as const };
    const inVain = tries.filter((result) => !result.ok && isInVain(one, result)).length;
    if (inVain === 0) return one;
    return { ...one, failedKills: { times: (one.failedKills?.times ?? 0) + inVain, lastMs: atMs } };
  });
  return after.every((one, index) => one === leaving[index]) ? leaving : after;
}

type End = Extract<Action, { do: 'stop' | 'kill' }>;

function isEnd(action: Action): action is End {
  return action.do === 'kill' || action.do === 'stop';
}

/** Through the pilot's own cgroup, with no engine in the path. */
function isOurs(action: Action): boolean {
  return action.do === 'kill' || (action.do === 'stop' && action.byUs !== undefined);
}

/** A stop of ours that took too long has tried to kill; the engine's stop of what we cannot kill is one more such try. */
function isInVain({ failedKills }: Leaving, { action, fault }: ActionResult): boolean {
  if (action.do === 'kill' || failedKills !== undefined) return true;
  return isOurs(action) && fault === 'timeout';
}

/**
 * Whether it may be tried (again) to end this pilot. What a kill does not end waits for a disk, perhaps for ever, and each
 * try has all pilots weigh as much as the owner for some seconds: 10 s after the first, then 20, up to 5 min.
 */
export function mayEndAgain({ failedKills }: Leaving, nowMs: number): boolean {
  if (failedKills === undefined) return true;
  const waitMs = firstRetryMs * 2 ** Math.min(failedKills.times - 1, 16);
  return nowMs - failedKills.lastMs >= Math.min(longestRetryMs, waitMs);
}

/**
 * Memory relief that does not rest on the engine, nor on what pilots do with their grace. Of those that were asked to go
 * while memory is short these are ended through their own cgroup: who still runs 2 s after the grace (evicted for
 * memory's sake they end that way by themselves; these were asked for another reason, or by a daemon of before), and,
 * when less than half of the reserve can be had, or can in a second, as many as it takes, whatever is left of their grace: the kernel would
 * not wait for it either. Those that go on growing after their notice have none once the reserve is touched.
 */
export function kills(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
): readonly Action[] {
  if (!policy.means.ownKill || memory.leaving.length === 0) return [];
  const asked = new Map(memory.leaving.map((one) => [one.pilot, one]));
  const there = managed.filter((pilot) => isAlive(pilot) && asked.get(pilot.name)?.killed !== true);
  if (shortage(policy, seen, 0, there) === null) return [];
  const { sample } = seen;
  const noticeMs = (pilot: Pilot): number => sample.atMs - (asked.get(pilot.name)?.sinceMs ?? sample.atMs);
  const isOverdue = (pilot: Pilot): boolean => noticeMs(pilot) >= graceOf(policy, pilot) + patienceMs;

  const dying = there.filter((pilot) => isInFlight(sample, 'kill', pilot.name));
  const killable = there.filter((pilot) => {
    const one = asked.get(pilot.name);
    return one !== undefined && !dying.includes(pilot) && mayEndAgain(one, sample.atMs);
  });
  const overdue = killable.filter(isOverdue);
  const hasHeard = killable.filter((pilot) => !isOverdue(pilot) && noticeMs(pilot) >= leastNoticeMs);
  const ending = [...overdue, ...dying.filter((pilot) => asked.get(pilot.name)?.failedKills === undefined)];
  // What is taken until the next look is gone by then, by those who are ended now as little as by those who are not there.
  const ahead = foresightOfTick(
    policy,
    seen,
    there.filter((pilot) => !ending.includes(pilot)),
  );
  const inNeed = neededAtOnce(policy, seen, memory, hasHeard, ending, ahead);
  return [
    ...overdue.map((pilot) => killOf(pilot, overdueText(policy, pilot, noticeMs(pilot)))),
    ...inNeed.map((pilot) => killOf(pilot, direText(policy, seen, pilot, noticeMs(pilot), ahead))),
  ];
}

function graceOf(policy: Policy, pilot: Pilot): number {
  return rulesOf(policy, pilot).stopGraceMs;
}

function killOf({ id, name }: Pilot, text: string): Action {
  return { do: 'kill', id, name, why: { rule: 'memory', text } };
}

/** Those under notice whose grace the owner's memory cannot wait for, beside those that end anyway. */
function neededAtOnce(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  underNotice: readonly Pilot[],
  ending: readonly Pilot[],
  ahead: Foresight,
): readonly Pilot[] {
  if (!seen.memory.known) return [];
  const reserveBytes = memoryReserve(policy, seen);
  const availableBytes = obtainable(seen.memory.value) - ahead.takenBytes;
  const isDire = availableBytes < direShare * reserveBytes;
  if (availableBytes >= reserveBytes) return [];
  const goOn = (pilot: Pilot): boolean => ahead.by(pilot) >= growingShare * reserveBytes;
  const mayGo = isDire ? underNotice : underNotice.filter(goOn);
  const endingBytes = ending.reduce((sum, pilot) => sum + freedBy(policy, seen, pilot), 0);
  return memoryVictims(policy, seen, memory, mayGo, reserveBytes - availableBytes - endingBytes, ahead);
}

function overdueText(policy: Policy, pilot: Pilot, noticeMs: number): string {
  const grace = `${spanText(noticeMs)} after its notice (stop_grace ${spanText(graceOf(policy, pilot))})`;
  return `memory is short, and it still runs ${grace}: nothing ended it`;
}

function direText(policy: Policy, seen: Seen, pilot: Pilot, noticeMs: number, ahead: Foresight): string {
  const bytes = seen.memory.known ? obtainable(seen.memory.value) : 0;
  const has = `${bytesText(bytes)} of memory can be had`;
  const half = `less than half of the owner's reserve of ${bytesText(memoryReserve(policy, seen))}`;
  const left =
    ahead.takenBytes > 0 ? `${has} and ${paceText(ahead)}: in a second it is ${half}` : `${has}, ${half}`;
  return `${left}: ended ${spanText(noticeMs)} after its notice, without the rest of its grace (stop_grace ${spanText(graceOf(policy, pilot))})`;
}
