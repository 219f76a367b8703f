import { describe, expect, it } from 'vitest';
import { claimsBeyondUse, freedBy, newClaim } from '../../src/decide/claims.ts';
import { memoryFits, memoryRoom } from '../../src/decide/room.ts';
import type { Seen } from '../../src/decide/types.ts';
import type { PilotUse } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import { engineWith, hostAt, plainKind, policy, running, seenAt, startInFlight } from './world.ts';

const at = 1_000_000;
const old = (name: string): Pilot => running(name, at - 120_000);
const young = (name: string): Pilot => running(name, at - 10_000);

function using(
  pilots: readonly Pilot[],
  uses: Record<string, number>,
  total: Reading<number> = unknown('no parent'),
  inFlight: Seen['sample']['inFlight'] = [],
): Seen {
  const pilotUse = new Map<string, PilotUse>(
    Object.entries(uses).map(([name, memoryBytes]) => [
      `id-${name}`,
      { memoryBytes, cpuMs: 0, readAtMs: at },
    ]),
  );
  const host = { ...hostAt(at), pilotUse, pilotsMemoryBytes: total };
  return seenAt(at, 0, { host, engine: engineWith(pilots), inFlight });
}

describe('what pilots claim beyond what they use', () => {
  it('is the rest of a quarter of the limit in their first minute', () => {
    expect(claimsBeyondUse(policy, using([young('a')], { a: 1e8 }))).toBe(4e8);
    expect(claimsBeyondUse(policy, using([young('a')], { a: 1.9e9 }))).toBe(0);
  });

  it('is a tenth of their use later', () => {
    expect(claimsBeyondUse(policy, using([old('a'), old('b')], { a: 1e9, b: 2e9 }))).toBeCloseTo(3e8);
  });

  it('is reckoned from all pilots together where some were not read', () => {
    const pilots = [old('a'), old('b'), young('c')];
    const seen = using(pilots, { a: 1e9, c: 6e8 }, known(3.6e9));
    expect(claimsBeyondUse(policy, seen)).toBeCloseTo(3e8);
  });

  it('is reckoned from a quarter of the limit where nothing is known', () => {
    expect(claimsBeyondUse(policy, using([young('a'), old('b')], {}))).toBeCloseTo(5e8 + 5e7);
  });

  it('is that of a young one for a pilot of unknown age', () => {
    const pilot = running('a', 0, { startedAtMs: unknown('not inspected') });
    expect(claimsBeyondUse(policy, using([pilot], {}))).toBe(5e8);
  });
});

describe('what a new pilot claims', () => {
  it('is a quarter of its limit, or what the old ones use where that is more', () => {
    expect(newClaim(policy, using([], {}), plainKind)).toBe(5e8);
    expect(newClaim(policy, using([old('a'), old('b')], { a: 1e8, b: 3e8 }), plainKind)).toBe(5e8);
    expect(newClaim(policy, using([old('a'), old('b')], { a: 1e9, b: 2e9 }), plainKind)).toBe(1.5e9);
    expect(newClaim(policy, using([young('a')], { a: 1.9e9 }), plainKind)).toBe(5e8);
    expect(newClaim(policy, using([old('a')], { a: 9e9 }), plainKind)).toBe(2e9);
  });
});

describe('room', () => {
  it('is what is available less the reserve, the claims, and those of starts under way', () => {
    const seen = using([old('a')], { a: 1e9 }, known(1e9), [startInFlight('x'), startInFlight('y')]);
    expect(memoryRoom(policy, seen)).toBeCloseTo(60e9 - 3.2e9 - 1e8 - 2 * 1e9);
    expect(memoryFits(policy, seen, plainKind)).toBe(Math.floor((60e9 - 3.2e9 - 1e8 - 2e9) / 1e9));
  });

  it('counts what running pilots use once only: it is not available any more', () => {
    const few = using([old('a')], { a: 1e9 }, known(1e9));
    const none = using([], {});
    expect((memoryRoom(policy, none) ?? 0) - (memoryRoom(policy, few) ?? 0)).toBeCloseTo(1e8);
  });
});

describe('what an end frees', () => {
  it('is what the pilot uses, or a quarter of its limit where that is not known', () => {
    const seen = using([old('a'), old('b')], { a: 7e8 });
    expect(freedBy(policy, seen, old('a'))).toBe(7e8);
    expect(freedBy(policy, seen, old('b'))).toBe(5e8);
  });
});
