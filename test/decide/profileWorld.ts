import { known } from '../../src/model/reading.ts';
import { emptyProfile, hoursInWeek, type Profile, updateProfile } from '../../src/decide/profile.ts';

const minuteMs = 60_000;

/** What an owner takes in one hour of one week: his share of the CPUs, and memory. */
export type OwnerWeek = (hourOfWeek: number, week: number) => { cpuShare: number; memoryBytes: number };

/** A profile after this many weeks of watching, a look each minute. */
export function learned(owner: OwnerWeek, weeks: number, profile: Profile = emptyProfile, from = 0): Profile {
  let now = profile;
  for (let week = from; week < from + weeks; week += 1) {
    for (let hour = 0; hour < hoursInWeek; hour += 1) now = watched(now, hour, owner(hour, week), 60);
  }
  // The first minute of the week after closes the last hour.
  return watched(now, 0, owner(0, from + weeks), 1);
}

/** A profile after so many minutes of one hour. */
export function watched(
  profile: Profile,
  hourOfWeek: number,
  use: { cpuShare: number; memoryBytes: number },
  minutes: number,
): Profile {
  let now = profile;
  const seen = { cpuShare: known(use.cpuShare), memoryBytes: known(use.memoryBytes) };
  for (let minute = 0; minute < minutes; minute += 1) now = updateProfile(now, hourOfWeek, seen, minuteMs);
  return now;
}

/** At work from nine to six on Mondays to Fridays, with 3.1 of 4 CPUs and 12 GB; otherwise next to nothing. */
export const officeHours: OwnerWeek = (hourOfWeek) => {
  const [day, hour] = [Math.floor(hourOfWeek / 24), hourOfWeek % 24];
  const atWork = day < 5 && hour >= 9 && hour < 18;
  return atWork ? { cpuShare: 3.1 / 4, memoryBytes: 12e9 } : { cpuShare: 0.02, memoryBytes: 1e9 };
};
