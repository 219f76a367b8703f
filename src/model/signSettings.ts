import type { Zones } from './zone.ts';

/** A stretch of the week in which pilots may run, by the clock on a wall. */
export interface TimeWindow {
  /** The days on which it begins; 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight, 0 to 1439. */
  readonly beginMinute: number;
  /** Minutes after midnight, 1 to 1440, not in it any more; at or before `beginMinute` it is on the day after. */
  readonly endMinute: number;
  /** IANA name of the time zone; null: the node's own. */
  readonly zone: string | null;
}

/** Which signs of the owner are heeded. None is unless it is asked for. */
export interface SignSettings {
  /** Pilots leave the node to somebody at it, until he has been away for `userAwayMs`. */
  readonly user: boolean;
  readonly userAwayMs: number;
  /** Pilots yield while the node runs on its battery. */
  readonly battery: boolean;
  /** Names of programs beside which no pilot runs; empty: not asked for. */
  readonly programs: readonly string[];
  /** When pilots may run; empty: at any time. */
  readonly schedule: readonly TimeWindow[];
  /** What the clocks show that the schedule and the node's week are told by. */
  readonly zones: Zones;
  /** Degrees Celsius above which pilots yield; null: not asked for. */
  readonly maxTemperatureC: number | null;
}

/** No sign is asked for. */
export const noSignSettings: SignSettings = {
  user: false,
  userAwayMs: 900_000,
  battery: false,
  programs: [],
  schedule: [],
  zones: { own: [[0, 0]], named: {} },
  maxTemperatureC: null,
};
