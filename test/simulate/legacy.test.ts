import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { Seen } from '../../src/decide/types.ts';
import { noPaces } from '../../src/decide/pilotsGrowth.ts';
import { withRules } from '../decide/world.ts';
import { digestOf } from './legacy.ts';
import recorded from './legacy.json' with { type: 'json' };
import { type Frame, simulate, type Tale } from './node.ts';
import type { Decider } from './simulation.ts';
import { policy, tales } from './tales.ts';

/*
 * What was decided before there were several kinds, recorded then: the same rules with one kind of the original's keys
 * decide the same, with the same slots and words. What came later is left out: the bound on start storms (no pilot here
 * ends within a second), and that pilots' own growth is reckoned with (their paces are not told).
 */

const count = 60;
const longLived = (tale: Tale): Tale => ({
  ...tale,
  natures: (tale.natures ?? []).map((one) => ({ ...one, workCpuMs: Math.max(7000, one.workCpuMs) })),
});

const withoutPaces = (seen: Seen): Seen => ({ ...seen, paces: noPaces(seen.sample) });
const asThen: Decider = (rules, seen, memory, previousMs) =>
  decide(rules, withoutPaces(seen), memory, previousMs);
const toldAsThen = (frame: Frame): Frame => ({ ...frame, seen: withoutPaces(frame.seen) });

it('one kind of the original’s keys is treated as it ever was', () => {
  const rules = withRules(policy, {});
  const digests = fc
    .sample(tales, { seed: 11, numRuns: count })
    .map((tale) => digestOf(rules, simulate(asThen, rules, longLived(tale)).map(toldAsThen)));
  expect(digests).toEqual(recorded);
});
