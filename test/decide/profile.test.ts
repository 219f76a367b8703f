import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/reading.ts';
import { emptyProfile, hoursInWeek, type Profile, updateProfile } from '../../src/decide/profile.ts';
import { hardlyDoneBefore, knownHours, ownerReturns, usual } from '../../src/decide/profileForecast.ts';
import { learned, officeHours, type OwnerWeek, watched } from './profileWorld.ts';

const hourMs = 3_600_000;
const busy = { cpuShare: 0.8, memoryBytes: 12e9 };
const quiet = { cpuShare: 0.02, memoryBytes: 1e9 };
/** Of four CPUs the owner may take so many. Beside one pilot that is his equal they are 3.5, beside four 0.5. */
const besideCpus = (cpus: number) => ({ cpuShare: cpus / 4, memoryBytes: Number.POSITIVE_INFINITY });
const besideOne = besideCpus(3.5);
const besideFour = besideCpus(0.5);
const at = (hourOfWeek: number, minutes = 0) => ({ hourOfWeek, intoHourMs: minutes * 60_000 });
const sharesOf = (profile: Profile, hour: number) => profile.hours[hour]?.cpuShares ?? [];

describe('what is learned of an hour', () => {
  it('is its mean, once it is over', () => {
    const half = watched(watched(emptyProfile, 9, quiet, 30), 9, { cpuShare: 0.42, memoryBytes: 3e9 }, 30);
    expect(sharesOf(half, 9)).toEqual([]);
    const over = watched(half, 10, quiet, 1);
    expect(sharesOf(over, 9)[0]).toBeCloseTo(0.22);
    expect(over.hours[9]?.memoryBytes[0]).toBeCloseTo(2e9);
    expect(over.hours.filter((_, hour) => hour !== 9).every((hour) => hour.cpuShares.length === 0)).toBe(
      true,
    );
  });

  it('is kept for the last five weeks, the newest first', () => {
    const profile = learned((_, week) => ({ cpuShare: week / 10, memoryBytes: week * 1e9 }), 7);
    expect(sharesOf(profile, 30).map((share) => Math.round(share * 10))).toEqual([6, 5, 4, 3, 2]);
    expect(profile.hours[30]?.memoryBytes.map((bytes) => Math.round(bytes / 1e9))).toEqual([6, 5, 4, 3, 2]);
  });

  it('stays as it was while the node is off or a sense is blind', () => {
    const profile = learned(officeHours, 3);
    let blind = profile;
    for (let hour = 1; hour < 100; hour += 1) {
      for (let minute = 0; minute < 60; minute += 1) {
        blind = updateProfile(
          blind,
          hour,
          { cpuShare: unknown('blind'), memoryBytes: unknown('blind') },
          60_000,
        );
      }
    }
    expect(blind.hours.slice(1)).toEqual(profile.hours.slice(1));
    const seesMemory = { cpuShare: unknown<number>('blind'), memoryBytes: known(5e9) };
    for (let minute = 0; minute < 60; minute += 1) blind = updateProfile(blind, 100, seesMemory, 60_000);
    blind = watched(blind, 101, quiet, 1);
    expect(blind.hours[100]?.cpuShares).toEqual(profile.hours[100]?.cpuShares);
    expect(blind.hours[100]?.memoryBytes).toHaveLength(4);
  });

  it('needs a quarter of the hour to have been seen, and takes a long gap for a minute', () => {
    const short = watched(watched(emptyProfile, 9, busy, 14), 10, quiet, 1);
    expect(sharesOf(short, 9)).toEqual([]);
    expect(sharesOf(watched(watched(emptyProfile, 9, busy, 15), 10, quiet, 1), 9)).toHaveLength(1);
    const use = { cpuShare: known(1), memoryBytes: known(1) };
    const gap = watched(updateProfile(emptyProfile, 9, use, 3 * hourMs), 10, quiet, 1);
    expect(sharesOf(gap, 9)).toEqual([]);
  });

  it('of an hour that the clock shows twice is one mean, of one that it skips nothing', () => {
    const twice = watched(watched(watched(emptyProfile, 146, quiet, 60), 146, busy, 60), 147, quiet, 1);
    expect(sharesOf(twice, 146)).toHaveLength(1);
    expect(sharesOf(twice, 146)[0]).toBeCloseTo(0.41);
    const skipped = watched(watched(watched(emptyProfile, 145, quiet, 60), 147, quiet, 60), 148, quiet, 1);
    expect([145, 146, 147].map((hour) => sharesOf(skipped, hour).length)).toEqual([1, 0, 1]);
  });
});

describe('what is usual', () => {
  it('is the median of two weeks or more, never what one odd week had', () => {
    expect(usual([])).toBeNull();
    expect(usual([0.9])).toBeNull();
    expect(usual([0.9, 0.1])).toBe(0.1);
    expect(usual([0.9, 0.1, 0.8])).toBe(0.8);
    const odd: OwnerWeek = (_, week) => (week === 5 ? busy : quiet);
    expect(ownerReturns(learned(odd, 6), at(0), besideFour).inMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('says nothing before two weeks were seen', () => {
    expect(knownHours(learned(officeHours, 1))).toBe(0);
    expect(ownerReturns(learned(officeHours, 1), at(0), besideFour)).toMatchObject({ confidence: 0 });
    expect(knownHours(learned(officeHours, 2))).toBe(hoursInWeek);
    expect(ownerReturns(learned(officeHours, 2), at(0), besideFour).inMs).toBe(9 * hourMs);
  });

  it('follows a new habit after three weeks, in both directions', () => {
    const comes = learned(
      () => busy,
      2,
      learned(() => quiet, 10),
      10,
    );
    expect(ownerReturns(comes, at(0), besideFour).inMs).toBe(Number.POSITIVE_INFINITY);
    expect(
      ownerReturns(
        learned(
          () => busy,
          3,
          learned(() => quiet, 10),
          10,
        ),
        at(1),
        besideFour,
      ).inMs,
    ).toBe(0);
    const leaves = learned(
      () => quiet,
      3,
      learned(() => busy, 10),
      10,
    );
    expect(ownerReturns(leaves, at(1), besideFour).inMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the forecast', () => {
  const profile = learned(officeHours, 5);

  it.each([
    ['before work on a Monday', at(7, 40), 80 * 60_000],
    ['at work', at(10, 30), 0],
    ['after work', at(18, 1), 14 * hourMs + 59 * 60_000],
    ['on Friday evening', at(4 * 24 + 18), 63 * hourMs],
    ['on Sunday, round the end of the week', at(6 * 24 + 23, 30), 9.5 * hourMs],
  ])('%s', (_, now, inMs) => {
    expect(ownerReturns(profile, now, besideFour).inMs).toBe(inMs);
  });

  it('is about more than there is room for: one pilot is never in the way of 3.1 of 4 CPUs', () => {
    expect(ownerReturns(profile, at(7), besideOne).inMs).toBe(Number.POSITIVE_INFINITY);
    expect(ownerReturns(profile, at(7), besideCpus(2.5))).toMatchObject({
      inMs: 2 * hourMs,
      need: 'cpu',
    });
  });

  it('is about memory, too', () => {
    const room = { cpuShare: 1, memoryBytes: 10e9 };
    expect(ownerReturns(profile, at(7), room)).toMatchObject({
      inMs: 2 * hourMs,
      need: 'memory',
      hourOfWeek: 9,
    });
    expect(ownerReturns(profile, at(7), { ...room, memoryBytes: 12e9 }).need).toBeNull();
  });

  it('tells how far to trust it', () => {
    expect(ownerReturns(profile, at(7), besideFour).confidence).toBeCloseTo(6 / 7);
    expect(ownerReturns(learned(officeHours, 2), at(7), besideFour).confidence).toBeCloseTo(3 / 4);
    const mostly: OwnerWeek = (hour, week) => (week % 5 < 2 ? quiet : officeHours(hour, week));
    expect(ownerReturns(learned(mostly, 5), at(7), besideFour).confidence).toBeCloseTo(4 / 7);
    expect(ownerReturns(profile, at(7), besideOne).confidence).toBe(1);
  });
});

describe('a start that would be in vain', () => {
  const profile = learned(officeHours, 5);

  it('is what would hardly be done: less than half a usual life before he comes, an hour at most', () => {
    const soon = (lifeHours: number, now: ReturnType<typeof at>, known = profile) =>
      hardlyDoneBefore(known, now, lifeHours * hourMs, besideFour)?.inMs ?? null;
    expect(soon(1, at(8, 31))).toBe(29 * 60_000);
    expect(soon(1, at(8, 30))).toBeNull();
    expect(soon(8, at(8, 1))).toBe(59 * 60_000);
    expect(soon(8, at(8, 0))).toBeNull();
    // In an hour of his it is what he does now that decides, on a holiday, too.
    expect(soon(8, at(9, 0))).toBeNull();
    expect(soon(8, at(8, 31), emptyProfile)).toBeNull();
    const mostly: OwnerWeek = (hour, week) => (week % 5 < 2 ? quiet : officeHours(hour, week));
    expect(soon(8, at(8, 31), learned(mostly, 5))).toBeNull();
  });
});
