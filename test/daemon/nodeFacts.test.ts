import { describe, expect, it } from 'vitest';
import { kindTag, nodeFactsOf } from '../../src/daemon/nodeFacts.ts';
import { Tally } from '../../src/daemon/tally.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { timedEngine } from '../../src/daemon/timedEngine.ts';
import { emptyMemory, type Memory, type Sample } from '../../src/decide/types.ts';
import { observe } from '../../src/decide/observe.ts';
import type { ActionResult } from '../../src/model/action.ts';
import type { Reason } from '../../src/model/reason.ts';
import { known } from '../../src/model/reading.ts';
import {
  decideOn,
  ended,
  engineWith,
  hostAt,
  kindOf,
  policy,
  running,
  sampleAt,
  seenAt,
  slotsOf,
  startInFlight,
} from '../decide/world.ts';
import { createFakeEngine } from '../fakes/engine.ts';

const parts = { hostname: 'n', atWallMs: 9, startedMs: 0, sinks: [], cpuMs: 5, residentBytes: 1e6 };

/** A tick with these slots and refusals, whatever a decision on it would be. */
function tickAt(
  atMs: number,
  memory: Memory,
  changes: Partial<Sample> = {},
  refusals: readonly Reason[] = [],
): Tick {
  const seen = seenAt(atMs, 0, changes);
  return { sample: seen.sample, seen, policy, decision: { ...decideOn(seen), memory, refusals } };
}

function startOf(name: string, ok = true): ActionResult {
  const action = { do: 'start', kind: 'default', name, why: 'refill' } as const;
  return { action, ok, fact: null, error: '', fault: null, tookMs: 250 };
}

describe('facts of a node', () => {
  it('count pilots by kind and state, and what bears no known kind apart', () => {
    const kinds = [kindOf('a'), kindOf('b')];
    const memory: Memory = {
      ...emptyMemory,
      spares: { ...emptyMemory.spares, pilots: [{ pilot: 's', kind: 'b', recipe: 'r' }] },
      kinds: {
        b: {
          use: { cpuMs: 0, creditMs: 0, atMs: 0 },
          isAway: false,
          backOff: { fruitless: 2, sinceMs: 0, untilMs: 40_000 },
          hasty: null,
          lives: [],
        },
      },
    };
    const pilots = [
      running('1', 0, { kind: 'a' }),
      running('2', 0, { kind: 'a', state: 'paused' }),
      { ...ended('3', 0, 5, 9000), kind: 'b' },
      running('s', 0, { kind: 'b', state: 'created' }),
      running('4', 0, { kind: null }),
      running('5', 0, { kind: 'gone' }),
      running('6', 0, { kind: 'a', managed: false }),
    ];
    const inFlight = [
      { ...startInFlight('7'), action: { ...startInFlight('7').action, kind: 'b' } as never },
    ];
    const tick = tickAt(10_000, memory, { engine: engineWith(pilots), inFlight });
    const facts = nodeFactsOf({ ...tick, policy: { ...policy, kinds } }, { ...parts, tally: new Tally() });
    const none = { running: 0, paused: 0, ended: 0, prepared: 0, starting: 0 };
    expect(facts.kinds).toEqual([
      { kind: 'a', pilots: { ...none, running: 1, paused: 1 }, fruitless: 0, backOffMs: 0 },
      { kind: 'b', pilots: { ...none, ended: 1, prepared: 1, starting: 1 }, fruitless: 2, backOffMs: 30_000 },
      { kind: 'unknown', pilots: { ...none, running: 2 }, fruitless: 0, backOffMs: 0 },
    ]);
    expect(kindTag({ policy }, null)).toBe('default');
  });

  it('have null for what cannot be read, and are plain data', () => {
    const seen = observe(null, sampleAt(1000));
    const tick = { sample: seen.sample, seen, policy, decision: decideOn(seen) };
    const facts = nodeFactsOf(tick, { ...parts, tally: new Tally() });
    expect(facts.node).toMatchObject({ cpus: 4, ownerCpus: null, memoryTotalBytes: 64e9 });
    expect(facts.pressure).toEqual({ cpu: null, memory: null, memoryFull: null, io: null });
    expect(facts).toMatchObject({ status: 'active', account: null, slots: { limit: 4 } });
    expect(structuredClone(facts)).toEqual(facts);
  });
});

describe('a tally', () => {
  it('adds up what the owner and pilots used, over the time in which that could be read', () => {
    const tally = new Tally();
    let seen = observe(null, sampleAt(0));
    for (const atMs of [1000, 1100, 2000, 3000]) {
      const host = atMs === 3000 ? { ...hostAt(atMs), pilotsCpuMs: known(0) } : hostAt(atMs, 1, 2);
      seen = observe(seen, sampleAt(atMs, { host }));
      tally.tick({ sample: seen.sample, seen, policy, decision: decideOn(seen) });
    }
    const { pilotsCpus, ownerCpus } = tally.read().integrals;
    // The first look has nothing to be compared with; at the last one the pilots' sum fell, which says nothing.
    expect(pilotsCpus).toEqual({ sum: 2000, knownMs: 1000 });
    expect(ownerCpus.sum).toBeGreaterThan(900);
  });

  it('counts starts by kind, ends by kind, outcome and reason, and calls of the engine', () => {
    const tally = new Tally();
    expect(tally.started(startOf('a'))).toEqual({ kind: 'default', started: true, tookMs: 250 });
    tally.started(startOf('b', false));
    tally.ended('default', 'evicted', 'memory');
    tally.ended('default', 'evicted', 'memory');
    tally.ended(null, 'lost', null);
    tally.called('list', 20, true);
    tally.called('list', 40, false);
    expect(tally.read()).toMatchObject({
      starts: [{ kind: 'default', started: 1, failed: 1 }],
      ends: [
        { kind: 'default', outcome: 'evicted', reason: 'memory', count: 2 },
        { kind: 'unknown', outcome: 'lost', reason: null, count: 1 },
      ],
      engineCalls: [{ verb: 'list', failed: 1, timings: { count: 2, sumMs: 60 } }],
    });
  });

  it('measures a gap from the end of a pilot to the start of the next in its slot', () => {
    const tally = new Tally();
    tally.tick(tickAt(10_000, slotsOf('a', 'b')));
    const dead = engineWith([ended('a', 0, 5000, 10_900), running('b')]);
    tally.tick(tickAt(11_000, slotsOf('c', 'b'), { engine: dead }));
    tally.tick(tickAt(11_300, slotsOf('c', 'b'), { engine: dead, results: [startOf('c')] }));
    expect(tally.read().refillGaps).toMatchObject({ count: 1, sumMs: 400 });
    // Growth is no refill.
    tally.tick(tickAt(12_000, slotsOf('c', 'b', 'd')));
    tally.tick(tickAt(12_300, slotsOf('c', 'b', 'd'), { results: [startOf('d')] }));
    expect(tally.read().refillGaps.count).toBe(1);
  });

  it('measures no gap that a rule, or a back-off, has made', () => {
    const tally = new Tally();
    const cpu: Reason = { rule: 'cpu', text: '' };
    tally.tick(tickAt(10_000, slotsOf('a', 'b')));
    tally.tick(tickAt(11_000, slotsOf(null, 'b'), {}, [cpu]));
    tally.tick(tickAt(60_000, slotsOf('c', 'b')));
    tally.tick(tickAt(60_300, slotsOf('c', 'b'), { results: [startOf('c')] }));
    const waiting = slotsOf('c', null);
    tally.tick(
      tickAt(61_000, { ...waiting, slots: waiting.slots.map((slot) => ({ ...slot, notBeforeMs: 62_000 })) }),
    );
    tally.tick(tickAt(62_000, slotsOf('c', 'd')));
    tally.tick(tickAt(62_300, slotsOf('c', 'd'), { results: [startOf('d')] }));
    expect(tally.read().refillGaps.count).toBe(0);
  });
});

describe('a timed engine', () => {
  it('does what the engine does, and tells each call with its time and whether it failed', async () => {
    const calls: unknown[] = [];
    let nowMs = 0;
    const nextMs = (): number => (nowMs += 10);
    const engine = timedEngine(createFakeEngine(), nextMs, (...call) => calls.push(call));
    const { signal } = new AbortController();
    await engine.connect(signal);
    expect(await engine.list({}, signal)).toEqual([]);
    await expect(engine.inspect('nobody', signal)).rejects.toMatchObject({ fault: 'not-found' });
    expect(calls).toEqual([
      ['connect', 10, true],
      ['list', 10, true],
      ['inspect', 10, false],
    ]);
  });
});
