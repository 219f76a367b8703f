import { describe, expect, it } from 'vitest';
import { decideOn, engineWith, kindOf, running, seenAt, slotsOf, stops } from './world.ts';

const at = 10_000_000;
const pilots = ['a', 'b'].map((name) => running(name, at - 60_000));
const kind = kindOf('default', { logRateBytes: 5e6, stopGraceMs: 600_000 });

const decided = (rates: Readonly<Record<string, number>>, limit = 2) => {
  const logRates = new Map(pilots.flatMap(({ id, name }) => (name in rates ? [[id, rates[name] ?? 0]] : [])));
  const seen = seenAt(at, 0, { engine: engineWith(pilots), logRates });
  return decideOn(seen, slotsOf('a', 'b'), { kinds: [kind], limit });
};

describe('a pilot that writes its log', () => {
  it('faster than its kind may is evicted at once, with a short grace, and leaves its slot to the next', () => {
    const decision = decided({ a: 6e6, b: 5e6 });
    expect(decision.actions.filter((action) => action.do === 'stop')).toEqual([
      {
        do: 'stop',
        id: pilots[0]?.id,
        name: 'a',
        outcome: 'evicted',
        graceMs: 1000,
        why: {
          rule: 'log',
          text: 'it writes 6 MB a second to its log, 5 MB are allowed (log_rate)',
        },
      },
    ]);
    expect(decision.memory.slots.map(({ pilot }) => pilot)).toEqual(['a', 'b']);
    expect(decision.memory.leaving).toMatchObject([{ pilot: 'a', outcome: 'evicted' }]);
    // The owner is not short of anything: others may start.
    expect(decision.memory.lastEvictionMs).toBeNull();
  });

  it('at a rate that nobody knows is left alone', () => {
    expect(stops(decided({}))).toEqual([]);
  });
});
