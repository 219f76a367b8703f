import { known } from '../../src/model/reading.ts';
import {
  emptyProfile,
  hoursInWeek,
  type Profile,
  updateProfile,
  type WeekMoment,
} from '../../src/decide/profile.ts';
import { rankByForecast, roomBeside } from '../../src/decide/profileForecast.ts';
import { chanceOf, seeded } from './seeded.ts';

const cpuCount = 4;
const minuteMs = 60_000;
const weekMinutes = hoursInWeek * 60;

/** How many CPUs an owner takes, minute by minute since a Monday's midnight. */
export type OwnerMinutes = (minute: number) => number;

const dayOf = (minute: number): number => Math.floor(minute / 1440);
const hourOf = (minute: number): number => (minute % 1440) / 60;

/** Owners of every sort. Chance is part of them, and the same in every run. */
export const owners = {
  /** At work from about nine to about six, Monday to Friday, with a break at noon. */
  office: (minute) => {
    const day = dayOf(minute);
    const [from, to] = [9 + chanceOf(day, -0.4, 0.4), 18 + chanceOf(day + 9999, -0.5, 1)];
    if (day % 7 >= 5 || hourOf(minute) < from || hourOf(minute) > to) return 0.1;
    return hourOf(minute) > 12.5 && hourOf(minute) < 13 ? 1 : 2.5 + chanceOf(Math.floor(minute / 10), 0, 1.5);
  },
  /** A batch that fills the node from ten in the evening for about five hours. */
  night: (minute) => {
    const evening = dayOf(minute - 720);
    const into = (minute - 720 - evening * 1440) / 60 - 10;
    return into >= 0 && into < chanceOf(evening, 4, 6) ? 4 : 0.2;
  },
  /** Comes at any time, for two hours of six. */
  random: (minute) => (chanceOf(Math.floor(minute / 120) + 77) < 1 / 3 ? 3.5 : 0.1),
  alwaysBusy: () => 4,
  alwaysIdle: () => 0,
  /** The office until the sixth week is over, the night from then on. */
  changing: (minute): number => (minute < 6 * weekMinutes ? owners.office(minute) : owners.night(minute)),
} satisfies Record<string, OwnerMinutes>;

/** Pilots of mixed length that share the node in equal parts of its time. */
const kinds = [
  { name: 'short', lifeMs: 30 * minuteMs },
  { name: 'middle', lifeMs: 120 * minuteMs },
  { name: 'long', lifeMs: 480 * minuteMs },
];

/** CPU hours of one week: of pilots that were done, and of those that were killed before, which is work lost. */
export interface WeekAccount {
  readonly usefulHours: number;
  readonly wastedHours: number;
  readonly killed: number;
}

interface RunningPilot {
  readonly kind: (typeof kinds)[number];
  readonly startedMinute: number;
  readonly endMinute: number;
}

/**
 * A node of four CPUs with an endless queue of pilots, a look each minute: as many run as fit beside the owner, the
 * youngest goes first. With `learns` the kind of a start is chosen by the forecast, otherwise the one furthest behind
 * its share; there is never a start less.
 */
export function liveThroughWeeks(owner: OwnerMinutes, weeks: number, learns: boolean): WeekAccount[] {
  const random = seeded(7);
  const accounts: WeekAccount[] = [];
  const given = new Map(kinds.map((kind) => [kind.name, 0]));
  let profile: Profile = emptyProfile;
  let pilots: RunningPilot[] = [];
  let account = { usefulHours: 0, wastedHours: 0, killed: 0 };

  for (let minute = 0; minute < weeks * weekMinutes; minute += 1) {
    const ownerCpus = owner(minute);
    for (const { startedMinute, endMinute } of pilots) {
      if (endMinute === minute) account.usefulHours += (endMinute - startedMinute) / 60;
    }
    pilots = pilots.filter(({ endMinute }) => endMinute > minute);
    const fit = Math.floor(cpuCount - ownerCpus + 0.5);
    for (const { startedMinute } of pilots.slice(fit)) {
      account.wastedHours += (minute - startedMinute) / 60;
      account.killed += 1;
    }
    pilots = pilots.slice(0, fit);
    const now = { hourOfWeek: Math.floor(minute / 60) % hoursInWeek, intoHourMs: (minute % 60) * minuteMs };
    while (pilots.length < fit) {
      const byNeed = kinds.toSorted((a, b) => (given.get(a.name) ?? 0) - (given.get(b.name) ?? 0));
      const kind = chosen(learns ? profile : emptyProfile, now, byNeed, pilots.length);
      // A pilot is done after half of its time at least, and at its end at most.
      const lives = Math.ceil((kind.lifeMs / minuteMs) * (0.5 + random() / 2));
      given.set(kind.name, (given.get(kind.name) ?? 0) + lives);
      pilots.push({ kind, startedMinute: minute, endMinute: minute + lives });
    }
    const use = { cpuShare: known(ownerCpus / cpuCount), memoryBytes: known(0) };
    profile = updateProfile(profile, now.hourOfWeek, use, minuteMs);
    if ((minute + 1) % weekMinutes === 0) {
      accounts.push(account);
      account = { usefulHours: 0, wastedHours: 0, killed: 0 };
    }
  }
  return accounts;
}

function chosen(
  profile: Profile,
  now: WeekMoment,
  byNeed: typeof kinds,
  running: number,
): (typeof kinds)[number] {
  const room = roomBeside(cpuCount, running + 1, 1);
  const kind = rankByForecast(profile, now, byNeed, () => room)[0];
  if (kind === undefined) throw new Error('there is no kind');
  return kind;
}

/** The sum of some weeks. */
export function sumOf(weeks: readonly WeekAccount[]): WeekAccount {
  return weeks.reduce((sum, week) => ({
    usefulHours: sum.usefulHours + week.usefulHours,
    wastedHours: sum.wastedHours + week.wastedHours,
    killed: sum.killed + week.killed,
  }));
}
