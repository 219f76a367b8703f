import type { Bounds } from './fields.ts';

/** Seconds of a day. */
export const day = 86_400;
/** Far beyond any purpose: what is longer is a slip of the keyboard. */
const longest = 100 * 365 * day;
/** Node's timers hold 2^31 ms, 24.8 days; a longer one fires at once. */
const longestTimer = 24 * day;

/** Any length of time that somebody may mean. */
export const anyLength: Bounds = { least: 0, most: longest, words: 'of 0 s to 100 years' };
/** The same, for what must not be nothing. */
export const atLeastOneSecond: Bounds = { least: 1, most: longest, words: 'of 1 s to 100 years' };
/** For what happens again and again. */
export const pace: Bounds = { least: 1, most: longestTimer, words: 'of 1 s to 24 days' };
