import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/reading.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Seen } from '../../src/decide/types.ts';
import { hostAt, sampleAt } from './world.ts';

const at = 1_000_000;

/** Looks each second for a while, at counters that this function gives. */
function look(seconds: number, host: (atMs: number) => ReturnType<typeof hostAt>): Seen {
  let seen = observe(null, sampleAt(at, { host: host(at) }));
  for (let second = 1; second <= seconds; second++) {
    const atMs = at + second * 1000;
    seen = observe(seen, sampleAt(atMs, { host: host(atMs) }));
  }
  return seen;
}

describe('the owner', () => {
  it('is the node without our pilots', () => {
    const seen = look(1, (atMs) => hostAt(atMs, 1.5, 2));
    expect(seen.ownerCpus).toEqual({ known: true, value: expect.closeTo(1.5, 5) as number });
    expect(seen.pilotsCpus).toEqual({ known: true, value: expect.closeTo(2, 5) as number });
  });

  it('counts with pilots that cannot be told apart: the careful side', () => {
    const seen = look(1, (atMs) => ({ ...hostAt(atMs, 1, 2), pilotsCpuMs: unknown('no parent') }));
    expect(seen.ownerCpus).toMatchObject({ value: expect.closeTo(3, 5) as number });
  });

  it('is a mean over some seconds, that follows', () => {
    const burst = (atMs: number) => {
      const busySinceMs = Math.max(0, atMs - (at + 10_000));
      return { ...hostAt(atMs), cpu: known({ busyMs: 4 * busySinceMs, totalMs: 4 * atMs }) };
    };
    const soon = look(11, burst).ownerCpus;
    const later = look(40, burst).ownerCpus;
    expect(soon.known && soon.value).toBeCloseTo(4 * (1 - Math.exp(-0.2)), 3);
    expect(later.known && later.value).toBeGreaterThan(3.9);
  });

  it('is unknown at the first look, and when the counters cannot be read, and not zero', () => {
    expect(look(0, (atMs) => hostAt(atMs)).ownerCpus.known).toBe(false);
    expect(look(3, (atMs) => ({ ...hostAt(atMs), cpu: unknown('gone') })).ownerCpus).toEqual({
      known: false,
      reason: 'gone',
    });
  });

  it('has no rates over an instant: those of before stay', () => {
    const before = look(3, (atMs) => hostAt(atMs, 2));
    const atMs = at + 3010;
    const noise = { ...hostAt(atMs), cpu: known({ busyMs: 4 * atMs, totalMs: 4 * atMs }) };
    const seen = observe(before, sampleAt(atMs, { host: noise }));
    expect(seen.ownerCpus).toEqual(before.ownerCpus);
    expect(seen.sample.atMs).toBe(atMs);
  });

  it('is not guessed when the parent cgroup was made anew', () => {
    const seen = look(1, (atMs) => ({ ...hostAt(atMs), pilotsCpuMs: known(atMs > at ? 0 : 5000) }));
    expect(seen.pilotsCpus.known).toBe(false);
  });

  it('waits for storage at least as long as the node does and the pilots do not', () => {
    const seen = look(1, (atMs) => ({
      ...hostAt(atMs),
      ioStall: known({ someMs: (atMs - at) * 0.7, fullMs: 0 }),
      pilotsIoStall: known({ someMs: (atMs - at) * 0.2, fullMs: 0 }),
    }));
    expect(seen.ownerIoStall).toEqual({ known: true, value: expect.closeTo(0.5, 5) as number });
  });
});

describe('pilots that cannot be told apart', () => {
  it('make the owner an upper bound, on which nothing is evicted', () => {
    const seen = look(2, (atMs) => ({ ...hostAt(atMs, 1, 3), pilotsCpuMs: unknown('no parent') }));
    expect(seen.ownerIsExact).toBe(false);
    expect(look(2, (atMs) => hostAt(atMs, 1, 3)).ownerIsExact).toBe(true);
  });

  it('for a moment, leave the owner as he was', () => {
    const gone = (atMs: number) => known(atMs <= at + 3000 ? 3 * atMs : 2 * atMs);
    const seen = look(4, (atMs) => ({ ...hostAt(atMs, 1, 3), pilotsCpuMs: gone(atMs) }));
    expect(seen.pilotsCpus.known).toBe(false);
    expect(seen.ownerCpus).toMatchObject({ value: expect.closeTo(1, 5) as number });
  });
});
