import { expect, it } from 'vitest';
import type { Account } from '../../src/decide/budget.ts';
import { Reporter } from '../../src/daemon/report.ts';
import type { Point } from '../../src/model/point.ts';
import type { Sinks } from '../../src/record/influxSinks.ts';
import { decideOn, policy, seenAt } from '../decide/world.ts';

/** The points of one report, where this is accounted. */
function reported(account: Account): readonly Point[] {
  const points: Point[] = [];
  const sinks: Sinks = {
    write: (more) => points.push(...more),
    useTargets: () => undefined,
    states: () => [],
    close: async () => undefined,
  };
  const seen = seenAt(10_000, 0);
  const decision = decideOn(seen);
  const memory = { ...decision.memory, account };
  const reporter = new Reporter('node7', 0);
  reporter.report({ sample: seen.sample, seen, policy, decision: { ...decision, memory } }, sinks, 5);
  return points;
}

it('sends the account beside what the original sent, once pilots have used anything', () => {
  const account = { sinceMs: 0, harvestedMs: 9000, wastedMs: 0, ownerDelayMs: 0, toldMs: 0 };
  // The first report has no use of the node yet: there is nothing to compare with.
  expect(reported(account).map(({ measurement }) => measurement)).toEqual(['daemon', 'account']);
  expect(reported(account)[1]?.fields).toEqual({ harvested_seconds: 9, wasted_seconds: 0 });
  expect(reported({ ...account, toldMs: 1000 })[1]?.fields).toMatchObject({ owner_delay_seconds: 0 });
  expect(reported({ ...account, sinceMs: null })).toHaveLength(1);
});

it('keeps to main_sleep where ticks come a moment early, and is due at the first', () => {
  const reporter = new Reporter('node7', 0);
  const isDueAt = (atMs: number): boolean => {
    const seen = seenAt(atMs, 0);
    return reporter.isDue({ sample: seen.sample, seen, policy, decision: decideOn(seen) });
  };
  expect(isDueAt(1000)).toBe(true);
  expect(isDueAt(1001)).toBe(false);
  expect(isDueAt(30_000)).toBe(false);
  expect(isDueAt(30_995)).toBe(true);
  expect(isDueAt(60_990)).toBe(true);
  expect(isDueAt(61_990)).toBe(false);
});
