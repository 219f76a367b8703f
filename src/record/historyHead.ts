import type { Outcome } from '../model/pilot.ts';
import { outcomes, recordIn } from './journalLine.ts';

/** What queries ask of a line; `NaN` and null where the line does not say. One object is filled again for each line. */
export interface Head {
  endMs: number;
  startMs: number;
  kind: string | null;
  outcome: string;
  cpuMs: number;
  name: string;
  /** By which rule it was ended; of an eviction or an expiry only. */
  rule: string | null;
}

/** An empty one, to be filled. */
export function newHead(): Head {
  return { endMs: 0, startMs: Number.NaN, kind: null, outcome: '', cpuMs: Number.NaN, name: '', rule: null };
}

/** No record is longer: its texts are bounded. To parse a megabyte of what is none costs many of memory. */
const longestLine = 65_536;
const [quote, backslash, brace] = [0x22, 0x5c, 0x7d];
const knownOutcomes: ReadonlySet<string> = new Set(outcomes);
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const begin = bytesOf('{"v":1,"end":');
const start = bytesOf(',"start":');
const kind = bytesOf(',"kind":"');
const outcome = bytesOf(',"outcome":"');
const cpuMs = bytesOf(',"cpuMs":');
const name = bytesOf(',"name":"');
const rule = bytesOf(',"rule":"');
/** Ends of which the rule matters; it stands behind what else is asked for, and is not looked for in other lines. */
const ruled: ReadonlySet<string> = new Set<Outcome>(['evicted', 'expired']);

/**
 * Fills `head` with what the line in `bytes` from `from` to `to` (without its newline) tells; false where it is no
 * record. Lines as this version writes them are not parsed: a million takes less than half a second instead of three
 * (measured). Any other line is, but for one
 * that is longer than any record.
 */
export function readHead(bytes: Buffer, from: number, to: number, head: Head): boolean {
  if (to - from > longestLine) return false;
  return readPlain(bytes, from, to, head) || readParsed(bytes, from, to, head);
}

function readPlain(bytes: Buffer, from: number, to: number, head: Head): boolean {
  const isWhole = bytes[to - 1] === brace && bytes[to - 2] === quote && bytes[to - 3] !== backslash;
  if (!isWhole || !holds(bytes, from, begin)) return false;
  let at = from + begin.length;
  let next = pastDigits(bytes, at);
  if (next === at) return false;
  head.endMs = numberIn(bytes, at, next);
  at = next;

  head.startMs = Number.NaN;
  if (holds(bytes, at, start)) {
    at += start.length;
    next = pastDigits(bytes, at);
    head.startMs = numberIn(bytes, at, next);
    at = next;
  }
  head.kind = null;
  if (holds(bytes, at, kind)) {
    at += kind.length;
    next = pastText(bytes, at, to);
    head.kind = bytes.toString('latin1', at, next);
    at = next + 1;
  }
  if (!holds(bytes, at, outcome)) return false;
  at += outcome.length;
  next = pastText(bytes, at, to);
  head.outcome = bytes.toString('latin1', at, next);
  at = next + 1;

  head.cpuMs = Number.NaN;
  if (holds(bytes, at, cpuMs)) {
    at += cpuMs.length;
    next = pastDigits(bytes, at);
    head.cpuMs = numberIn(bytes, at, next);
    at = next;
  }
  if (!holds(bytes, at, name)) return false;
  at += name.length;
  next = pastText(bytes, at, to);
  head.name = bytes.toString('latin1', at, next);
  head.rule = ruled.has(head.outcome) ? ruleIn(bytes, next, to) : null;
  return bytes[next] === quote && knownOutcomes.has(head.outcome);
}

/** No text of a line has these bytes in it: its quotation marks are escaped. */
function ruleIn(bytes: Buffer, from: number, to: number): string | null {
  const found = bytes.subarray(from, to).indexOf(rule);
  if (found === -1) return null;
  const at = from + found + rule.length;
  return bytes.toString('latin1', at, pastText(bytes, at, to));
}

function readParsed(bytes: Buffer, from: number, to: number, head: Head): boolean {
  const record = recordIn(bytes.toString('utf8', from, to));
  if (record === null) return false;
  head.endMs = record.endedAtWallMs;
  head.startMs = record.startedAtWallMs ?? Number.NaN;
  head.kind = record.kind;
  head.outcome = record.outcome;
  head.cpuMs = record.cpuMs ?? Number.NaN;
  head.name = record.name;
  head.rule = ruled.has(record.outcome) ? (record.reason?.rule ?? null) : null;
  return true;
}

function holds(bytes: Buffer, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function pastDigits(bytes: Buffer, at: number): number {
  let next = at;
  for (let byte = bytes[next]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = bytes[next])
    next += 1;
  return next;
}

function numberIn(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + ((bytes[at] ?? 0) - 0x30);
  return value;
}

/** The end of a text that holds plain ASCII only; that of the line where it does not: then it is parsed. */
function pastText(bytes: Buffer, at: number, to: number): number {
  for (let next = at; next < to; next += 1) {
    const byte = bytes[next] ?? 0;
    if (byte === quote) return next;
    if (byte === backslash || byte >= 0x80) return to;
  }
  return to;
}
