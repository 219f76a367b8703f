import { describe, expect, it } from 'vitest';
import { closerLookAfter, shortage } from '../../src/decide/memoryRelief.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Leaving, Memory, Seen } from '../../src/decide/types.ts';
import { why } from '../../src/decide/why.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known } from '../../src/model/reading.ts';
import { decideOn, engineWith, hostAt, policy, running, sampleAt, slotsOf, stops } from './world.ts';

const at = 10_000_000;
/** What each pilot holds at three looks, a second apart, in MB; `null`: it was not read then. */
type Uses = Readonly<Record<string, readonly (number | null)[]>>;
const growing: Uses = { a: [400, 600, 800], b: [500, 600, 700] };

/** Three looks at a node on which so many bytes are available at the last. 3.2 GB are the owner's. */
function seenAfter(uses: Uses, availableBytes: number, changes: Partial<Pilot> = {}): Seen {
  const names = Object.keys(uses);
  const read = new Map<string, { memoryBytes: number; cpuMs: number; readAtMs: number }>();
  let seen: Seen | null = null;
  for (const look of [0, 1, 2]) {
    const atMs = at + 1000 * (look - 2);
    for (const name of names) {
      const megabytes = uses[name]?.[look] ?? null;
      if (megabytes !== null)
        read.set(`id-${name}`, { memoryBytes: megabytes * 1e6, cpuMs: 1000, readAtMs: atMs });
    }
    const sum = names.reduce((all, name) => all + (uses[name]?.[look] ?? 500) * 1e6, 0);
    const memory = known({ totalBytes: 64e9, availableBytes, swapTotalBytes: 0, swapFreeBytes: 0 });
    const host = { ...hostAt(atMs), memory, pilotUse: new Map(read), pilotsMemoryBytes: known(sum) };
    const engine = engineWith(names.map((name, index) => running(name, at - 1e6 * (index + 1), changes)));
    seen = observe(seen, sampleAt(atMs, { host, engine }));
  }
  if (seen === null) throw new Error('there was a look');
  return { ...seen, ownerMemoryGrowth: known(0) };
}
const missing = (seen: Seen, staying = seen.sample.engine.pilots): number =>
  shortage(policy, seen, 0, staying)?.missingBytes ?? 0;

describe('pilots that grow', () => {
  it('are reckoned with for two seconds, at the pace at which they grow together', () => {
    expect(missing(seenAfter(growing, 3.5e9))).toBeCloseTo(3e8);
    expect(missing(seenAfter(growing, 3.8e9))).toBe(0);
  });

  it.each<[string, Uses]>([
    ['the lesser pace of two looks counts', { a: [400, 400, 1000] }],
    ['what others give back is there for them', { a: [400, 600, 800], b: [900, 700, 500] }],
    ['one that is new has shown one step', { a: [400, 400, 400], b: [null, null, 700] }],
  ])('take nothing for sure: %s', (_, uses) => {
    expect(missing(seenAfter(uses, 3.21e9))).toBe(0);
  });

  it('stop at their limit, and while they are paused', () => {
    const full: Uses = { a: [1700, 1800, 1900] };
    expect(missing(seenAfter(full, 3.2e9))).toBeCloseTo(1e8);
    expect(missing(seenAfter({ a: [1800, 1900, 2000] }, 3.2e9))).toBe(0);
    expect(missing(seenAfter(full, 3.2e9, { state: 'paused' }))).toBe(0);
  });

  it('are told by their parent where not all were read, and are bounded by all their limits', () => {
    const unread: Uses = { a: [400, 700, 1000], b: [500, null, null] };
    expect(missing(seenAfter(unread, 3.2e9))).toBeCloseTo(6e8);
    const nearlyFull: Uses = { a: [1300, 1600, 1900], b: [1900, null, null] };
    // What `b` holds counts 0.5 GB for the parent here once it is not read.
    const seen = seenAfter(nearlyFull, 3.2e9);
    const rates = { ...seen, paces: { ...seen.paces, rate: known(3e8), rateBefore: known(3e8) } };
    expect(missing(rates)).toBeCloseTo(2e8);
  });

  it('that have been asked to go are reckoned with no more', () => {
    const seen = seenAfter(growing, 3.2e9);
    const left = seen.sample.engine.pilots.filter(({ name }) => name === 'b');
    expect(missing(seen, left)).toBeCloseTo(2e8);
  });

  it('have as many of them go as it takes, with what they would have taken', () => {
    // 0.5 GB are missing in 2 s; the older one would take 0.2 GB of it, and holds 0.7.
    const decision = decideOn(seenAfter(growing, 3.3e9), slotsOf('a', 'b'));
    expect(stops(decision)).toEqual(['a']);
    const stop = decision.actions.find((one) => one.do === 'stop');
    expect(stop?.do === 'stop' && stop.why.text).toBe(
      "3.3 GB of memory available, the owner's reserve is 3.2 GB, and pilots take 300 MB more each second",
    );
  });

  it('are named when it is asked why', () => {
    const seen = seenAfter(growing, 5e9);
    const both = { ...seen, ownerMemoryGrowth: known(1e8) };
    const texts = why(policy, both, decideOn(both, slotsOf('a', 'b'))).fewer;
    expect(texts).toContain(
      'memory: evicted at once when less than 3.2 GB is available, 900 MB less than now (the owner takes 100 MB more and pilots 300 MB each second, which is reckoned with)',
    );
  });
});

describe('all pilots are read', () => {
  const levels = (availableBytes: number) => ({
    totalBytes: 64e9,
    availableBytes,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
  });
  const wants = (uses: Uses, availableBytes: number) =>
    closerLookAfter({ policy, seen: seenAfter(uses, 9e9) })?.allPilots(levels(availableBytes));

  it('a look earlier than their pace may matter, and no sooner', () => {
    expect([wants(growing, 4e9), wants(growing, 4.2e9)]).toEqual([true, false]);
    expect(wants({ a: [400, 400, 400] }, 3.3e9)).toBe(false);
  });
});

describe('a pilot under notice that goes on growing', () => {
  const asked = (name: string, changes: Partial<Leaving> = {}): Leaving => ({
    pilot: name,
    outcome: 'evicted',
    sinceMs: at - 1000,
    ...changes,
  });
  const killed = (uses: Uses, availableBytes: number, changes: Partial<Leaving> = {}): string[] => {
    const memory: Memory = { ...slotsOf(), leaving: [asked('a', changes), asked('b', changes)] };
    return decideOn(seenAfter(uses, availableBytes), memory).actions.flatMap((one) =>
      one.do === 'kill' ? [one.name] : [],
    );
  };

  it('has no grace once the reserve is touched, or is in a second; one that does not grow has it', () => {
    const one: Uses = { a: [400, 600, 800], b: [700, 700, 700] };
    expect(killed(one, 3.3e9)).toEqual(['a']);
    expect(killed(one, 3.5e9)).toEqual([]);
    expect(killed({ a: [800, 800, 800], b: [700, 700, 700] }, 3.1e9)).toEqual([]);
  });

  it('has heard of it first', () => {
    expect(killed(growing, 3e9, { sinceMs: at - 400 })).toEqual([]);
  });
});
