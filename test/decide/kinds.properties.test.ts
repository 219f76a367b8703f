import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { KindPolicy, Memory } from '../../src/decide/types.ts';
import { hashShare } from '../../src/decide/hash.ts';
import {
  type Begun,
  type Fate,
  type KindDecider,
  type KindLives,
  type KindStory,
  liveWithKinds,
  partsOf,
} from './kindLoop.ts';
import { kindOf } from './world.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** A property over whole lives of a node, and a decider that it catches. */
interface Property {
  readonly name: string;
  readonly stories: fc.Arbitrary<KindStory>;
  /** What is wrong with how it went; null when nothing is. */
  readonly fault: (story: KindStory, lives: KindLives) => string | null;
  readonly broken: KindDecider;
  readonly runs: number;
}

const names = ['a', 'b', 'c'];
/** Life of the pilot of this number, between a half and one and a half of the usual one. */
const around = (usualMs: number, index: number): number => usualMs * (0.5 + hashShare(`life ${index}`));
const kinds = (most: number): fc.Arbitrary<readonly KindPolicy[]> =>
  fc
    .array(fc.record({ share: fc.constantFrom(1, 1, 2, 3, 5), cpus: fc.constantFrom(0.5, 1, 2) }), {
      minLength: 2,
      maxLength: most,
    })
    .map((list) =>
      list.map((one, index) => kindOf(names[index] ?? '', { ...one, memoryBytes: 1e8, fizzleMs: 0 })),
    );
const lives = fc.array(fc.constantFrom(70_000, 150_000, 300_000), { minLength: 3, maxLength: 3 });
const working =
  (usual: readonly number[]) =>
  (kind: string, _atMs: number, index: number): Fate => ({
    livesMs: around(usual[names.indexOf(kind)] ?? minuteMs, index),
  });

/** As if something were not in the memory of kinds. */
const forgetting =
  (change: (memory: Memory['kinds'][string]) => Partial<Memory['kinds'][string]>): KindDecider =>
  (policy, seen, memory, previousMs) => {
    const entries = Object.entries(memory.kinds).map(([name, one]) => [name, { ...one, ...change(one) }]);
    return decide(policy, seen, { ...memory, kinds: Object.fromEntries(entries) }, previousMs);
  };
/** As if the file said something else of kinds. */
const believing =
  (change: (kind: KindPolicy, index: number) => Partial<KindPolicy>): KindDecider =>
  (policy, seen, memory, previousMs) =>
    decide(
      { ...policy, kinds: policy.kinds.map((kind, index) => ({ ...kind, ...change(kind, index) })) },
      seen,
      memory,
      previousMs,
    );

const startsOf = ({ begun }: KindLives, kind: string): readonly Begun[] =>
  begun.filter((one) => one.kind === kind);

/** The most starts within any minute. */
function mostInAMinute(begun: readonly Begun[]): number {
  let [first, most] = [0, 0];
  for (const [index, { atMs }] of begun.entries()) {
    while (atMs - (begun[first]?.atMs ?? atMs) >= minuteMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

const properties: readonly Property[] = [
  {
    name: 'in the long run each kind has its share of the CPU time, within 2 %',
    stories: fc.record({ kinds: kinds(3), lives, slots: fc.constantFrom(6, 9, 16) }).map((one) => ({
      ...one,
      forMs: 10 * hourMs,
      stepMs: 15_000,
      fate: working(one.lives),
    })),
    fault: ({ kinds }, { had }) => {
      const shares = kinds.reduce((sum, { share }) => sum + share, 0);
      const parts = partsOf(had);
      const wrong = kinds.find(({ name, share }) => Math.abs((parts.get(name) ?? 0) - share / shares) > 0.02);
      return wrong === undefined
        ? null
        : `${wrong.name} has ${parts.get(wrong.name)} instead of ${wrong.share / shares}`;
    },
    broken: believing((_, index) => ({ share: index + 1 })),
    runs: 4,
  },
  {
    name: 'no kind that could start is left without a start for long',
    stories: fc.record({ kinds: kinds(3), lives, slots: fc.constantFrom(3, 6, 9) }).map((one) => ({
      ...one,
      forMs: 3 * hourMs,
      stepMs: 10_000,
      fate: working(one.lives),
    })),
    fault: (story, lived) => {
      // The smallest share is a ninth of the node; its pilots are at most four times as large as another's.
      const late = story.kinds.find(({ name }) => {
        const times = [0, ...startsOf(lived, name).map(({ atMs }) => atMs), story.forMs];
        return times.some((atMs, index) => index > 0 && atMs - (times[index - 1] ?? 0) > hourMs);
      });
      return late === undefined ? null : `${late.name} waits for more than an hour`;
    },
    broken: believing((_, index) => ({ share: index === 0 ? 1e9 : 1 })),
    runs: 4,
  },
  {
    name: 'a kind that comes back catches up by 10 min of its share, and no more',
    stories: fc
      .record({ kinds: kinds(2), slots: fc.constantFrom(6, 9), awayHours: fc.constantFrom(1, 3) })
      .map((one) => ({
        ...one,
        forMs: (one.awayHours + 2) * hourMs,
        stepMs: 10_000,
        kindsAt: (ms: number) =>
          one.kinds.map((kind, index) =>
            index === 1 ? { ...kind, enabled: ms >= one.awayHours * hourMs } : kind,
          ),
        fate: working([70_000, 70_000, 70_000]),
      })),
    fault: (story, lived) => {
      const [first, second] = story.kinds;
      if (first === undefined || second === undefined) return 'there are no two kinds';
      const backMs = story.forMs - 2 * hourMs;
      const after = lived.begun.filter(({ atMs }) => atMs >= backMs);
      const share = second.share / (first.share + second.share);
      let [own, all, most] = [0, 0, 0];
      for (const { kind, fate } of after) {
        const cpuMs = fate.livesMs * (kind === 'b' ? second.cpus : first.cpus);
        all += cpuMs;
        if (kind === 'b') own += cpuMs;
        most = Math.max(most, own - share * all);
      }
      // All that the node has in 10 min, by its share; and what one round of the slots is worth.
      const nodeCpus = Math.max(first.cpus, second.cpus) * story.slots + 1;
      const bound = share * nodeCpus * 600_000 + story.slots * 105_000 * second.cpus;
      return most > bound ? `${Math.round(most / 1000)} CPU-seconds ahead` : null;
    },
    broken: forgetting(() => ({ isAway: false })),
    runs: 4,
  },
  {
    name: 'while a kind backs off, one pilot at a time tries whether there is work',
    stories: fc
      .record({ slots: fc.constantFrom(1, 4, 8), livesMs: fc.constantFrom(500, 5000, 40_000) })
      .map((one) => ({
        ...one,
        kinds: [kindOf('a'), kindOf('b')],
        forMs: 6 * hourMs,
        stepMs: 10_000,
        fate: (kind: string, _atMs: number, index: number): Fate =>
          kind === 'a' ? { livesMs: one.livesMs } : { livesMs: around(300_000, index) },
      })),
    fault: (story, lived) => {
      const starts = startsOf(lived, 'a');
      const first = Math.min(...starts.map(({ atMs, fate }) => atMs + fate.livesMs));
      const probes = starts.filter(({ atMs }) => atMs > first + story.stepMs);
      const both = probes.find(({ atMs }, index) => {
        const before = probes[index - 1];
        return before !== undefined && atMs < before.atMs + before.fate.livesMs;
      });
      if (both !== undefined) return `two at a time at ${both.atMs}`;
      // 60 s doubling to an hour, and at least half of each: in six hours 6 to get there and then at most 2 an hour.
      return probes.length > 6 + 2 * 6 ? `${probes.length} tries` : null;
    },
    broken: forgetting(({ backOff }) => ({
      backOff: backOff === null ? null : { ...backOff, untilMs: 0, sinceMs: 1e15 },
    })),
    runs: 4,
  },
  {
    name: 'whatever pilots say that end within a second, at most 60 a minute and one for each slot and kind start',
    stories: fc
      .record({
        slots: fc.constantFrom(1, 4, 16),
        livesMs: fc.constantFrom(10, 400, 990),
        exitCode: fc.constantFrom(0, 0, 1, 75, 137),
        says: fc.constantFrom(undefined, undefined, 200, 300, 500),
        fizzleMs: fc.constantFrom(0, 0, 60_000),
        count: fc.constantFrom(1, 1, 2, 3),
        outcomes: fc.constantFrom(
          {},
          { 75: 'no-work' as const },
          { 1: 'finished' as const, 0: 'finished' as const },
        ),
      })
      .map(({ livesMs, exitCode, says, count, fizzleMs, outcomes, ...one }) => ({
        ...one,
        kinds: names
          .slice(0, count)
          .map((name) => kindOf(name, { fizzleMs, outcomes, cpus: 0.1, memoryBytes: 1e6 })),
        forMs: 130_000,
        stepMs: 250,
        fate: (): Fate => ({ livesMs, exitCode, ...(says === undefined ? {} : { says }) }),
      })),
    fault: ({ slots, kinds }, { begun }) => {
      const most = mostInAMinute(begun);
      return most > 60 + slots * kinds.length ? `${most} starts in a minute` : null;
    },
    broken: forgetting(() => ({ hasty: null })),
    runs: 25,
  },
  {
    name: 'who lives for a second and more is never held up',
    stories: fc
      .record({ slots: fc.constantFrom(1, 4, 16), livesMs: fc.constantFrom(1000, 1500, 4000) })
      .map((one) => ({
        ...one,
        kinds: [kindOf('a', { fizzleMs: 0, cpus: 0.1, memoryBytes: 1e6 })],
        forMs: 120_000,
        stepMs: 100,
        fate: (): Fate => ({ livesMs: one.livesMs, exitCode: 3 }),
      })),
    fault: ({ slots, forMs }, { had }) => {
      const part = (had.get('a') ?? 0) / (0.1 * slots * forMs);
      // An end is told at the next look, and the engine has eight starts at a time.
      return part < 0.8 ? `the slots are filled for ${part} of the time` : null;
    },
    broken: (policy, seen, memory, previousMs) => {
      const kinds = Object.entries(memory.kinds).map(([name, one]) => [
        name,
        { ...one, hasty: { count: 1e6, atMs: seen.sample.atMs } },
      ]);
      return decide(policy, seen, { ...memory, kinds: Object.fromEntries(kinds) }, previousMs);
    },
    runs: 10,
  },
  {
    name: 'never more pilots of a kind than its max',
    stories: fc
      .record({ kinds: kinds(3), lives, slots: fc.constantFrom(6, 9), max: fc.constantFrom(0, 1, 4) })
      .map(({ max, ...one }) => ({
        ...one,
        kinds: one.kinds.map((kind, index) => (index === 0 ? { ...kind, max } : kind)),
        forMs: hourMs,
        stepMs: 5000,
        fate: working(one.lives),
      })),
    fault: ({ kinds, stepMs }, { begun }) => {
      const { max = 0 } = kinds[0] ?? {};
      const own = begun.filter(({ kind }) => kind === 'a');
      const at = (ms: number): number =>
        own.filter(({ atMs, fate }) => atMs <= ms && ms < atMs + fate.livesMs - stepMs).length;
      const over = own.find(({ atMs }) => at(atMs) > max);
      return over === undefined ? null : `${at(over.atMs)} at a time`;
    },
    broken: believing(({ max }) => ({ max: max + 1 })),
    runs: 6,
  },
];

/** The first life in which a decider breaks a property; null when none is found. */
function search({ stories, fault, runs }: Property, decider: KindDecider): string | null {
  const told: string[] = [];
  const result = fc.check(
    fc.property(stories, (story) => {
      const wrong = fault(story, liveWithKinds({ ...story, decider }));
      if (wrong !== null) told.push(wrong);
      return wrong === null;
    }),
    { numRuns: runs, seed: 7, endOnFailure: true },
  );
  return result.failed ? `${told.at(-1) ?? ''} ${JSON.stringify(result.counterexample)}` : null;
}

describe.each(properties)('$name', { timeout: 120_000 }, (property) => {
  it('holds', () => {
    expect(search(property, decide)).toBeNull();
  });

  it('is seen to fail with a decider that breaks it', () => {
    expect(search(property, property.broken)).not.toBeNull();
  });
});
