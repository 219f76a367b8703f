import { expect, it } from 'vitest';
import { silentAfterMs } from '../../src/fleet/question.ts';

it.each([
  [null, 120],
  [1, 120],
  [30, 120],
  [40, 120],
  [41, 123],
  [600, 1800],
])('a node with a pace of %j s is silent after %i s without a word', (paceSeconds, seconds) => {
  expect(silentAfterMs(paceSeconds === null ? null : paceSeconds * 1000)).toBe(seconds * 1000);
});
