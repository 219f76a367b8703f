import type { Pilot, PilotEnd } from '../model/pilot.ts';
import type { PilotRules } from '../model/pilotRules.ts';
import { censusOf } from './census.ts';
import { isHasty, withHasty } from './hasty.ts';
import { backedOff, endsBackOff } from './kindBackOff.ts';
import { type KindMemories, type KindMemory, memoryOfKind, withKind } from './kindMemory.ts';
import { findKind, type KindPolicy, rulesOf } from './kindPolicy.ts';
import { withLives } from './lives.ts';
import { atOnceMs, failedAtOnce, isFruitless, outcomeOf } from './outcome.ts';
import { chargeKinds } from './shares.ts';
import { startFailed } from './slots.ts';
import type { Memory, Policy, Sample, Slot } from './types.ts';

/** What is remembered of a kind that is not in the file any more goes after this time. */
const forgottenMs = 10 * 3_600_000;

/** A slot whose pilot has left it, and what the engine says of that pilot. */
interface Left {
  readonly slot: Slot;
  readonly pilot: Pilot | null;
}

/** The slots whose pilots are in none any more. */
function slotsLeft(before: readonly Slot[], after: readonly Slot[]): readonly Slot[] {
  if (before === after) return [];
  const there = new Set(after.map(({ pilot }) => pilot));
  return before.filter(({ pilot }) => pilot !== null && !there.has(pilot));
}

/**
 * What is remembered of kinds after the engine's word was taken: what the pilots had that left their slots, how long they
 * lived, whether they found work. A pilot leaves its slot as it ends, so each counts once. Evicted ones have left theirs
 * before, and what ends because it was asked to says nothing of work. The same object where nothing changes.
 */
export function followKinds(
  policy: Policy,
  before: Memory,
  slots: readonly Slot[],
  sample: Sample,
): KindMemories {
  const pilots = censusOf(sample.engine.pilots).byName;
  const left = slotsLeft(before.slots, slots).map((slot) => {
    const pilot = pilots.get(slot.pilot ?? '') ?? null;
    return { slot: kindTold(slot, pilot), pilot };
  });
  const charged = chargeKinds(
    policy,
    before.kinds,
    left.map(({ slot, pilot }) => ({ slot, livedMs: livedMsOf(pilot) })),
    sample.atMs,
  );
  const asked = new Set(before.leaving.map(({ pilot }) => pilot));
  const fared = policy.kinds.reduce(
    (all, kind) => withKind(all, kind.name, faredOf(policy, kind, all, left, asked, sample)),
    charged,
  );
  return withoutForgotten(policy, fared, slots, sample.atMs);
}

function kindTold(slot: Slot, pilot: Pilot | null): Slot {
  const kind = slot.kind ?? pilot?.kind ?? null;
  return kind === null || slot.kind === kind ? slot : { ...slot, kind };
}

/** What never ran had nothing; of what is gone nothing is known. */
function livedMsOf(pilot: Pilot | null): number | null {
  if (pilot === null) return null;
  return pilot.end?.livedMs ?? 0;
}

/** How this kind fared by the ends of its pilots and by those that live. */
function faredOf(
  policy: Policy,
  kind: KindPolicy,
  kinds: KindMemories,
  left: readonly Left[],
  asked: ReadonlySet<string>,
  sample: Sample,
): KindMemory {
  const own = memoryOfKind(kinds, kind.name);
  const mine = left.filter(({ slot }) => slot.kind === kind.name);
  const ended = mine.filter(({ pilot }) => pilot?.state === 'ended');
  // A slot of one kind alone waits by itself; with others, its next try is another kind's.
  const inert = policy.kinds.length > 1 ? mine.filter((one) => neverRan(one, sample)) : [];
  const works = own.backOff !== null && isAtWork(kind, own.backOff, sample);
  if (ended.length === 0 && inert.length === 0 && !works) return own;
  const lives: number[] = [];
  let { backOff } = own;
  let hasty = inert.length;
  let hasSucceeded = works;
  for (const { slot, pilot } of ended) {
    if (pilot === null || pilot.end === null) continue;
    if (isHasty(pilot)) hasty += 1;
    const isAsked = asked.has(pilot.name);
    const rules = rulesOf({ kinds: [kind] }, pilot);
    const atOnce = failedAtOnce(rules, pilot);
    const isInVain = !isAsked && isFruitless(rules, pilot.end);
    // What fails within a second is its slot's, in a kind that has no `fizzle`.
    const hasFailed = outcomeOf(rules, pilot.end) === 'failed';
    if (isInVain && !atOnce)
      backOff = backedOff(kind, backOff, { slot, hasFailed }, policy.seed, sample.atMs);
    else if (!isInVain && !atOnce && pilot.end.engineRestart !== true) lives.push(pilot.end.livedMs);
    if (!isAsked && own.backOff !== null && isSuccess(rules, own.backOff, pilot.end, sample.atMs))
      hasSucceeded = true;
  }
  return {
    ...own,
    backOff: hasSucceeded ? null : backOff,
    hasty: withHasty(policy, own, hasty, sample.atMs),
    lives: withLives(own.lives, lives),
  };
}

/** Whether a slot was left by a pilot that could not be started. */
function neverRan({ slot, pilot }: Left, sample: Sample): boolean {
  return pilot === null ? startFailed(sample, slot.pilot ?? '') : pilot.state === 'created';
}

/** A pilot that was done with its work, and showed only after its kind began to wait that there was some. */
function isSuccess(
  rules: PilotRules,
  backOff: NonNullable<KindMemory['backOff']>,
  end: PilotEnd,
  nowMs: number,
): boolean {
  const proofMs = nowMs - end.livedMs + Math.min(end.livedMs, Math.max(rules.fizzleMs, atOnceMs));
  return outcomeOf(rules, end) === 'finished' && proofMs > backOff.sinceMs;
}

function isAtWork(kind: KindPolicy, backOff: NonNullable<KindMemory['backOff']>, sample: Sample): boolean {
  return sample.engine.pilots.some((pilot) => endsBackOff(kind, backOff, pilot, sample.atMs));
}

function withoutForgotten(
  policy: Policy,
  kinds: KindMemories,
  slots: readonly Slot[],
  nowMs: number,
): KindMemories {
  const isKept = (name: string): boolean =>
    findKind(policy, name) !== null ||
    slots.some(({ kind }) => kind === name) ||
    nowMs - memoryOfKind(kinds, name).use.atMs < forgottenMs;
  const names = Object.keys(kinds);
  const kept = names.filter(isKept);
  if (kept.length === names.length) return kinds;
  return Object.fromEntries(kept.map((name) => [name, memoryOfKind(kinds, name)]));
}
