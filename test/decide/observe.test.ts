import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/reading.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Seen } from '../../src/decide/types.ts';
import { hostAt, noStalls, sampleAt } from './world.ts';

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
      pressure: {
        node: { ...noStalls, io: known({ someMs: (atMs - at) * 0.7, fullMs: 0 }) },
        pilots: { ...noStalls, io: known({ someMs: (atMs - at) * 0.2, fullMs: 0 }) },
        owner: [],
      },
    }));
    expect(seen.ownerPressure.io).toEqual({ known: true, value: expect.closeTo(0.5, 5) as number });
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

describe('the owner’s pressure', () => {
  const stall = (someMs: number, fullMs = 0) => known({ someMs, fullMs });
  const of = (cpu: number, memory: number, io: number) => ({
    cpu: stall(cpu),
    memory: stall(memory, memory / 2),
    io: stall(io),
  });
  type Pressure = ReturnType<typeof hostAt>['pressure'];
  /** Looks once, one second after counters that are all zero. */
  const pressed = (pressure: Partial<Pressure>, before: Partial<Pressure> = {}) => {
    const zero = { node: noStalls, pilots: noStalls, owner: (pressure.owner ?? []).map(() => noStalls) };
    return look(1, (atMs) => ({
      ...hostAt(atMs),
      pressure: atMs > at ? { ...zero, ...pressure } : { ...zero, ...before },
    })).ownerPressure;
  };
  const shares = (pressure: ReturnType<typeof pressed>) =>
    [pressure.cpu, pressure.memory, pressure.memoryFull, pressure.io].map((one) =>
      one.known ? Math.round(one.value * 100) : null,
    );

  it('is that of his groups, of which the worst counts', () => {
    const owner = [of(100, 200, 0), of(300, 0, 50)];
    expect(shares(pressed({ owner, node: of(900, 900, 900) }))).toEqual([30, 20, 10, 5]);
  });

  it('is the node less the pilots where he has no groups of his own, but not for CPUs', () => {
    expect(shares(pressed({ node: of(500, 300, 200), pilots: of(400, 100, 0) }))).toEqual([null, 20, 10, 20]);
  });

  it('is that of the group that can be read', () => {
    const gone = { cpu: unknown('gone'), memory: unknown('gone'), io: unknown('gone') };
    expect(shares(pressed({ owner: [gone, of(100, 0, 0)] }))).toEqual([10, 0, 0, 0]);
    expect(shares(pressed({ owner: [gone], node: of(200, 0, 200) }))).toEqual([null, 0, 0, 20]);
  });

  it('is unknown without either, and all of the time at most', () => {
    const gone = { cpu: unknown('gone'), memory: unknown('gone'), io: unknown('gone') };
    expect(shares(pressed({ node: of(500, 0, 0), pilots: gone }))).toEqual([null, null, null, null]);
    expect(shares(pressed({ node: gone }))).toEqual([null, null, null, null]);
    expect(shares(pressed({ owner: [of(1500, 0, 0)] }))[0]).toBe(100);
    expect(shares(pressed({ node: of(0, 0, 1500) }))[3]).toBe(100);
  });

  it('is not read out of groups that were other ones before', () => {
    const owner = [of(900, 0, 900)];
    expect(shares(pressed({ owner, node: of(100, 0, 100) }, { owner: [] }))).toEqual([null, 0, 0, 10]);
  });
});

describe('the owner’s memory', () => {
  const host = (atMs: number, availableBytes: number, pilotsBytes: number) => ({
    ...hostAt(atMs),
    memory: known({ totalBytes: 64e9, availableBytes, swapTotalBytes: 0, swapFreeBytes: 0 }),
    pilotsMemoryBytes: known(pilotsBytes),
  });

  it('is what is in use and not the pilots’', () => {
    expect(look(1, (atMs) => host(atMs, 50e9, 4e9)).ownerMemoryBytes).toEqual(known(10e9));
    const blind = look(1, (atMs) => ({ ...host(atMs, 50e9, 4e9), pilotsMemoryBytes: unknown('no parent') }));
    expect(blind.ownerMemoryBytes.known).toBe(false);
    expect(blind.ownerMemoryGrowth.known).toBe(false);
  });

  it('is not what was freed and lies with single CPUs, which is compared with its like only', () => {
    const freed = (atMs: number, atHandBytes: number | undefined) => {
      const { memory, ...rest } = host(atMs, 50e9, atMs > at + 2000 ? 3e9 : 4e9);
      const levels = memory.known ? memory.value : null;
      if (levels === null) throw new Error('memory is known here');
      return { ...rest, memory: known(atHandBytes === undefined ? levels : { ...levels, atHandBytes }) };
    };
    const counted = look(3, (atMs) => freed(atMs, atMs > at + 2000 ? 1e9 : 0));
    expect([counted.ownerMemoryBytes, counted.ownerMemoryRate]).toEqual([known(10e9), known(0)]);
    const first = look(3, (atMs) => freed(atMs, atMs > at + 2000 ? 1e9 : undefined));
    expect(first.ownerMemoryRate).toEqual(known(1e9));
  });

  it('grows at the lesser pace of the last two looks, and not by what pilots take', () => {
    const steady = look(3, (atMs) => host(atMs, 50e9 - (atMs - at) * 5e5, 0));
    expect(steady.ownerMemoryGrowth).toEqual(known(5e8));
    const step = look(3, (atMs) => host(atMs, atMs >= at + 3000 ? 40e9 : 50e9, 0));
    expect(step.ownerMemoryRate).toEqual(known(1e10));
    expect(step.ownerMemoryGrowth).toEqual(known(0));
    const pilots = look(3, (atMs) => host(atMs, 50e9 - (atMs - at) * 5e5, (atMs - at) * 5e5));
    expect(pilots.ownerMemoryGrowth).toEqual(known(0));
    const shrinking = look(3, (atMs) => host(atMs, 50e9 + (atMs - at) * 5e5, 0));
    expect(shrinking.ownerMemoryGrowth).toEqual(known(0));
  });
});
