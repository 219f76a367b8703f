import { describe, expect, it } from 'vitest';
import { burstOf, recordedOnce } from '../../bench/burst.ts';
import type { Life } from '../../bench/slots.ts';

const instantMs = 1_000_000;
const windowMs = 60_000;

/** A hundred that end at the instant, and those that follow, each so long after it. */
function lives(afterMs: readonly number[]): readonly Life[] {
  const before = Array.from({ length: 100 }, () => ({ startMs: instantMs - 30_000, endMs: instantMs }));
  return [...before, ...afterMs.map((ms) => ({ startMs: instantMs + ms, endMs: null }))];
}
const ids = Array.from({ length: 100 }, (_, index) => String(index));

describe('a burst of ends', () => {
  it('is as good as its slots are filled in the time after it', () => {
    const all = lives(Array.from({ length: 100 }, () => windowMs / 4));
    expect(burstOf(all, instantMs, ids)).toMatchObject({ filled: 0.75, replacedMs: windowMs / 4 });
  });

  it('tells when the last slot was filled', () => {
    const all = lives(Array.from({ length: 100 }, (_, index) => index * 100));
    expect(burstOf(all, instantMs, ids).replacedMs).toBe(9900);
  });

  it('is none when pilots stayed, or were not replaced', () => {
    const all = lives(Array.from({ length: 100 }, () => 0));
    expect(() => burstOf(all, instantMs, ids.slice(1))).toThrow('99 of 100 pilots ended');
    expect(() => burstOf(all.slice(0, -1), instantMs, ids)).toThrow('99 of 100 slots were filled');
  });
});

describe('the journal after it', () => {
  const line = (id: string): string => JSON.stringify({ v: 1, id });

  it('has one line for each pilot', () => {
    expect(recordedOnce([line('a'), line('b'), line('other')], ['a', 'b'])).toBe(1);
  });

  it('must not lack one, nor have one twice', () => {
    expect(recordedOnce([line('a')], ['a', 'b'])).toBe(0.5);
    expect(recordedOnce([line('a'), line('b'), line('b')], ['a', 'b'])).toBe(0.5);
  });
});
