import { describe, expect, it } from 'vitest';
import { deafened, doubtsOf, isDeaf, undeafened } from '../../src/decide/deafness.ts';
import { isFutileInAll, vainShare } from '../../src/decide/futility.ts';
import { followProbation, isBroken } from '../../src/decide/probation.ts';
import type { Pressing } from '../../src/decide/senses.ts';

const at = 10_000_000;
const pressing: Pressing = {
  overSinceMs: at - 5000,
  calmSinceMs: null,
  lastStep: { way: 'down', atMs: at - 600_000 },
  patienceMs: 60_000,
  deafUntilMs: null,
  worst: 0.7,
  uselessSinceMs: at - 5000,
  downSinceMs: at - 60_000,
  vain: { waitedMs: 8000, ofMs: 100_000, atMs: at },
};

describe('what the owner waits for in waves with all pilots paused', () => {
  it('is added up, as is the time of the pause', () => {
    expect(vainShare(pressing, at)).toBeCloseTo(13 / 160, 9);
    expect(isFutileInAll(pressing, 0, at)).toBe(false);
    expect(isFutileInAll(pressing, 0, at + 2100)).toBe(true);
    expect(isFutileInAll(pressing, 1, at + 16_000)).toBe(false);
  });

  it('is forgotten by half in an hour', () => {
    const later = { ...pressing, uselessSinceMs: at + 3_600_000, downSinceMs: at + 3_600_000 };
    expect(isFutileInAll(later, 0, at + 3_600_000 + 10_500)).toBe(false);
    expect(isFutileInAll(later, 0, at + 3_600_000 + 11_500)).toBe(true);
  });

  it('says nothing of a calm, nor where nothing was seen', () => {
    expect(
      isFutileInAll(
        { ...pressing, uselessSinceMs: null, vain: { waitedMs: 1e6, ofMs: 1e6, atMs: at } },
        0,
        at,
      ),
    ).toBe(false);
    const { vain: _vain, downSinceMs: _down, ...fresh } = pressing;
    expect(vainShare({ ...fresh, uselessSinceMs: null }, at)).toBeNull();
  });
});

describe('pilots on probation', () => {
  const freed = deafened(pressing, 0.1, false, at);
  const from = at + 30_000;

  it('do harm when he waits for a minute and twice as much of the time', () => {
    const waits = { ...freed, overSinceMs: at };
    expect(isBroken(waits, from + 59_000)).toBe(false);
    expect(isBroken(waits, from + 60_000)).toBe(true);
    expect(isBroken({ ...freed, overSinceMs: null }, from + 60_000)).toBe(false);
  });

  it('do none when he waits as he did: waves that are over count', () => {
    let now: Pressing = freed;
    for (let wave = 0; wave < 20; wave++) {
      const over = { ...now, overSinceMs: from + wave * 60_000 };
      expect(isBroken(over, from + wave * 60_000 + 6000)).toBe(false);
      now = followProbation(over, { ...over, overSinceMs: null }, from + wave * 60_000 + 6000);
    }
    expect(now.probation).toMatchObject({ waitedMs: 120_000 });
    // From now on he waits all the time.
    const over = { ...now, overSinceMs: from + 1_200_000 };
    expect(isBroken(over, from + 1_300_000)).toBe(false);
    expect(isBroken(over, from + 1_400_000)).toBe(true);
  });

  it('that have done harm are acted on again at once, and doubted for six hours', () => {
    const again = undeafened({ ...freed, overSinceMs: at }, at + 90_000);
    expect(isDeaf(again, at + 90_000)).toBe(false);
    expect(again).not.toHaveProperty('probation');
    expect(again).toMatchObject({ deafTimes: 0 });
    expect(doubtsOf(again, at + 90_000)).toBe(1);
    expect(doubtsOf(again, at + 90_000 + 6 * 3_600_000)).toBe(0);
  });

  it('are so from ten minutes on where he waited at a stretch', () => {
    expect(deafened(pressing, 0.1, true, at).probation?.sinceMs).toBe(at + 600_000);
    expect(deafened(pressing, null, true, at).probation).toBeUndefined();
  });
});
