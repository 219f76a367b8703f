import type { PilotRecord } from '../model/history.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { escapeUnprintable } from './oneLine.ts';

/*
 * The shape of a line of `history.jsonl`, version 1: a JSON object whose fields come in this order, without those that
 * have nothing to say. Fields may be added without a new version. Times are Unix milliseconds by the engine's stamps.
 *
 *   v         1
 *   end       when it ended (where it never ran: when it was read)
 *   start     when it started; absent for one that never did
 *   kind      absent for a pilot that bears none
 *   outcome   finished, failed, no-work, expired, evicted, never-started, lost
 *   cpuMs     CPU time used, as it was last read; absent where it never was
 *   name      of its container
 *   node      the node's name
 *   image     the image's id
 *   digest    the image's digest in its registry, where one is known
 *   exit      exit code; absent where there is none
 *   signal    name of the signal that ended it, as its exit code tells
 *   oom       true when it ran out of memory
 *   peakBytes the most memory that it was seen to use
 *   pausedMs  how long it was paused in all; absent for not at all
 *   rule      by which rule it was ended, where it did not end by itself
 *   reason    the same in words, with the numbers
 *   said      what it said of its own end, or what kept it from starting
 *   id        the engine's id of its container: no two lines have the same
 *
 * What queries ask for comes first, so that they need not parse the rest. The id is last, as a text: a line that ends in
 * `"}` after anything but a backslash is whole, since within a text that quotation mark would have one.
 */

/** The version of what is written. */
export const journalVersion = 1;

/** Words of others are kept up to this length: an engine may have much to say about a start that failed. */
const longestText = 1000;

/** The outcomes that there are. */
export const outcomes: readonly Outcome[] = [
  'finished',
  'failed',
  'no-work',
  'expired',
  'evicted',
  'never-started',
  'lost',
];

/** What a record looks like in the journal, with its newline. It holds no character that would move a terminal's cursor. */
export function journalLine(record: PilotRecord): string {
  return `${escapeUnprintable(JSON.stringify(shapeOf(record)))}\n`;
}

/** The fields of a line; JSON leaves out those that are undefined. */
export function shapeOf(record: PilotRecord): Readonly<Record<string, unknown>> {
  return {
    v: journalVersion,
    end: Math.round(record.endedAtWallMs),
    start: whole(record.startedAtWallMs),
    kind: record.kind ?? undefined,
    outcome: record.outcome,
    cpuMs: whole(record.cpuMs),
    name: record.name,
    node: record.node,
    image: record.imageId,
    digest: record.imageDigest ?? undefined,
    exit: record.exitCode ?? undefined,
    signal: record.signal ?? undefined,
    oom: record.outOfMemory || undefined,
    peakBytes: whole(record.peakMemoryBytes),
    pausedMs: whole(record.pausedMs) || undefined,
    rule: record.reason?.rule,
    reason: record.reason === null ? undefined : bounded(record.reason.text),
    said: bounded(record.said) || undefined,
    id: record.id,
  };
}

/** The record that a line holds; null for what is no record of a version that is understood. */
export function recordIn(line: string): PilotRecord | null {
  let shape: Readonly<Record<string, unknown>>;
  try {
    shape = JSON.parse(line) as typeof shape;
  } catch {
    return null;
  }
  const { v, end, outcome, name, id, rule } = shape ?? {};
  const known = outcomes.find((one) => one === outcome);
  if (v !== journalVersion || typeof end !== 'number' || known === undefined) return null;
  if (typeof name !== 'string' || typeof id !== 'string') return null;
  return {
    name,
    id,
    node: text(shape['node']) ?? '',
    kind: text(shape['kind']),
    imageId: text(shape['image']) ?? '',
    imageDigest: text(shape['digest']),
    startedAtWallMs: number(shape['start']),
    endedAtWallMs: end,
    outcome: known,
    exitCode: number(shape['exit']),
    signal: text(shape['signal']),
    outOfMemory: shape['oom'] === true,
    cpuMs: number(shape['cpuMs']),
    peakMemoryBytes: number(shape['peakBytes']),
    pausedMs: number(shape['pausedMs']) ?? 0,
    reason:
      typeof rule === 'string' ? { rule: rule as Reason['rule'], text: text(shape['reason']) ?? '' } : null,
    said: text(shape['said']) ?? '',
  };
}

function whole(value: number | null): number | undefined {
  return value === null || !Number.isFinite(value) ? undefined : Math.round(value);
}

function bounded(words: string): string {
  return words.length > longestText ? `${words.slice(0, longestText)}…` : words;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
