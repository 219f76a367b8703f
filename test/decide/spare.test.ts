import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { unknown } from '../../src/model/reading.ts';
import type { Memory, Sample, Seen } from '../../src/decide/types.ts';
import { decideOn, ended, engineWith, image, running, seenAt, slotsOf, starts } from './world.ts';

const nowMs = 100_000;

function prepared(name: string, changes: Partial<Pilot> = {}): Pilot {
  return running(name, nowMs - 20_000, {
    state: 'created',
    startedAtMs: unknown('it has not started'),
    ...changes,
  });
}

function withSpares(memory: Memory, names: readonly string[], lastRefillMs: number | null = nowMs): Memory {
  const pilots = names.map((pilot) => ({ pilot, kind: 'default', recipe: 'recipe-1' }));
  return { ...memory, spares: { ...memory.spares, pilots, lastRefillMs } };
}

function seen(pilots: readonly Pilot[], changes: Partial<Sample> = {}): Seen {
  return seenAt(nowMs, 0, { engine: engineWith(pilots), ...changes });
}

function which(actions: readonly Action[], what: Action['do']): readonly Action[] {
  return actions.filter((action) => action.do === what);
}

describe('prepared containers', () => {
  const rules = { limit: 1 };

  it('are made while refills come often, one at a time, and remembered before they are', () => {
    const memory = withSpares(slotsOf('a'), []);
    const decision = decideOn(seen([running('a', nowMs - 1000)]), memory, rules);
    const name = `fresh-${nowMs}-7`;
    expect(decision.actions).toEqual([{ do: 'prepare', kind: 'default', name }]);
    expect(decision.memory.spares.pilots).toEqual([{ pilot: name, kind: 'default', recipe: 'recipe-1' }]);
    const again = decideOn(
      seen([running('a', nowMs - 1000)], {
        inFlight: [{ action: { do: 'prepare', kind: 'default', name }, sinceMs: nowMs }],
      }),
      decision.memory,
      { limit: 2 },
    );
    expect(which(again.actions, 'prepare')).toEqual([]);
  });

  it('are not made for pilots that live long, for failing slots, beside a start, or right after a failure', () => {
    const calm = withSpares(slotsOf('a'), [], nowMs - 60_000);
    const alive = [running('a', nowMs - 1000)];
    expect(decideOn(seen(alive), calm, rules).actions).toEqual([]);

    const failing = withSpares(slotsOf('a'), []);
    const slots = failing.slots.map((slot) => ({ ...slot, failures: 1 }));
    const young = [running('a', nowMs - 100)];
    expect(decideOn(seen(young), { ...failing, slots }, rules).actions).toEqual([]);

    const result = { ok: false, fact: null, error: 'no', fault: 'rejected', tookMs: 1 } as const;
    const failed = [{ ...result, action: { do: 'prepare', kind: 'default', name: 'x' } as const }];
    const after = decideOn(seen(alive, { results: failed }), withSpares(slotsOf('a'), ['x']), rules);
    expect(after.actions).toEqual([]);
    expect(after.memory.spares).toMatchObject({ pilots: [], notBeforeMs: nowMs + 60_000 });

    const starting = decideOn(seen([ended('a', 0, 5000, nowMs)]), withSpares(slotsOf('a'), []), rules);
    expect(which(starting.actions, 'prepare')).toEqual([]);
    expect(starts(starting)).toHaveLength(1);
  });

  it('are started when a slot falls empty, and are pilots from then on', () => {
    const memory = withSpares(slotsOf('a'), ['s']);
    const decision = decideOn(seen([ended('a', 0, 5000, nowMs), prepared('s')]), memory, rules);
    expect(which(decision.actions, 'start')).toEqual([
      { do: 'start', kind: 'default', name: 's', prepared: 'id-s', why: 'refill' },
    ]);
    expect(decision.memory.slots[0]?.pilot).toBe('s');
    expect(decision.memory.spares.pilots).toEqual([]);
  });

  it('are neither pilots that never started nor pilots that run', () => {
    const memory = withSpares(slotsOf('a'), ['s'], nowMs - 60_000);
    const decision = decideOn(seen([running('a'), prepared('s')]), memory, rules);
    expect(decision.actions).toEqual([]);
    expect(decision.running).toBe(1);
    expect(decision.memory.slots).toHaveLength(1);
  });

  it('are left to the ordinary way when nobody remembers them', () => {
    const decision = decideOn(seen([running('a'), prepared('s')]), slotsOf('a'), rules);
    expect(which(decision.actions, 'reap')).toMatchObject([{ name: 's', outcome: 'never-started' }]);
  });

  const gone = [{ do: 'discard', id: 'id-s', name: 's' }];

  it.each([
    ['of another recipe', { kind: { recipe: 'recipe-2' } }, {}, prepared('s')],
    ['of another image', {}, {}, prepared('s', { imageId: 'sha256:0' })],
    [
      'while draining',
      {},
      { control: { drain: true, stop: false, forceStop: false, renew: [] } },
      prepared('s'),
    ],
    [
      'at force-stop',
      {},
      { control: { drain: false, stop: false, forceStop: true, renew: [] } },
      prepared('s'),
    ],
    ['at the end of the daemon', {}, { terminating: true }, prepared('s')],
  ])('are discarded and not started: %s', (_, other, changes, spare) => {
    const memory = withSpares(slotsOf(null), ['s']);
    const decision = decideOn(seen([spare], changes), memory, { ...rules, ...other });
    expect(which(decision.actions, 'discard')).toMatchObject(gone);
    expect(which(decision.actions, 'remove')).toEqual([]);
    expect(starts(decision)).not.toContain('s');
  });

  it('are left, and told of, at the end of a daemon that does nothing', () => {
    const memory = withSpares(slotsOf(null), ['s']);
    const dry = { ...rules, dryRun: true };
    const decision = decideOn(seen([prepared('s')], { terminating: true }), memory, dry);
    expect(decision).toMatchObject({ exit: 'signal', actions: [] });
    expect(which(decision.withheld, 'discard')).toMatchObject(gone);
  });

  it('are known to a force-stop until it is over, though the engine has not listed them yet', () => {
    const control = { drain: false, stop: false, forceStop: true, renew: [] };
    const silent = engineWith([], { state: 'waiting', listed: false });
    const first = decideOn(seen([], { control, engine: silent }), withSpares(slotsOf('a'), ['s']), rules);
    expect(first.memory.slots).toEqual([]);
    const second = decideOn(seen([running('a'), prepared('s')], { control }), first.memory, rules);
    expect(which(second.actions, 'discard')).toMatchObject(gone);
    expect(which(second.actions, 'remove')).toMatchObject([{ name: 'a' }]);
    const last = decideOn(seen([], { control }), second.memory, rules);
    expect(last.clear).toEqual(['force-stop']);
    expect(last.memory.spares.pilots).toEqual([]);
  });

  it('are discarded when no refill came for ten minutes', () => {
    const memory = withSpares(slotsOf('a'), ['s'], nowMs - 600_000);
    const decision = decideOn(seen([running('a'), prepared('s')]), memory, rules);
    expect(decision.actions).toMatchObject(gone);
  });

  it('are not started while their removal is under way', () => {
    const memory = withSpares(slotsOf(null), ['s']);
    const discard = { do: 'discard', id: 'id-s', name: 's', why: 'no start is near' } as const;
    const decision = decideOn(
      seen([prepared('s')], { inFlight: [{ action: discard, sinceMs: nowMs }] }),
      memory,
      rules,
    );
    expect(starts(decision)).toEqual([`fresh-${nowMs}-0`]);
  });

  it('are forgotten when they are gone or when somebody has started them', () => {
    const memory = withSpares(slotsOf('a'), ['gone', 'begun'], nowMs - 60_000);
    const decision = decideOn(seen([running('a'), running('begun')]), memory, { limit: 2 });
    expect(decision.memory.spares.pilots).toEqual([]);
    expect(decision.memory.slots.map((slot) => slot.pilot)).toEqual(['a', 'begun']);
  });

  it('do not stand in the way of the end of a drain, and are waited for', () => {
    const control = { drain: true, stop: true, forceStop: false, renew: [] };
    const preparing = [{ action: { do: 'prepare', kind: 'default', name: 's' } as const, sinceMs: nowMs }];
    const memory = withSpares(slotsOf(), ['s']);
    expect(decideOn(seen([], { control, inFlight: preparing }), memory, rules).exit).toBeNull();
    expect(
      decideOn(seen([], { control, engine: engineWith([], { images: [image] }) }), memory, rules).exit,
    ).toBe('drained');
  });
});
