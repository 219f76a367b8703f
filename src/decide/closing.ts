import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { findKind, type KindPolicy, rulesOf } from './kindPolicy.ts';
import { spanText } from './numbers.ts';
import type { Policy, Seen } from './types.ts';

/** A pilot that would have less time than this before its notice is not worth its start. */
const leastLifeMs = 60_000;
/** What a tick and the engine take, so that pilots are gone when the window closes. */
const leadMs = 2000;

/** Why none of this kind starts by the time of day; null when one may. A schedule is about this node and any engine. */
export function windowBlocker(seen: Seen, kind: KindPolicy): Reason | null {
  const { window } = seen.sample.host.signs;
  if (window === null) return null;
  if (!window.open) return outside(window.changesInMs);
  if (!isTooSoon(kind, window.changesInMs)) return null;
  return { rule: 'window', text: `schedule ends ${inText(window.changesInMs)}: too soon for a new pilot` };
}

/** The same by the kind's own schedule. */
export function ownWindowBlocker(kind: KindPolicy): Reason | null {
  if (!kind.open)
    return { rule: 'window', text: `outside of its own schedule, which begins ${inText(kind.opensInMs)}` };
  if (!isTooSoon(kind, kind.closesInMs)) return null;
  const text = `its own schedule ends ${inText(kind.closesInMs)}: too soon for a new pilot`;
  return { rule: 'window', text };
}

function isTooSoon({ stopGraceMs }: KindPolicy, endsInMs: number): boolean {
  return endsInMs < stopGraceMs + leadMs + leastLifeMs;
}

/** Why this pilot is to go by the time of day; null when it is not. Its grace is over when the window closes. */
export function closing(policy: Policy, seen: Seen, pilot: Pilot): Reason | null {
  const { window } = seen.sample.host.signs;
  if (window === null) return null;
  if (!window.open) return outside(window.changesInMs);
  const { stopGraceMs } = rulesOf(policy, pilot);
  if (window.changesInMs > stopGraceMs + leadMs) return null;
  const text = `schedule ends ${inText(window.changesInMs)}, and pilots have ${spanText(stopGraceMs)} to finish (stop_grace)`;
  return { rule: 'window', text };
}

/** Pilots whose kind's own time is over, or is when their grace is, and why. They leave their slots to other kinds. */
export function outOfSchedule(
  policy: Policy,
  pilots: readonly Pilot[],
): readonly { readonly pilot: Pilot; readonly why: Reason }[] {
  if (policy.kinds.every(({ open, closesInMs }) => open && closesInMs === Number.POSITIVE_INFINITY))
    return [];
  return pilots.flatMap((pilot) => {
    const kind = findKind(policy, pilot.kind);
    if (kind === null) return [];
    const { name, open, closesInMs, opensInMs } = kind;
    const { stopGraceMs } = rulesOf(policy, pilot);
    if (open && closesInMs > stopGraceMs + leadMs) return [];
    const text = open
      ? `the schedule of kind ${name} ends ${inText(closesInMs)}, and it has ${spanText(stopGraceMs)} to finish (stop_grace)`
      : `outside of the schedule of kind ${name}, which begins ${inText(opensInMs)}`;
    return [{ pilot, why: { rule: 'window', text } }];
  });
}

function outside(beginsInMs: number): Reason {
  return { rule: 'window', text: `outside of schedule, which begins ${inText(beginsInMs)}` };
}

function inText(ms: number): string {
  return Number.isFinite(ms) ? `in ${spanText(ms)}` : 'never';
}
