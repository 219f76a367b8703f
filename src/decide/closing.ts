import type { Reason } from '../model/reason.ts';
import { spanText } from './numbers.ts';
import type { Policy, Seen } from './types.ts';

/** A pilot that would have less time than this before its notice is not worth its start. */
const leastLifeMs = 60_000;
/** What a tick and the engine take, so that pilots are gone when the window closes. */
const leadMs = 2000;

/** Why nothing starts by the time of day; null when it may. A schedule is about this node and any engine. */
export function windowBlocker(policy: Policy, seen: Seen): Reason | null {
  const { window } = seen.sample.host.signs;
  if (window === null) return null;
  if (!window.open) return outside(window.changesInMs);
  if (window.changesInMs >= policy.stopGraceMs + leadMs + leastLifeMs) return null;
  return { rule: 'window', text: `schedule ends ${inText(window.changesInMs)}: too soon for a new pilot` };
}

/** Why every pilot is to go by the time of day; null when none is. Their grace is over when the window closes. */
export function closing(policy: Policy, seen: Seen): Reason | null {
  const { window } = seen.sample.host.signs;
  if (window === null) return null;
  if (!window.open) return outside(window.changesInMs);
  if (window.changesInMs > policy.stopGraceMs + leadMs) return null;
  const text = `schedule ends ${inText(window.changesInMs)}, and pilots have ${spanText(policy.stopGraceMs)} to finish (stop_grace)`;
  return { rule: 'window', text };
}

function outside(beginsInMs: number): Reason {
  return { rule: 'window', text: `outside of schedule, which begins ${inText(beginsInMs)}` };
}

function inText(ms: number): string {
  return Number.isFinite(ms) ? `in ${spanText(ms)}` : 'never';
}
