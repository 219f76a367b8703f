import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { withRules } from '../decide/world.ts';
import { digestOf } from './legacy.ts';
import recorded from './legacy.json' with { type: 'json' };
import { simulate, type Tale } from './node.ts';
import { policy, tales } from './tales.ts';

/*
 * What was decided before there were several kinds, recorded then: the same rules with one kind of the original's keys
 * decide the same, with the same slots and words. Pilots that end within a second are left out: the bound on start storms
 * is new.
 */

const count = 60;
const longLived = (tale: Tale): Tale => ({
  ...tale,
  natures: (tale.natures ?? []).map((one) => ({ ...one, workCpuMs: Math.max(7000, one.workCpuMs) })),
});

it('one kind of the original’s keys is treated as it ever was', () => {
  const rules = withRules(policy, {});
  const digests = fc
    .sample(tales, { seed: 11, numRuns: count })
    .map((tale) => digestOf(rules, simulate(decide, rules, longLived(tale))));
  expect(digests).toEqual(recorded);
});
