import { roomBeside } from '../../src/decide/beforeReturn.ts';
import { fitting, staying } from '../../src/decide/cpuRule.ts';
import { newKind } from '../../src/decide/kindMemory.ts';
import { usualLifeMs } from '../../src/decide/lives.ts';
import { emptyProfile, hoursInWeek, type Profile, updateProfile } from '../../src/decide/profile.ts';
import { hardlyDoneBefore, type OwnerRoom } from '../../src/decide/profileForecast.ts';
import { growthMargin } from '../../src/decide/room.ts';
import type { Policy } from '../../src/decide/types.ts';
import type { CpuClass } from '../../src/model/means.ts';
import { known } from '../../src/model/reading.ts';
import { policy as defaults, seenAt, slotsOf } from '../decide/world.ts';
import { seeded } from '../../src/replay/seeded.ts';
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

/** The weeks of a node, and whether starts heed what was learned of its owner. */
export interface Weeks {
  readonly owner: OwnerMinutes;
  readonly weeks: number;
  /** The most CPU time that a pilot needs, in minutes: each needs half of it to all of it. */
  readonly mostMinutes: number;
  readonly cpuClass: CpuClass;
  readonly learns: boolean;
}

interface Running {
  readonly startedMinute: number;
  readonly workMinutes: number;
  doneMinutes: number;
}

/**
 * A node of four CPUs with an endless queue of pilots of one kind, and a look each minute, by the daemon's own rules: as
 * many stay as may beside the owner, the youngest goes first and its slot with it; a slot whose pilot is done is filled
 * again, and new ones come where one more fits. Pilots share what he leaves. With `learns` no start is made that would
 * hardly be done before he usually returns. The first four weeks do not count.
 */
export function liveWithOneKind({ owner, weeks, mostMinutes, cpuClass, learns }: Weeks): OneKindAccount {
  const policy: Policy = { ...defaults, means: { ...defaults.means, cpuClass } };
  const random = seeded(7);
  const rooms = roomsOf(policy);
  const account = { usefulHours: 0, wastedHours: 0, killed: 0, hadHours: 0, leftHours: 0 };
  let lives: readonly number[] = [];
  let profile: Profile = emptyProfile;
  let pilots: Running[] = [];
  let slots = 0;

  for (let minute = 0; minute < weeks * weekMinutes; minute += 1) {
    const weight = minute < 4 * weekMinutes ? 0 : 1 / 60;
    const ownerCpus = owner(minute);
    const leftCpus = cpuCount - ownerCpus;
    for (const { startedMinute, workMinutes } of pilots.filter(isDone)) {
      account.usefulHours += workMinutes * weight;
      lives = [...lives, (minute - startedMinute) * minuteMs].slice(-15);
    }
    pilots = pilots.filter((pilot) => !isDone(pilot));
    const stay = Math.max(0, Math.floor(staying(cpuClass, 1, cpuCount - ownerCpus)));
    for (const { doneMinutes } of pilots.slice(stay)) {
      account.wastedHours += doneMinutes * weight;
      account.killed += weight > 0 ? 1 : 0;
    }
    slots -= Math.max(0, pilots.length - stay);
    pilots = pilots.slice(0, stay);
    const room = Math.max(0, Math.floor(fitting(1, cpuCount - (ownerCpus + growthMargin))));
    slots = Math.min(policy.limit, Math.max(slots, Math.min(room, stay)));

    const now = { hourOfWeek: Math.floor(minute / 60) % hoursInWeek, intoHourMs: (minute % 60) * minuteMs };
    const lifeMs = learns ? usualLifeMs({ kinds: { default: { ...newKind, lives } } }, 'default') : null;
    const isInVain = (): boolean => {
      const beside = rooms[pilots.length + 1];
      if (lifeMs === null || beside === undefined) return false;
      return hardlyDoneBefore(profile, now, lifeMs, beside) !== null;
    };
    while (pilots.length < Math.min(slots, stay) && !isInVain()) {
      const workMinutes = Math.ceil(mostMinutes * (0.5 + random() / 2));
      pilots.push({ startedMinute: minute, workMinutes, doneMinutes: 0 });
    }
    const share = pilots.length === 0 ? 0 : Math.min(1, leftCpus / pilots.length);
    for (const pilot of pilots) pilot.doneMinutes += share;
    account.leftHours += leftCpus * weight;
    account.hadHours += pilots.length * share * weight;
    const use = { cpuShare: known(ownerCpus / cpuCount), memoryBytes: known(0) };
    profile = updateProfile(profile, now.hourOfWeek, use, minuteMs);
  }
  const { hadHours, leftHours, ...sums } = account;
  return { ...sums, harvest: leftHours === 0 ? 1 : hadHours / leftHours };
}

function isDone({ doneMinutes, workMinutes }: Running): boolean {
  return doneMinutes >= workMinutes;
}

/** The room that the owner has beside no pilot, one, two and so on. */
function roomsOf(policy: Policy): readonly OwnerRoom[] {
  const seen = seenAt(1_000_000, 0);
  return Array.from({ length: policy.limit + 1 }, (_, pilots) => roomBeside(policy, seen, slotsOf(), pilots));
}
