import { expect, it } from 'vitest';
import { lookSeldom } from '../../src/daemon/lookSeldom.ts';

it('looks at first, when it is told to, and else each five seconds', () => {
  let [looks, nowMs] = [0, 0];
  const look = lookSeldom(
    () => ++looks,
    () => nowMs,
  );
  expect([look(), look()]).toEqual([1, 1]);
  nowMs = 4999;
  expect(look()).toBe(1);
  look.again();
  expect([look(), look()]).toEqual([2, 2]);
  nowMs += 5000;
  expect(look()).toBe(3);
});
