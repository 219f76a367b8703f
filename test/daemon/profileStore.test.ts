import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProfileStore, weekMoment } from '../../src/daemon/profileStore.ts';
import { emptyProfile } from '../../src/decide/profile.ts';
import { learned, officeHours, watched } from '../decide/profileWorld.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { zonesNamed } from '../support/wallTime.ts';

let folder: string;
let log: KeptLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-profile-'));
  log = keepLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (): string => join(folder, 'profile.json');

describe('the profile of the week', () => {
  it('comes back as it was, the hour that is going on too, in a few kB', () => {
    const owner = (hour: number, week: number) => ({
      cpuShare: (hour % 7) / 7.1,
      memoryBytes: 123_450e6 + week * 1e9,
    });
    const profile = watched(learned(owner, 6), 0, { cpuShare: 0.25, memoryBytes: 2e9 }, 30);
    createProfileStore(folder, log).save(profile);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(file()).size).toBeLessThan(10_000);
    const back = createProfileStore(folder, log).load();
    expect(back.open).toEqual(profile.open);
    const rounded = profile.hours.map((hour) => ({
      ...hour,
      cpuShares: hour.cpuShares.map((share) => Math.round(share * 1000) / 1000),
    }));
    expect(back.hours).toEqual(rounded);
    expect(log.lines).toEqual([]);
  });

  it('is empty, without a word, where there was none', () => {
    expect(createProfileStore(folder, log).load()).toEqual(emptyProfile);
    expect(log.lines).toEqual([]);
  });

  it('is saved every ten minutes', () => {
    const store = createProfileStore(folder, log);
    store.saveSometimes(emptyProfile, 5000);
    store.saveSometimes(emptyProfile, 604_999);
    expect(existsSync(file())).toBe(false);
    store.saveSometimes(emptyProfile, 605_000);
    expect(existsSync(file())).toBe(true);
    rmSync(file());
    store.saveSometimes(emptyProfile, 1_204_999);
    expect(existsSync(file())).toBe(false);
    store.saveSometimes(emptyProfile, 1_205_000);
    expect(existsSync(file())).toBe(true);
  });

  const hours = (hour: unknown) =>
    JSON.stringify({ version: 1, hours: Array.from({ length: 168 }, () => hour) });
  it.each([
    ['empty', ''],
    ['of nothing', 'null'],
    ['of another version', '{"version":2}'],
    ['of no hours', '{"version":1,"hours":[]}'],
    ['below nothing', hours([[-1], []])],
    ['of text', hours([['1'], []])],
    ['of half an hour', hours([[1]])],
  ])('that is %s costs what was learned and a warning', (_, text) => {
    writeFileSync(file(), text);
    expect(createProfileStore(folder, log).load()).toEqual(emptyProfile);
    expect(log.lines.join()).toMatch(
      /^WARN the profile of the week .* cannot be read .*: learning begins anew$/,
    );
  });

  it.each(['3', '{"hourOfWeek":168}', '{"hourOfWeek":1,"cpu":{"seenMs":1e12,"total":1},"memory":{}}'])(
    'with a current hour of %s is believed otherwise',
    (open) => {
      const store = createProfileStore(folder, log);
      store.save({ ...learned(officeHours, 2), open: null });
      writeFileSync(file(), readFileSync(file(), 'utf8').replace('"open":null', `"open":${open}`));
      expect(store.load().open).toBeNull();
      expect(store.load().hours[9]?.cpuShares).toHaveLength(2);
    },
  );

  it('that cannot be saved is told once, and when it can be again', () => {
    const store = createProfileStore(join(folder, 'gone'), log);
    store.save(emptyProfile);
    store.save(emptyProfile);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^ERROR cannot save the profile of the week to .*profile\.json/);
    mkdirSync(join(folder, 'gone'));
    store.save(emptyProfile);
    expect(log.lines[1]).toMatch(/^INFO the profile of the week is saved again/);
  });
});

describe('the place in the week', () => {
  it('is by the local clock, Monday first', () => {
    const { own } = zonesNamed();
    const monday = new Date(2024, 0, 1, 7, 40, 5, 6).getTime();
    expect(weekMoment(monday, own)).toEqual({ hourOfWeek: 7, intoHourMs: 2_405_006 });
    const sunday = new Date(2024, 0, 7, 23, 0).getTime();
    expect(weekMoment(sunday, own)).toEqual({ hourOfWeek: 167, intoHourMs: 0 });
  });
});
