import { expect, it } from 'vitest';
import { UseRates } from '../../src/daemon/useRates.ts';
import type { PilotUse } from '../../src/model/host.ts';

const use = (readAtMs: number, cpuMs: number): PilotUse => ({ readAtMs, cpuMs, memoryBytes: 1 });

it('a pilot’s CPUs are told from its last two readings, and not while there is one', () => {
  const rates = new UseRates();
  rates.note(new Map([['a', use(1000, 500)]]));
  expect(rates.cpusOf('a')).toBeNull();
  rates.note(new Map([['a', use(3000, 3500)]]));
  expect(rates.cpusOf('a')).toBe(1.5);
  // Not its turn: what was known stays.
  rates.note(new Map([['a', use(3000, 3500)]]));
  expect(rates.cpusOf('a')).toBe(1.5);
  rates.note(new Map([['a', use(4000, 3500)]]));
  expect(rates.cpusOf('a')).toBe(0);
});

it('a pilot that is not there any more is forgotten, and another of its id begins anew', () => {
  const rates = new UseRates();
  rates.note(new Map([['a', use(1000, 500)]]));
  rates.note(new Map());
  rates.note(new Map([['a', use(2000, 600)]]));
  expect(rates.cpusOf('a')).toBeNull();
});
