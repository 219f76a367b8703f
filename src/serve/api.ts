import type { PilotRecord } from '../model/history.ts';
import { type Match, queryHistory } from '../record/history.ts';
import type { NodeFacts } from '../record/nodeFacts.ts';
import type { Ring } from '../record/ring.ts';
import { createGate } from './gate.ts';
import { pilotLogRoute, type PilotLogParts } from './pilotLog.ts';
import { jsonReply, type Question, type Route, textReply } from './reply.ts';

/** What the page's data are made of. */
export interface ApiParts extends PilotLogParts {
  /** Null before the first tick. */
  readonly facts: () => NodeFacts | null;
  /** What the status socket answers, by its paths there. */
  readonly answers: Readonly<Record<string, () => unknown>>;
  readonly ring: Ring;
  /** Unix milliseconds. */
  readonly wallMs: () => number;
}

/** `/api/now`. */
export interface NowAnswer {
  readonly facts: NodeFacts | null;
  /** As `planctonctl ps` is told; null before the first tick. */
  readonly pilots: unknown;
}

/** A pilot that has ended, in `/api/pilots`. Times are Unix milliseconds. */
export interface EndedPilot {
  readonly name: string;
  readonly kind: string | null;
  readonly outcome: string;
  /** Null for one that never started. */
  readonly startMs: number | null;
  readonly endMs: number;
  readonly cpuMs: number | null;
  /** Why it was ended, where its work is lost for that; null otherwise. */
  readonly why: string | null;
}

/** `/api/pilots`: those that ended in the last hours, the newest first. */
export interface PilotsAnswer {
  readonly ended: readonly EndedPilot[];
  /** False where there were more than are told. */
  readonly complete: boolean;
}

/** Hours that are asked for are taken for the next of these above, steps for the next below: what was made is told to all. */
const spansHours = [1, 6, 24];
const numbersOfSteps = [60, 120, 240, 480, 960, 1440];
const dayHours = 24;
const usualSteps = 480;
const mostEnded = 2000;
/** Looking for one pilot in the journal takes a while, too: a person with a mouse does it so often. */
const looksAtOnce = 5;
const looksPerSecond = 2;
const tooOften = textReply(503, 'this is asked for too often', { 'retry-after': '1' });
/** Outcomes of pilots that somebody else ended in their work. */
const asked: ReadonlySet<string> = new Set(['evicted', 'lost']);
/** Records are in the order in which they were written, which may be so much after an end. */
const disorderMs = 600_000;
/** Reading a journal takes a while in which no tick can run: who asks often is told the same. */
const sameForMs = 5000;

/** The routes below `/api/`. */
export function apiRoutes(parts: ApiParts): Readonly<Record<string, Route>> {
  const { facts, answers, ring, wallMs } = parts;
  const answer = (path: string) => (): ReturnType<Route> => jsonReply(answers[path]?.() ?? null);
  const pilots = keptFor(sameForMs, wallMs, async (hours: number) => jsonReply(endedPilots(parts, hours)));
  const series = keptFor(sameForMs, wallMs, async (hours: number, steps: number) => {
    const until = Math.floor(wallMs() / 1000);
    return jsonReply(await ring.read(until - hours * 3600, until, steps));
  });
  const mayLook = createGate(looksAtOnce, looksPerSecond);
  return {
    '/api/now': () => jsonReply(nowAnswer(facts, answers)),
    '/api/series': ({ query }) => series(hoursIn(query), stepsIn(query)),
    '/api/pilots': ({ query }) => pilots(hoursIn(query)),
    '/api/pilot': (question) => (mayLook() ? onePilot(parts, question) : tooOften),
    '/api/why': answer('/why'),
    '/api/kinds': answer('/kinds'),
    '/api/decisions': answer('/decisions'),
    '/api/log': pilotLogRoute(parts),
  };
}

/** What the page shows of this moment, and what its stream of news tells. */
export function nowAnswer(facts: ApiParts['facts'], answers: ApiParts['answers']): NowAnswer {
  return { facts: facts(), pilots: answers['/ps']?.() ?? null };
}

function endedPilots({ logFolder, wallMs }: ApiParts, hours: number): PilotsAnswer {
  const sinceMs = wallMs() - hours * 3_600_000;
  const ended: EndedPilot[] = [];
  let complete = true;
  newestFirst(logFolder, (match) => {
    const { name, kind, outcome, startMs, endMs, cpuMs } = match.head;
    if (endMs < sinceMs) return endMs >= sinceMs - disorderMs;
    complete = ended.length < mostEnded;
    if (!complete) return false;
    const why = asked.has(outcome) ? (match.record()?.reason?.text ?? null) : null;
    ended.push({ name, kind, outcome, startMs: numberOr(startMs), endMs, cpuMs: numberOr(cpuMs), why });
    return true;
  });
  return { ended, complete };
}

/** `/api/pilot?name=`: all that is kept of one of those that ended lately, as its line of the journal has it. */
function onePilot({ logFolder }: ApiParts, { query }: Question): ReturnType<Route> {
  const name = query.get('name') ?? '';
  let seen = 0;
  let record: PilotRecord | null = null;
  newestFirst(logFolder, (match) => {
    seen += 1;
    if (match.head.name === name) record = match.record();
    return record === null && seen < mostEnded;
  });
  return record === null ? textReply(404, 'no pilot of this name has ended lately') : jsonReply(record);
}

/** Gives `onMatch` what the journal has until it says that it is enough: a journal is large, and no tick can run meanwhile. */
function newestFirst(logFolder: string, onMatch: (match: Match) => boolean): void {
  const all = { sinceMs: null, untilMs: null, kind: null, outcome: null, name: null } as const;
  queryHistory(logFolder, { ...all, order: 'newest', limit: Number.POSITIVE_INFINITY }, onMatch);
}

function hoursIn(query: URLSearchParams): number {
  const wanted = numberIn(query, 'hours', dayHours);
  return spansHours.find((hours) => hours >= wanted) ?? dayHours;
}

function stepsIn(query: URLSearchParams): number {
  const wanted = numberIn(query, 'steps', usualSteps);
  return numbersOfSteps.findLast((steps) => steps <= wanted) ?? Math.min(...numbersOfSteps);
}

/** A number of the question, 1 or more; `usual` where there is none. */
function numberIn(query: URLSearchParams, name: string, usual: number): number {
  const value = Number(query.get(name) ?? usual);
  return value >= 1 ? value : usual;
}

function numberOr(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Remembers for so long what was made of which arguments, of which there are few. */
function keptFor<A extends readonly number[], T>(
  ms: number,
  wallMs: () => number,
  make: (...words: A) => T,
): (...words: A) => T {
  const kept = new Map<string, { readonly atMs: number; readonly value: T }>();
  return (...words) => {
    const [of, nowMs] = [words.join(), wallMs()];
    for (const [key, { atMs }] of kept) if (nowMs < atMs || nowMs - atMs >= ms) kept.delete(key);
    const value = kept.get(of)?.value ?? make(...words);
    if (!kept.has(of)) kept.set(of, { atMs: nowMs, value });
    return value;
  };
}
