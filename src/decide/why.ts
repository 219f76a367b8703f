import { ownerDelayShare } from './budget.ts';
import { type Held, isHolding } from './ladder.ts';
import { counted, percentText, spanText } from './numbers.ts';
import { pausedCount } from './pauses.ts';
import { isDeaf } from './deafness.ts';
import { type Pressing, type Sense, senses } from './senses.ts';
import { signalOf } from './signs.ts';
import { isAlive } from './slots.ts';
import type { Decision, Policy, Seen } from './types.ts';
import { whyNotFewer } from './whyFewer.ts';
import { whyNotMore } from './whyMore.ts';

/** Why there are this many pilots now, in sentences with numbers: what `planctonctl why` prints. */
export interface Why {
  readonly now: string;
  /** What keeps one more from starting, the most fundamental first, and what would have to change. */
  readonly more: readonly string[];
  /** What would have one less, and when. */
  readonly fewer: readonly string[];
  /** Where the ladder of relief stands, for each sense in which the owner is or was lately disturbed. */
  readonly ladder: readonly string[];
  /** What the pilots have had, what of it was lost, and what it cost the owner. */
  readonly account: string;
}

/** Explains one tick. Reckoned when somebody asks, from what the tick saw and decided; it decides nothing itself. */
export function why(policy: Policy, seen: Seen, decision: Decision): Why {
  return {
    now: nowText(policy, seen, decision),
    more: whyNotMore(policy, seen, decision),
    fewer: whyNotFewer(policy, seen, decision),
    ladder: ladderTexts(policy, seen, decision),
    account: accountText(seen, decision),
  };
}

function nowText(policy: Policy, seen: Seen, { running, memory }: Decision): string {
  const alive = seen.sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot));
  const paused = pausedCount(memory, alive);
  const cut = memory.held.filter((one) => one.cpus !== null).length;
  const details = [
    ...(paused > 0 ? [`${paused} paused`] : []),
    ...(cut > 0 ? [`${cut} with less CPU`] : []),
    ...(policy.dryRun ? ['dry_run: nothing is done'] : []),
  ];
  const text = `${counted(running, 'pilot')} of at most ${policy.limit}`;
  return details.length === 0 ? text : `${text}: ${details.join(', ')}`;
}

function ladderTexts(policy: Policy, seen: Seen, { memory }: Decision): string[] {
  const nowMs = seen.sample.atMs;
  return senses.flatMap((sense) => {
    const pressing = memory.senses[sense];
    const holding = isHolding(memory.held, sense);
    const isOver =
      pressing === undefined || (pressing.dormantSinceMs !== undefined && !isDeaf(pressing, nowMs));
    if (isOver && !holding) return [];
    const signal = signalOf(sense, policy, seen, memory);
    const what = signal.is === 'off' ? 'not asked for any more' : signal.text;
    if (pressing === undefined) return [`${sense}: ${what}; pilots are given back what was taken`];
    const taken = takenText(sense, memory.held);
    if (isDeaf(pressing, nowMs)) {
      const leftMs = (pressing.deafUntilMs ?? nowMs) - nowMs;
      return [
        `${sense}: ${what}; taking from all pilots did not help, not tried again for ${spanText(leftMs)}`,
      ];
    }
    return [`${sense}: ${what}; ${sinceText(pressing, nowMs)}; ${taken}`];
  });
}

function sinceText({ overSinceMs, calmSinceMs, patienceMs }: Pressing, nowMs: number): string {
  if (overSinceMs !== null) return `for ${spanText(nowMs - overSinceMs)}`;
  if (calmSinceMs === null) return 'neither disturbed nor calm';
  return `calm for ${spanText(nowMs - calmSinceMs)}, which must last ${spanText(patienceMs)}`;
}

function takenText(sense: Sense, held: readonly Held[]): string {
  const rungs = held.map((one) => one.rungs[sense]);
  const paused = rungs.filter((rung) => rung === 'paused').length;
  const cut = rungs.filter((rung) => rung === 'half' || rung === 'quarter').length;
  const parts = [
    ...(cut > 0 ? [`${counted(cut, 'pilot')} with less CPU`] : []),
    ...(paused > 0 ? [`${counted(paused, 'pilot')} paused`] : []),
  ];
  return parts.length === 0 ? 'nothing is taken from pilots' : parts.join(', ');
}

function accountText(seen: Seen, { memory }: Decision): string {
  const { sinceMs, harvestedMs, wastedMs, ownerDelayMs } = memory.account;
  const delay = ownerDelayShare(memory.account);
  if (sinceMs === null) return 'nothing is accounted yet';
  const overMs = Math.max(1, seen.sample.atMs - sinceMs);
  const lost = harvestedMs > 0 ? wastedMs / harvestedMs : 0;
  const had = `in ${spanText(overMs)} pilots had ${spanText(harvestedMs)} of CPU time, ${percentText(lost)} of it lost with evicted ones`;
  if (delay === null) return `${had}; how long the owner waited for CPUs of theirs is not told on this node`;
  return `${had}; the owner waited for CPUs of theirs ${spanText(ownerDelayMs)} (${percentText(delay)})`;
}
