import { expect, it } from 'vitest';
import { createGate } from '../../src/serve/gate.ts';

it('a gate lets some through at once, and then so many a second', () => {
  let nowMs = 0;
  const mayPass = createGate(3, 2, () => nowMs);
  const passed = (): number => Array.from({ length: 10 }, mayPass).filter(Boolean).length;
  expect(passed()).toBe(3);
  expect(passed()).toBe(0);
  nowMs = 1000;
  expect(passed()).toBe(2);
  nowMs = 3_600_000;
  expect(passed()).toBe(3);
});
