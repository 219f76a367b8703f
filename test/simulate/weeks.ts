import { chanceOf } from './seeded.ts';

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
} satisfies Record<string, OwnerMinutes>;
