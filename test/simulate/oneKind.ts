import { usualLifeMs } from '../../src/decide/lives.ts';
import { emptyProfile, hoursInWeek, type Profile, updateProfile } from '../../src/decide/profile.ts';
import { hardlyDoneBefore, roomBeside } from '../../src/decide/profileForecast.ts';
import { emptyMemory } from '../../src/decide/types.ts';
import { known } from '../../src/model/reading.ts';
import { seeded } from './seeded.ts';
import type { OwnerMinutes } from './weeks.ts';

const cpuCount = 4;
const minuteMs = 60_000;
const weekMinutes = hoursInWeek * 60;

/** What became of some weeks, in CPU hours: of pilots that were done, and of those that were killed before. */
export interface OneKindAccount {
  readonly usefulHours: number;
  readonly wastedHours: number;
  readonly killed: number;
  /** CPU time of pilots over what the owner left. */
  readonly harvest: number;
}

interface Running {
  readonly startedMinute: number;
  readonly endMinute: number;
}

/**
 * A node of four CPUs with an endless queue of pilots of one kind, each of which runs for half of `mostMinutes` to all
 * of it; a look each minute: as many run as fit beside the owner, the youngest goes first. With `learns` no start is
 * made that would hardly be done before he usually returns. The first four weeks do not count.
 */
export function liveWithOneKind(
  owner: OwnerMinutes,
  weeks: number,
  mostMinutes: number,
  learns: boolean,
): OneKindAccount {
  const random = seeded(7);
  const account = { usefulHours: 0, wastedHours: 0, killed: 0, hadHours: 0, leftHours: 0 };
  let lives: readonly number[] = [];
  let profile: Profile = emptyProfile;
  let pilots: Running[] = [];

  for (let minute = 0; minute < weeks * weekMinutes; minute += 1) {
    const weight = minute < 4 * weekMinutes ? 0 : 1 / 60;
    const ownerCpus = owner(minute);
    for (const { startedMinute, endMinute } of pilots.filter((pilot) => pilot.endMinute === minute)) {
      account.usefulHours += (endMinute - startedMinute) * weight;
      lives = [...lives, (endMinute - startedMinute) * minuteMs].slice(-15);
    }
    pilots = pilots.filter(({ endMinute }) => endMinute > minute);
    const fit = Math.floor(cpuCount - ownerCpus + 0.5);
    for (const { startedMinute } of pilots.slice(fit)) {
      account.wastedHours += (minute - startedMinute) * weight;
      account.killed += weight > 0 ? 1 : 0;
    }
    pilots = pilots.slice(0, fit);
    const now = { hourOfWeek: Math.floor(minute / 60) % hoursInWeek, intoHourMs: (minute % 60) * minuteMs };
    const lifeMs = learns ? usualLifeMs({ ...emptyMemory, lives }) : null;
    const isInVain = (): boolean =>
      lifeMs !== null &&
      hardlyDoneBefore(profile, now, lifeMs, roomBeside(cpuCount, pilots.length + 1, 1)) !== null;
    while (pilots.length < fit && !isInVain()) {
      const endMinute = minute + Math.ceil(mostMinutes * (0.5 + random() / 2));
      pilots.push({ startedMinute: minute, endMinute });
    }
    account.leftHours += (cpuCount - ownerCpus) * weight;
    account.hadHours += Math.min(pilots.length, cpuCount - ownerCpus) * weight;
    const use = { cpuShare: known(ownerCpus / cpuCount), memoryBytes: known(0) };
    profile = updateProfile(profile, now.hourOfWeek, use, minuteMs);
  }
  const { hadHours, leftHours, ...sums } = account;
  return { ...sums, harvest: leftHours === 0 ? 1 : hadHours / leftHours };
}
