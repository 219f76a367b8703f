import { parseSeconds } from '../config/quantities.ts';
import type { Outcome } from '../model/pilot.ts';
import type { HistoryFilter, HistoryTold } from '../record/history.ts';
import { outcomes } from '../record/journalLine.ts';
import { counted } from '../decide/numbers.ts';
import { UserFault } from './fault.ts';

/** What a command line may say about which records are meant; each is as the user wrote it. */
export interface FilterOptions {
  readonly since?: string;
  readonly until?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly name?: string;
}

/** The records that are meant. Throws `UserFault` on what cannot be understood. `nowMs` is wall time. */
export function filterOf(options: FilterOptions, nowMs: number): HistoryFilter {
  const { since, until, kind = null, outcome, name = null } = options;
  return {
    sinceMs: since === undefined ? null : instantOf('--since', since, nowMs),
    untilMs: until === undefined ? null : instantOf('--until', until, nowMs),
    kind,
    outcome: outcome === undefined ? null : outcomeOf(outcome),
    name,
  };
}

/** `90s`, `15m`, `12h`, `7d`, `2w` ago, or a day or time by this node's clock (`Z` at its end: UTC); Unix milliseconds. */
export function instantOf(option: string, text: string, nowMs: number): number {
  const seconds = /[a-z]\s*$/.test(text) ? parseSeconds(text) : null;
  if (seconds !== null && seconds >= 0) return nowMs - seconds * 1000;
  const atMs = dateOf(text);
  if (atMs !== null) return atMs;
  throw new UserFault(
    `${option}: expected a time ago as in 12h or 7d, or a day as in 2030-12-31 or 2030-12-31T08:00, not ${JSON.stringify(text)}`,
  );
}

function dateOf(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?(Z?)$/.exec(text.trim());
  if (match === null) return null;
  const parts = match.slice(1, 7).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const utcMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const shown = new Date(utcMs);
  // The 30th of February is the 2nd of March to `Date`.
  const exists =
    shown.getUTCMonth() === month - 1 &&
    shown.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!exists) return null;
  return match[7] === 'Z' ? utcMs : new Date(year, month - 1, day, hour, minute, second).getTime();
}

function outcomeOf(text: string): Outcome {
  const found = outcomes.find((outcome) => outcome === text);
  if (found !== undefined) return found;
  throw new UserFault(`--outcome: there is no ${JSON.stringify(text)}; there are ${outcomes.join(', ')}`);
}

/** Says on standard error what of the journal could not be read. */
export function tellUnreadable({ unreadable }: HistoryTold): void {
  if (unreadable > 0)
    process.stderr.write(
      `${counted(unreadable, 'line')} of the journal cannot be read and ${unreadable === 1 ? 'was' : 'were'} left out\n`,
    );
}

/** `2030-12-31 08:00:00` by this node's clock. */
export function localTime(wallMs: number): string {
  const at = new Date(wallMs);
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())];
  return `${date.join('-')} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
