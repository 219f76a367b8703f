import { describe, expect, it } from 'vitest';
import { hashShare } from '../../src/decide/hash.ts';
import { failedAtOnce, isFruitless, lifeFactsOf, outcomeOf, ttlOf } from '../../src/decide/outcome.ts';
import type { LastWord, PilotEnd } from '../../src/model/pilot.ts';
import { ended, kindOf, plainKind, running } from './world.ts';

const end = (exitCode: number | null, livedMs: number, said: number | LastWord | null = null): PilotEnd => ({
  exitCode,
  livedMs,
  said: typeof said === 'number' ? { code: said, text: '' } : said,
});
const mapped = kindOf('grid', { outcomes: { 0: 'finished', 75: 'no-work', 9: 'failed' } });

describe('how a life went', () => {
  it.each<[string, PilotEnd | null, string]>([
    ['unknown', null, 'lost'],
    ['without an exit code', end(null, 100_000), 'lost'],
    ['with the engine', { ...end(0, 100_000), engineRestart: true }, 'lost'],
    ['well, after a minute', end(0, 60_000), 'finished'],
    ['with an error, after a minute', end(3, 60_000), 'failed'],
    ['well, too soon', end(0, 59_999), 'no-work'],
    ['with an error, too soon', end(3, 59_999), 'failed'],
    ['saying that it is done', end(1, 5000, 200), 'finished'],
    ['saying that it found no work', end(0, 500_000, 300), 'no-work'],
    ['saying that it is banned', end(0, 500_000, 400), 'failed'],
    ['saying that the site is at fault', end(0, 500_000, 512), 'failed'],
    ['saying that all sites are', end(0, 500_000, 600), 'failed'],
    ['saying that it may pass', end(0, 500_000, 700), 'failed'],
    ['saying that somebody else wished it', end(0, 500_000, 100), 'finished'],
    ['saying nothing of what is known', end(0, 500_000, 999), 'finished'],
    ['saying something without a code', end(0, 500_000, { code: null, text: 'bye' }), 'finished'],
  ])('is told of an end %s', (_, one, outcome) => {
    expect(outcomeOf(kindOf('grid'), one)).toBe(outcome);
  });

  it('is what its kind has the exit code stand for, unless the pilot says more', () => {
    expect([0, 75, 9, 1].map((code) => outcomeOf(mapped, end(code, 5000)))).toEqual([
      'finished',
      'no-work',
      'failed',
      'failed',
    ]);
    expect(outcomeOf(mapped, end(75, 5000, 200))).toBe('finished');
    expect(outcomeOf(plainKind, end(0, 1))).toBe('finished');
  });

  it('is fruitless when it found no work, failed too soon, or failed as it or its kind says', () => {
    const fruitless = (one: PilotEnd) => isFruitless(mapped, one);
    expect(
      [end(75, 1e6), end(9, 1e6), end(1, 5000), end(1, 1e6, 500), end(0, 1e6, 300)].every(fruitless),
    ).toBe(true);
    expect(
      [end(0, 5), end(1, 1e6), end(null, 5), { ...end(1, 5), engineRestart: true as const }].some(fruitless),
    ).toBe(false);
  });

  it('makes its slot wait where its kind has no fizzle and it failed within a second, or never started', () => {
    expect(failedAtOnce(plainKind, ended('a', 1, 999, 5000))).toBe(true);
    expect(failedAtOnce(plainKind, ended('a', 1, 1000, 5000))).toBe(false);
    expect(failedAtOnce(plainKind, ended('a', 0, 5, 5000))).toBe(false);
    expect(failedAtOnce(kindOf('grid'), ended('a', 1, 5, 5000))).toBe(false);
    expect(failedAtOnce(kindOf('grid'), running('a', 0, { state: 'ended' }))).toBe(true);
  });
});

describe('what is known of a life for its record', () => {
  const why = { rule: 'ttl', text: 'old' } as const;
  it('is its kind, why it was ended, and what it said in one line', () => {
    const one = { ...ended('a', 0, 5, 5000), end: end(0, 5, { code: 300, text: 'no\n work ' }) };
    expect(lifeFactsOf(one, { pilot: 'a', outcome: 'expired', why })).toEqual({
      end: one.end,
      asked: 'expired',
      ran: true,
      kind: 'default',
      why,
      said: '300 no work',
    });
    expect(
      lifeFactsOf({ ...one, kind: null, end: end(0, 5, { code: 300, text: '300 x' }) }, undefined),
    ).toMatchObject({ kind: null, why: null, said: '300 x' });
  });

  it('names the engine where that took it along', () => {
    const one = { ...ended('a', 0, 5, 5000), end: { ...end(137, 5), engineRestart: true as const } };
    expect(lifeFactsOf(one, undefined).why?.rule).toBe('engine-restart');
  });

  it('names the engine where that does not know any more what it started', () => {
    const made = running('a', 0, { state: 'created' });
    expect(lifeFactsOf(made, undefined)).toMatchObject({ ran: true, why: { rule: 'engine-restart' } });
    const unstarted = { ...made, startedAtMs: { known: false, reason: 'not yet' } as const };
    expect(lifeFactsOf(unstarted, undefined)).toMatchObject({ ran: false, why: null });
  });
});

describe('the time to live', () => {
  it('is shorter for each pilot by its own part of the jitter', () => {
    const times = Array.from({ length: 200 }, (_, index) =>
      ttlOf(kindOf('a', { ttlMs: 1000, ttlJitter: 0.2 }), `p${index}`),
    );
    expect(Math.max(...times)).toBeLessThanOrEqual(1000);
    expect(Math.min(...times)).toBeGreaterThan(800);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(180);
    expect(ttlOf(kindOf('a', { ttlMs: 1000 }), 'p')).toBe(1000);
  });

  it('goes by a hash that is spread evenly', () => {
    const sums = [0, 0, 0, 0];
    for (let index = 0; index < 4000; index += 1) {
      const quarter = Math.floor(hashShare(`plancton-worker-${index}`) * 4);
      sums[quarter] = (sums[quarter] ?? 0) + 1;
    }
    for (const sum of sums) expect(Math.abs(sum - 1000)).toBeLessThan(120);
  });
});
