import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Learner } from '../../src/daemon/learner.ts';
import { createProfileStore } from '../../src/daemon/profileStore.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { noSignSettings } from '../../src/model/signSettings.ts';
import type { Policy } from '../../src/decide/types.ts';
import { learned, officeHours } from '../decide/profileWorld.ts';
import { decideOn, engineWith, policy, running, seenAt, slotsOf } from '../decide/world.ts';
import { keepLog } from '../support/quietLog.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-learner-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const startMs = 1_000_000;
/** A Monday at noon, by the clock on the wall of wherever this runs. */
const wallMs = new Date(2030, 0, 7, 12, 0, 0).getTime();

function tickAt(atMs: number, changes: Partial<Tick['seen']> = {}, rules = policy): Tick {
  const seen = { ...seenAt(atMs, 2), ...changes };
  return { sample: seen.sample, seen, policy: rules, decision: decideOn(seen) };
}

/** A learner that lives through half an hour of ticks from Monday noon on. */
function watching(isOn: boolean, make: (atMs: number) => Tick = tickAt): Learner {
  const clock = { nowMs: () => startMs, wallMs: () => wallMs };
  const learner = new Learner({
    stateFolder: folder,
    log: keepLog(),
    clock,
    settings: () => ({ learn: isOn, signs: noSignSettings }),
  });
  for (let second = 0; second <= 1800; second += 30) learner.note(make(startMs + second * 1000));
  learner.close();
  return learner;
}
const open = () => createProfileStore(folder, keepLog()).load().open;

describe('a learner', () => {
  it('adds what each tick saw of the owner to the hour of the week, and keeps it', () => {
    watching(true);
    expect(open()).toMatchObject({ hourOfWeek: 12, cpu: { seenMs: 1_800_000, total: 900_000 } });
  });

  it('learns nothing that is not the owner’s alone, nor of another machine', () => {
    watching(true, (atMs) => tickAt(atMs, { ownerIsExact: false }));
    expect(open()).toMatchObject({ cpu: { seenMs: 0 } });
    rmSync(join(folder, 'profile.json'));
    watching(true, (atMs) => tickAt(atMs, {}, { ...policy, nodeIsEngines: false }));
    expect(open()).toBeNull();
  });

  it('tells what is usual, for why', () => {
    const forecast = watching(true).forecast(tickAt(startMs));
    expect(forecast?.sentence).toContain('is not known yet');
    expect(forecast?.week.filter((line) => line.startsWith('Monday'))).toHaveLength(2);
  });

  it('tells it by the room that decisions leave him: three guests of four CPUs may stay beside 3.25', () => {
    createProfileStore(folder, keepLog()).save(learned(officeHours, 3));
    const seen = seenAt(startMs, 0.5, { engine: engineWith(['a', 'b', 'c'].map((name) => running(name))) });
    const sentence = (rules: Partial<Policy>) => {
      const decision = decideOn(seen, slotsOf('a', 'b', 'c'), { limit: 3, ...rules });
      const tick = { sample: seen.sample, seen, policy: { ...policy, ...rules }, decision };
      return watching(true, () => tick).forecast(tick)?.sentence;
    };
    expect(sentence({})).toContain('no more than 3.3 of 4 CPUs');
    const equals = { means: { ...policy.means, cpuClass: 'normal' as const } };
    expect(sentence(equals)).toBe('on Mondays the owner usually takes 3.1 of 4 CPUs at this hour');
  });

  it('hands decisions the week and the hour it is', () => {
    const week = watching(true).week();
    expect(week?.now).toEqual({ hourOfWeek: 12, intoHourMs: 0 });
    expect(week?.profile.open).toMatchObject({ hourOfWeek: 12 });
  });

  it('neither learns nor tells while it is off', () => {
    expect(watching(false).forecast(tickAt(startMs))).toBeNull();
    expect(watching(false).week()).toBeNull();
    expect(open()).toBeNull();
  });
});
