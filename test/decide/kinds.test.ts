import { describe, expect, it } from 'vitest';
import { newKind } from '../../src/decide/kindMemory.ts';
import { allocated, decayed } from '../../src/decide/shares.ts';
import type { KindPolicy, Memory, Slot } from '../../src/decide/types.ts';
import { learned, officeHours } from './profileWorld.ts';
import {
  decideOn,
  emptyMemoryOf,
  ended,
  engineWith,
  hostAt,
  image,
  kindOf,
  policy,
  running,
  seenAt,
  starts,
  stops,
} from './world.ts';

const at = 10_000_000;
const hourMs = 3_600_000;
const [a, b] = [kindOf('a'), kindOf('b')];

/** Of which kind each start of a decision is. */
const begun = (decision: ReturnType<typeof decideOn>): string =>
  decision.actions.flatMap((one) => (one.do === 'start' ? [one.kind] : [])).join('');

function slot(pilot: string | null, kind: string, changes: Partial<Slot> = {}): Slot {
  const since = pilot === null ? {} : { sinceMs: at - 10_000 };
  return { pilot, kind, failures: 0, notBeforeMs: 0, cpus: 1, ...since, ...changes };
}

/** What kinds have had by now, in CPU-seconds. */
function having(seconds: Record<string, number>, slots: readonly Slot[] = []): Memory {
  const kinds = Object.entries(seconds).map(([name, cpu]) => [
    name,
    { ...newKind, isAway: false, use: { cpuMs: cpu * 1000, creditMs: 0, atMs: at } },
  ]);
  return emptyMemoryOf({ kinds: Object.fromEntries(kinds), slots });
}

const decided = (kinds: readonly KindPolicy[], memory: Memory, pilots = engineWith([]), limit = 4) =>
  decideOn(seenAt(at, 0, { engine: pilots }), memory, { kinds, limit });

describe('the next start', () => {
  it('is of the kind that has had least for its share; of equals the first of the file', () => {
    expect(begun(decided([a, b], having({ a: 0, b: 0 }), undefined, 1))).toBe('a');
    expect(begun(decided([a, b], having({ a: 2, b: 1 }), undefined, 1))).toBe('b');
    expect(begun(decided([{ ...a, share: 3 }, b], having({ a: 2, b: 1 }), undefined, 1))).toBe('a');
  });

  it('counts what was started a moment ago as a minute’s, so that slots are divided by shares', () => {
    expect(begun(decided([a, b], having({ a: 0, b: 0 })))).toBe('abab');
    expect(begun(decided([{ ...a, share: 3 }, b], having({ a: 0, b: 0 })))).toBe('abaa');
  });

  it('bears the name of its kind, also in its slot', () => {
    const decision = decided([a], emptyMemoryOf(), undefined, 1);
    expect(decision.memory.slots).toMatchObject([{ kind: 'a', sinceMs: at, cpus: 1 }]);
  });

  it.each<[string, Partial<KindPolicy>, string]>([
    ['is disabled', { enabled: false }, 'it is disabled (enabled)'],
    [
      'has its schedule closed',
      { open: false, opensInMs: hourMs },
      'outside of its own schedule, which begins in 60 min',
    ],
    [
      'closes too soon for a grace and a minute',
      { closesInMs: 71_000 },
      'its own schedule ends in 71 s: too soon for a new pilot',
    ],
    ['may have none', { max: 0 }, '0 pilots of at most 0 (max)'],
    ['has no image', { image: 'other' }, 'looking for image other'],
  ])('is not of a kind that %s', (_, changes, text) => {
    const without = { ...a, ...changes };
    expect(begun(decided([without, b], having({ a: 0, b: 9 })))).toBe('bbbb');
    const alone = decided([without, { ...b, enabled: false }], having({ a: 0, b: 9 }));
    expect(begun(alone)).toBe('');
    expect(alone.refusals[0]?.text).toBe(`kind a: ${text}`);
  });

  it('may be of a kind that closes late enough', () => {
    expect(begun(decided([{ ...a, closesInMs: 72_000 }], emptyMemoryOf(), undefined, 1))).toBe('a');
  });

  it('is within the max of its kind, those counted that are about to go', () => {
    const going = running('old', 0, { kind: 'a' });
    const memory = {
      ...having({ a: 0, b: 99 }),
      leaving: [{ pilot: 'old', outcome: 'evicted' as const, sinceMs: at }],
    };
    expect(begun(decided([{ ...a, max: 2 }, b], memory, engineWith([going]), 4))).toBe('abb');
  });

  it('is of a kind that fits into memory', () => {
    const levels = { totalBytes: 64e9, availableBytes: 3.2e9 + 7e8, swapTotalBytes: 0, swapFreeBytes: 0 };
    const host = { ...hostAt(at), memory: { known: true, value: levels } as const };
    const kinds = [kindOf('a', { memoryBytes: 4e9 }), kindOf('b', { memoryBytes: 1e9 })];
    expect(begun(decideOn(seenAt(at, 0, { host }), having({ a: 0, b: 9 }), { kinds }))).toBe('bb');
  });

  it('is of a kind that fits into the owner’s CPUs where a slot is new, and in a slot where it is larger', () => {
    const large = kindOf('a', { cpus: 4 });
    const three = ['x', 'y', 'z'].map((name) => running(name, at - 10_000, { kind: 'b' }));
    const slots = three.map(({ name }) => slot(name, 'b'));
    expect(begun(decided([large, b], having({ a: 0, b: 9 }, slots), engineWith(three)))).toBe('b');
    const waits = [...slots, slot(null, 'b')];
    expect(begun(decided([large, b], having({ a: 0, b: 9 }, waits), engineWith(three)))).toBe('b');
    const own = [...slots, slot(null, 'a', { cpus: 4 })];
    expect(begun(decided([large, b], having({ a: 0, b: 9 }, own), engineWith(three)))).toBe('a');
  });

  it('leaves a slot in which a kind has just failed to the others', () => {
    const kinds = [{ ...a, fizzleMs: 0 }, b];
    const memory = having({ a: 0, b: 9 }, [slot(null, 'a', { failures: 3, notBeforeMs: at + 4000 })]);
    const decision = decided(kinds, memory, undefined, 1);
    expect(begun(decision)).toBe('b');
    expect(decision.memory.slots[0]).toMatchObject({ kind: 'b', failures: 0 });
  });
});

describe('what a kind has had', () => {
  it('counts half after an hour, and adds up while pilots run', () => {
    expect(decayed(1000, at - hourMs, at)).toBeCloseTo(500);
    expect(allocated(2, 1000)).toBeCloseTo(2000, 0);
    expect(allocated(1, 1e12)).toBeCloseTo(hourMs / Math.LN2);
    expect(decayed(allocated(1, hourMs), 0, hourMs) + allocated(1, hourMs)).toBeCloseTo(
      allocated(1, 2 * hourMs),
    );
  });

  it('is what its pilots had, once each, when they leave their slots', () => {
    const slots = [slot('x', 'a', { cpus: 2 }), slot('y', 'b')];
    const engine = engineWith([
      { ...ended('x', 0, 10_000, at), kind: 'a' },
      running('y', at - 10_000, { kind: 'b' }),
    ]);
    const first = decided([a, b], having({ a: 0, b: 0 }, slots), engine, 2);
    expect(first.memory.kinds['a']?.use.cpuMs).toBeCloseTo(20_000, -2);
    expect(first.memory.kinds['b']?.use.cpuMs).toBe(0);
    const second = decided([a, b], first.memory, engine, 2);
    expect(second.memory.kinds['a']?.use.cpuMs).toBeCloseTo(first.memory.kinds['a']?.use.cpuMs ?? 0);
  });

  it('is counted of evicted ones too, and not for longer than the engine says that it lived', () => {
    const low = { totalBytes: 64e9, availableBytes: 1e9, swapTotalBytes: 0, swapFreeBytes: 0 };
    const host = { ...hostAt(at), memory: { known: true, value: low } as const };
    const pilots = engineWith([running('x', at - 10_000, { kind: 'a' })]);
    const evicted = decideOn(seenAt(at, 0, { host, engine: pilots }), having({ a: 0 }, [slot('x', 'a')]), {
      kinds: [a, b],
    });
    expect(stops(evicted)).toEqual(['x']);
    expect(evicted.memory.kinds['a']?.use.cpuMs).toBeCloseTo(10_000, -2);
    const long = having({ a: 0 }, [slot('x', 'a', { sinceMs: at - 2 * hourMs })]);
    const away = decided([a, b], long, engineWith([{ ...ended('x', 0, 5000, at), kind: 'a' }]), 1);
    expect(away.memory.kinds['a']?.use.cpuMs).toBeCloseTo(5000, -2);
  });

  it('of a kind that was away is put to 10 min of its share behind the others, or ahead', () => {
    const away = (memory: Memory): Memory => ({
      ...memory,
      kinds: { ...memory.kinds, b: { ...(memory.kinds['b'] ?? newKind), isAway: true } },
    });
    // Ten minutes of half of four CPUs are 1200 CPU-seconds.
    const credit = (seconds: Record<string, number>) =>
      (decided([a, b], away(having(seconds)), undefined, 0).memory.kinds['b']?.use.creditMs ?? 0) / 1000;
    expect(credit({ a: 5000, b: 0 })).toBeCloseTo(3800);
    expect(credit({ a: 5000, b: 4500 })).toBe(0);
    expect(credit({ a: 5000, b: 9000 })).toBeCloseTo(-2800);
  });

  it('is forgotten of a kind that is gone, after ten hours', () => {
    const old = { ...newKind, use: { cpuMs: 5, creditMs: 0, atMs: at - 11 * hourMs } };
    const memory = emptyMemoryOf({ kinds: { gone: old, lately: { ...old, use: { ...old.use, atMs: at } } } });
    expect(Object.keys(decided([a], memory).memory.kinds).toSorted()).toEqual(['a', 'lately']);
  });
});

describe('a kind’s own time of day', () => {
  const pilots = engineWith([running('x', at - 9e5, { kind: 'a' }), running('y', at - 9e5, { kind: 'b' })]);
  const memory = having({ a: 0, b: 0 }, [slot('x', 'a'), slot('y', 'b')]);

  it('has its pilots told ahead of its end, by their grace, and leaves their slots to others', () => {
    const closes = (closesInMs: number) => decided([{ ...a, closesInMs }, b], memory, pilots, 2);
    expect(stops(closes(12_001))).toEqual([]);
    const over = closes(12_000);
    expect(over.actions).toMatchObject([{ do: 'stop', name: 'x', outcome: 'expired', graceMs: 10_000 }]);
    expect(over.memory.slots).toHaveLength(2);
    expect(over.memory.lastEvictionMs).toBeNull();
    expect(stops(decided([{ ...a, open: false, opensInMs: 5 }, b], memory, pilots, 2))).toEqual(['x']);
  });

  it('is beside the node’s, whose end gives each kind its own grace', () => {
    const signs = { ...hostAt(at).signs, window: { open: true, changesInMs: 15_000 } };
    const seen = seenAt(at, 0, { engine: pilots, host: { ...hostAt(at), signs } });
    const decision = decideOn(seen, memory, { kinds: [a, { ...b, stopGraceMs: 60_000 }], limit: 2 });
    expect(decision.actions).toMatchObject([{ do: 'stop', name: 'y', outcome: 'evicted', graceMs: 60_000 }]);
  });
});

describe('a pilot', () => {
  it('of a kind that is not in the file any more claims as the largest', () => {
    const engine = engineWith([
      running('x', at - 1000, { kind: 'gone' }),
      running('y', at - 1000, { kind: 'a' }),
    ]);
    const kinds = [
      kindOf('a', { memoryBytes: 1e9, stopGraceMs: 5000 }),
      kindOf('b', { memoryBytes: 8e9, stopGraceMs: 9000 }),
    ];
    const low = { totalBytes: 64e9, availableBytes: 1e8, swapTotalBytes: 0, swapFreeBytes: 0 };
    const host = { ...hostAt(at), memory: { known: true, value: low } as const };
    const decision = decideOn(seenAt(at, 0, { engine, host }), emptyMemoryOf(), { kinds });
    const graces = decision.actions.flatMap((one) => (one.do === 'stop' ? [[one.name, one.graceMs]] : []));
    expect(Object.fromEntries(graces)).toEqual({ x: 9000, y: 5000 });
  });

  it('of the kind that has had most beyond its share goes first among equals', () => {
    const engine = engineWith(
      ['x', 'y'].map((name, index) => running(name, at - 1000, { kind: index === 0 ? 'a' : 'b' })),
    );
    const low = { totalBytes: 64e9, availableBytes: 3.1e9, swapTotalBytes: 0, swapFreeBytes: 0 };
    const host = { ...hostAt(at), memory: { known: true, value: low } as const };
    const first = (seconds: Record<string, number>) =>
      stops(
        decideOn(seenAt(at, 0, { engine, host }), having(seconds, [slot('x', 'a'), slot('y', 'b')]), {
          kinds: [a, b],
        }),
      );
    expect(first({ a: 900, b: 100 })).toEqual(['x']);
    expect(first({ a: 100, b: 900 })).toEqual(['y']);
  });
});

describe('images of several kinds', () => {
  const kinds = [kindOf('a', { image: 'one' }), kindOf('b', { image: 'two' })];
  const views = (...ids: (string | null)[]) =>
    engineWith([], {
      images: ids.map((id, index) => ({
        ...image,
        reference: ['one', 'two'][index] ?? '',
        id,
        pulledAtMs: id === null ? null : 0,
      })),
    });
  const pulls = (decision: ReturnType<typeof decideOn>) =>
    decision.actions.flatMap((one) => (one.do === 'pull' ? [one.reference] : []));

  it('are pulled one at a time, in the order of the file, and the kinds that have theirs start meanwhile', () => {
    const none = decided(kinds, emptyMemoryOf(), views(null, null));
    expect([pulls(none), begun(none)]).toEqual([['one'], '']);
    const pulling = { action: { do: 'pull', reference: 'one', why: '' } as const, sinceMs: at };
    const busy = decideOn(
      seenAt(at, 0, { engine: views(null, 'sha256:2'), inFlight: [pulling] }),
      emptyMemoryOf(),
      { kinds },
    );
    expect([pulls(busy), begun(busy)]).toEqual([[], 'bbbb']);
    expect(pulls(decided(kinds, emptyMemoryOf(), views('sha256:1', null)))).toEqual(['two']);
  });

  it('are not pulled for a kind that is disabled or opens much later', () => {
    const pulled = (changes: Partial<KindPolicy>) =>
      pulls(
        decided(
          [{ ...a, image: 'one', ...changes }, kinds[1] ?? b],
          emptyMemoryOf(),
          views(null, 'sha256:2'),
        ),
      );
    expect(pulled({ enabled: false })).toEqual([]);
    expect(pulled({ open: false, opensInMs: 901_000 })).toEqual([]);
    expect(pulled({ open: false, opensInMs: 900_000 })).toEqual(['one']);
  });

  it.each<[KindPolicy['pull'], string | null, number | null, { pulls: boolean; starts: boolean }]>([
    ['auto', 'sha256:1', null, { pulls: true, starts: false }],
    ['auto', 'sha256:1', at - hourMs, { pulls: false, starts: true }],
    ['missing', null, null, { pulls: true, starts: false }],
    ['missing', 'sha256:1', null, { pulls: false, starts: true }],
    ['never', null, null, { pulls: false, starts: false }],
    ['never', 'sha256:1', null, { pulls: false, starts: true }],
    ['always', 'sha256:1', null, { pulls: true, starts: false }],
    ['always', 'sha256:1', at - 599_999, { pulls: false, starts: true }],
    ['always', 'sha256:1', at - 600_000, { pulls: true, starts: true }],
  ])('with pull %s, there %s, pulled at %s', (pull, id, pulledAtMs, expected) => {
    const engine = engineWith([], { images: [{ ...image, id, pulledAtMs }] });
    const decision = decided([{ ...a, pull }], emptyMemoryOf(), engine, 1);
    expect({ pulls: pulls(decision).length > 0, starts: starts(decision).length > 0 }).toEqual(expected);
  });

  it('always: wait for a pull that was good, since the boot', () => {
    const failed = { ...image, pulledAtMs: null, failedPulls: 3, lastFailureAtMs: at, error: 'no route' };
    const started = (pull: KindPolicy['pull']) =>
      begun(decided([{ ...a, pull }], emptyMemoryOf(), engineWith([], { images: [failed] }), 1));
    expect([started('auto'), started('always')]).toEqual(['a', '']);
  });

  it('let go of what they replaced when no kind’s pilots, and no other name, use it', () => {
    const superseded = [{ id: 'sha256:old', reference: 'one', kept: 0, notBeforeMs: 0 }];
    const removed = (twoId: string) =>
      decided(
        kinds,
        emptyMemoryOf(),
        engineWith([], {
          images: [
            { ...image, reference: 'one', superseded },
            { ...image, reference: 'two', id: twoId },
          ],
        }),
      ).actions.filter((one) => one.do === 'remove-image').length;
    expect([removed('sha256:2'), removed('sha256:old')]).toEqual([1, 0]);
  });
});

describe('containers made ahead of time', () => {
  const often = (kind: string) => slot(`p-${kind}`, kind, { sinceMs: at - 5000 });
  const pilots = engineWith(['a', 'b'].map((kind) => running(`p-${kind}`, at - 5000, { kind })));
  const prepared = (kinds: readonly KindPolicy[], memory: Memory) =>
    decided(
      kinds,
      { ...memory, spares: { ...memory.spares, lastRefillMs: at - 1000 } },
      pilots,
      2,
    ).actions.flatMap((one) => (one.do === 'prepare' ? [one.kind] : []));

  it('are of the kind that is next, among those whose pilots come often and need nothing that may change', () => {
    const memory = having({ a: 9, b: 0 }, [often('a'), often('b')]);
    expect(prepared([a, b], memory)).toEqual(['b']);
    expect(prepared([a, { ...b, mayPrepare: false }], memory)).toEqual(['a']);
    const seldom = [often('a'), { ...often('b'), sinceMs: at - 61_000 }];
    expect(prepared([a, b], having({ a: 9, b: 0 }, seldom))).toEqual(['a']);
  });

  it('are started for their own kind only', () => {
    const spare = running('s', at - 5000, {
      kind: 'b',
      state: 'created',
      startedAtMs: { known: false, reason: '' },
    });
    const memory: Memory = {
      ...having({ a: 0, b: 0 }, [slot(null, 'a'), slot(null, 'b')]),
      spares: {
        pilots: [{ pilot: 's', kind: 'b', recipe: 'recipe-1' }],
        lastRefillMs: at - 1000,
        notBeforeMs: 0,
      },
    };
    const decision = decided([a, b], memory, engineWith([spare]), 2);
    expect(decision.actions.filter((one) => one.do === 'start')).toMatchObject([
      { kind: 'a', name: `fresh-${at}-0` },
      { kind: 'b', name: 's', prepared: 'id-s' },
    ]);
  });
});

describe('with what is learned of the owner’s week', () => {
  const profile = learned(officeHours, 5);
  const equals = { ...policy.means, cpuClass: 'normal' } as const;
  const kinds = [kindOf('a', { ttlMs: 12 * hourMs }), kindOf('b', { ttlMs: 1_200_000 })];
  const begunAt = (hour: number, seconds: Record<string, number>, lives: Record<string, number> = {}) => {
    const before = having(seconds);
    const remembered = Object.entries(before.kinds).map(([name, one]) => {
      const life = lives[name];
      return [name, life === undefined ? one : { ...one, lives: Array.from({ length: 5 }, () => life) }];
    });
    const week = { profile, now: { hourOfWeek: Math.floor(hour), intoHourMs: (hour % 1) * hourMs } };
    const memory = { ...before, kinds: Object.fromEntries(remembered) };
    // Beside another one, of a kind that is gone.
    const other = running('o', at - hourMs, { kind: 'gone' });
    const slots = [slot('o', 'gone'), slot(null, 'gone')];
    const seen = seenAt(at, 0.1, { week, engine: engineWith([other]) });
    return begun(decideOn(seen, { ...memory, slots }, { kinds, limit: 2, means: equals }));
  };

  it('a kind that is done before he usually returns goes first, until the other is 10 min of its share behind', () => {
    expect(begunAt(8, { a: 0, b: 1100 })).toBe('b');
    expect(begunAt(8, { a: 0, b: 1300 })).toBe('a');
    // At midnight there is time for the longer one as well, by its usual life.
    expect(begunAt(0, { a: 0, b: 1100 }, { a: 8 * hourMs })).toBe('a');
    expect(begunAt(0, { a: 0, b: 1100 }, { a: 10 * hourMs })).toBe('b');
    expect(begunAt(9, { a: 0, b: 1100 })).toBe('a');
  });

  it('a kind that would hardly be done leaves the start to one that would', () => {
    expect(begunAt(8.5, { a: 0, b: 9000 }, { a: 3 * hourMs })).toBe('b');
    expect(begunAt(7.5, { a: 0, b: 9000 }, { a: 3 * hourMs })).toBe('a');
  });
});
