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
/** What an image's coming and going stirs may take minutes; nobody is helped by pausing pilots meanwhile. */
const imageWork: ReadonlySet<Action['do']> = new Set(['pull', 'remove-image']);

/**
 * The engine tidies up after an answer, for about as long as the work took: what is waited for meanwhile is still our
 * doing. A slow node on which a start takes eight seconds is not done with it in two.
 */
const leastEchoMs = 2000;
const longestEchoMs = 10_000;
/** Work that goes on for longer is no reason to look away: an owner on a busy node would never be seen. */
const longestMs = 60_000;

/** When the engine last worked for us, and since when without a break. Times are `Clock.nowMs`. */
export interface OwnWork {
  readonly sinceMs: number;
  readonly lastMs: number;
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
  return {
    sinceMs: goesOn ? before.sinceMs : atMs,
    lastMs: atMs,
    isImage: now.some((verb) => imageWork.has(verb)),
  };
}

/** Whether what the owner waited for until now may be our own work: of such a moment nothing is concluded. */
export function isOwnWork(work: OwnWork | null, nowMs: number): boolean {
  if (work === null || nowMs - work.lastMs > echoMs(work)) return false;
  return work.isImage || nowMs - work.sinceMs <= longestMs;
}
