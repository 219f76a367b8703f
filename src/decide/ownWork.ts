import type { Action } from '../model/action.ts';
import type { Sample } from './types.ts';

/** What we ask of the engine is work in the owner's groups: the engine and its shims are no pilots. */
const engineWork: ReadonlySet<Action['do']> = new Set([
  'start',
  'prepare',
  'stop',
  'reap',
  'remove',
  'discard',
  'pull',
  'remove-image',
]);
/** What an image's coming and going stirs on a disk may take minutes; nobody is helped by pausing pilots meanwhile. */
const imageWork: ReadonlySet<Action['do']> = new Set(['pull', 'remove-image']);

/**
 * The engine tidies up after an answer, for about as long as the work took: what is waited for meanwhile is still our
 * doing. A slow node on which a start takes eight seconds is not done with it in two.
 */
const leastEchoMs = 2000;
const longestEchoMs = 10_000;
/**
 * Work that goes on for longer is no reason to look away: an owner on a busy node would never be seen. New slots are not
 * filled for ever, so that time is not counted: two hundred pilots take the engine a minute, and what it uses meanwhile
 * would hold up the last of them.
 */
const longestMs = 60_000;

/** When the engine last worked for us, and since when without a break. Times are `Clock.nowMs`. */
export interface OwnWork {
  readonly sinceMs: number;
  readonly lastMs: number;
  /** How much of that time new slots were being filled; absent for none of it. */
  readonly growingMs?: number;
  readonly isImage: boolean;
}

function echoMs({ sinceMs, lastMs }: OwnWork): number {
  return Math.min(longestEchoMs, Math.max(leastEchoMs, lastMs - sinceMs));
}

/** What is known of our own work after this sample; null before there was any. */
export function followOwnWork(before: OwnWork | null, { inFlight, results, atMs }: Sample): OwnWork | null {
  const now = [...inFlight, ...results].map(({ action }) => action.do).filter((verb) => engineWork.has(verb));
  if (now.length === 0) return before;
  const goesOn = before !== null && atMs - before.lastMs <= echoMs(before);
  const isGrowing = [...inFlight, ...results].some(
    ({ action }) => action.do === 'start' && action.why === 'growth',
  );
  const growingMs = goesOn ? (before.growingMs ?? 0) + (isGrowing ? atMs - before.lastMs : 0) : 0;
  return {
    sinceMs: goesOn ? before.sinceMs : atMs,
    lastMs: atMs,
    ...(growingMs > 0 ? { growingMs } : {}),
    isImage: now.some((verb) => imageWork.has(verb)),
  };
}

/** Whether what kept CPUs busy until now may be our own work: of such a moment nothing is concluded. */
export function isOwnWork(work: OwnWork | null, nowMs: number): boolean {
  return isGoingOn(work, nowMs) && !isTooLong(work, nowMs);
}

/**
 * The same of what keeps the engine's disk busy: that of an image may take many minutes, and is no reason to pause anybody.
 * On the CPUs it is one core at most, and a registry that is slow must not hide an owner who wants them all.
 */
export function isOwnWriting(work: OwnWork | null, nowMs: number): boolean {
  return isGoingOn(work, nowMs) && (work.isImage || !isTooLong(work, nowMs));
}

function isTooLong({ sinceMs, growingMs = 0 }: OwnWork, nowMs: number): boolean {
  return nowMs - sinceMs - growingMs > longestMs;
}

function isGoingOn(work: OwnWork | null, nowMs: number): work is OwnWork {
  return work !== null && nowMs - work.lastMs <= echoMs(work);
}
