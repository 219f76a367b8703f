import type { Bounds } from './fields.ts';

/** Seconds of a day. */
export const day = 86_400;
/** For never: old files write it as a row of nines. What is longer is a slip of the keyboard. */
const longest = 100_000 * 365 * day;

/** Any length of time that somebody may mean. Nothing waits for one by a timer, so that Node's 24 days are no bound. */
export const anyLength: Bounds = { least: 0, most: longest, words: 'of 0 s to 100000 years' };
