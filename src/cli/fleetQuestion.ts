import { parseSeconds } from '../config/quantities.ts';
import type { FleetQuestion } from '../fleet/question.ts';
import { UserFault } from './fault.ts';
import type { FleetOptions } from './fleetOptions.ts';
import { isFiltered } from './fleetRows.ts';
import { instantOf } from './historyOptions.ts';

const dayMs = 86_400_000;
const mostDays = 92;

/** What is to be found out. Throws `UserFault` on what cannot be understood. */
export function questionOf(options: FleetOptions, nowMs: number): FleetQuestion {
  const { since, forget = '7d', json = false } = options;
  return {
    nowMs,
    todayMs: dayOf(nowMs),
    forgetMs: spanOf('--forget', forget),
    course: json || !isFiltered(options),
    days: since === undefined ? [] : daysFrom(instantOf('--since', since, nowMs), nowMs),
  };
}

/** A length of time such as `7d`, in milliseconds. Throws `UserFault` for anything else. */
export function spanOf(option: string, text: string): number {
  const seconds = parseSeconds(text);
  if (seconds !== null && seconds >= 1 && seconds <= 366 * 86_400) return seconds * 1000;
  throw new UserFault(`${option}: expected a time as in 90s, 12h or 7d, not ${JSON.stringify(text)}`);
}

/** Days by this node's own clock, some of which have 23 or 25 hours; the last one is that of `nowMs`, until then. */
function daysFrom(sinceMs: number, nowMs: number): FleetQuestion['days'] {
  if (sinceMs > nowMs) throw new UserFault('--since: that is still to come');
  if (nowMs - sinceMs > mostDays * dayMs) throw new UserFault(`--since: ${mostDays} days are the most`);
  const days: { fromMs: number; toMs: number }[] = [];
  for (let fromMs = dayOf(sinceMs); fromMs <= nowMs; ) {
    // The middle of the next day is on that day, whatever its clock does.
    const nextMs = dayOf(fromMs + 1.5 * dayMs);
    days.push({ fromMs, toMs: Math.min(nextMs, nowMs) });
    fromMs = nextMs;
  }
  return days;
}

function dayOf(wallMs: number): number {
  return new Date(wallMs).setHours(0, 0, 0, 0);
}
