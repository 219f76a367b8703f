import { describe, expect, it } from 'vitest';
import type { Memory, Sample } from '../../src/decide/types.ts';
import type { RenewOrder } from '../../src/model/view.ts';
import {
  decideOn,
  emptyMemoryOf,
  engineWith,
  image,
  kindOf,
  noControl,
  running,
  seenAt,
  stops,
} from './world.ts';

const at = 100_000_000;
const kinds = [kindOf('a'), kindOf('b')];
const pilots = Array.from({ length: 20 }, (_, index) =>
  running(`p${index}`, at - 9e6, { kind: index < 10 ? 'a' : 'b' }),
);
const slots = pilots.map(({ name, kind }) => ({
  pilot: name,
  kind: kind ?? '',
  sinceMs: at - 9e6,
  failures: 0,
  notBeforeMs: 0,
  cpus: 1,
}));
const asked = image;
const order = (kind: string | null, now: boolean): RenewOrder => ({
  file: `.taken-0123456789ab-renew${kind === null ? '' : `.${kind}`}`,
  kind,
  now,
});

function decided(memory: Partial<Memory>, sample: Partial<Sample> = {}, pulledAtMs = at + 5) {
  const engine = engineWith(pilots, { images: [{ ...asked, pulledAtMs }] });
  return decideOn(seenAt(at + 1000, 0, { engine, ...sample }), emptyMemoryOf({ slots, ...memory }), {
    kinds,
    limit: 20,
  });
}

describe('an order to replace pilots', () => {
  it('is remembered, and its file has done its work', () => {
    const control = { ...noControl, renew: [order('a', false)] };
    const decision = decided({}, { control });
    expect(decision.clear).toEqual(['.taken-0123456789ab-renew.a']);
    expect(decision.memory.renewals).toEqual([{ kind: 'a', now: false, beforeMs: at + 1000 }]);
    expect(stops(decision)).toEqual([]);
  });

  it('that a killed daemon has left behind is known again, and only removed', () => {
    const control = { ...noControl, renew: [order('a', false)] };
    const { memory, clear } = decided(decided({}, { control }).memory, { control });
    expect(memory.renewals).toEqual([{ kind: 'a', now: false, beforeMs: at + 1000 }]);
    expect(clear).toEqual(['.taken-0123456789ab-renew.a']);
    // Done with and forgotten, it is no order again all the same.
    const done = decided({ ...memory, renewals: [] }, { control });
    expect(done.memory.renewals).toEqual([]);
    // Its file is gone: it need not be known any more.
    expect(decided(done.memory).memory.ordersTaken).toEqual([]);
  });

  it('that comes while one like it is remembered is another one', () => {
    const control = { ...noControl, renew: [order('a', false)] };
    const later = { ...noControl, renew: [{ ...order('a', true), file: '.taken-ba9876543210-renew.a' }] };
    const { memory } = decided(decided({}, { control }).memory, { control: later });
    expect(memory.renewals).toHaveLength(2);
    expect(memory.ordersTaken).toEqual(['.taken-ba9876543210-renew.a']);
  });

  it('has the registry asked again', () => {
    const renewals = [{ kind: 'a', now: false, beforeMs: at }];
    const pulls = (pulledAtMs: number) =>
      decided({ renewals }, {}, pulledAtMs).actions.filter((one) => one.do === 'pull');
    expect(pulls(at - 5)).toMatchObject([{ why: 'its pilots are to be renewed' }]);
    expect(pulls(at + 5)).toEqual([]);
  });

  it('with now gives notice to a tenth of the limit at a time, of its kind alone, when the image was asked for', () => {
    const renewals = [{ kind: 'a', now: true, beforeMs: at }];
    expect(stops(decided({ renewals }, {}, at - 5))).toEqual([]);
    const first = decided({ renewals });
    expect(stops(first)).toEqual(['p0', 'p1']);
    expect(first.actions).toMatchObject([{ outcome: 'expired', why: { rule: 'renew' } }, {}]);
    expect(first.memory.slots).toHaveLength(20);
    expect(stops(decided(first.memory))).toEqual(['p0', 'p1']);
    const gone = first.memory.slots.map((slot, index) => (index < 2 ? { ...slot, pilot: null } : slot));
    const later = { ...first.memory, leaving: [], slots: gone };
    expect(stops(decided(later))).toEqual([]);
    const starting = gone.map((one, index) => (index < 2 ? { ...one, pilot: `new-${index}` } : one));
    expect(stops(decided({ ...later, slots: starting }))).toEqual([]);
    const patient = later.renewals.map((one) => ({ ...one, lastMs: at - 60_000 }));
    expect(stops(decided({ ...later, slots: starting, renewals: patient })).length).toBe(2);
  });

  it('with now waits for the end of a drain, which lets pilots finish and puts none in their place', () => {
    const renewals = [{ kind: 'a', now: true, beforeMs: at }];
    const drained = decided({ renewals }, { control: { ...noControl, drain: true } });
    expect(stops(drained)).toEqual([]);
    expect(stops(decided(drained.memory))).toEqual(['p0', 'p1']);
  });

  it('is forgotten when nobody is left to be replaced', () => {
    const renewals = [
      { kind: 'a', now: false, beforeMs: at - 1e7 },
      { kind: null, now: false, beforeMs: at },
    ];
    expect(decided({ renewals }).memory.renewals).toEqual(renewals.slice(1));
  });

  it('is taken in a dry run, and nobody gets notice', () => {
    const engine = engineWith(pilots, { images: [{ ...asked, pulledAtMs: at + 5000 }] });
    const seen = seenAt(at + 1000, 0, { engine, control: { ...noControl, renew: [order(null, true)] } });
    const decision = decideOn(seen, emptyMemoryOf({ slots }), { kinds, limit: 20, dryRun: true });
    expect([decision.clear, stops(decision)]).toEqual([['.taken-0123456789ab-renew'], []]);
    expect(decision.memory.renewals).toHaveLength(1);
  });
});
