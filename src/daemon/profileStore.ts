import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  emptyProfile,
  type HourHistory,
  hoursInWeek,
  type Profile,
  type WeekMoment,
} from '../decide/profile.ts';
import type { Log } from '../model/log.ts';
import type { ZoneTable } from '../model/zone.ts';
import { wallClockOf } from '../sample/wallClock.ts';
import { putFile } from './wholeFile.ts';

/** A profile changes slowly: what a crash loses is this much of one hour. */
const saveEveryMs = 600_000;
/** Memory is kept in this unit: finer says nothing of a habit, and the file stays at a few kB. */
const memoryUnitBytes = 10_000_000;
const cpuSteps = 1000;
const hourMs = 3_600_000;

/** Keeps the profile in one small file, written whole and renamed. */
export interface ProfileStore {
  /** The profile of the last run; an empty one where there is none that can be believed. */
  load(): Profile;
  /** Saves now and then; `nowMs` is `Clock.nowMs`. */
  saveSometimes(profile: Profile, nowMs: number): void;
  /** Saves at once: at the daemon's end. */
  save(profile: Profile): void;
}

/** The store in `folder`; a profile is of wall-clock hours, so it outlives reboots. Never throws. */
export function createProfileStore(folder: string, log: Log): ProfileStore {
  const file = join(folder, 'profile.json');
  let savedAtMs: number | null = null;
  let failing = false;

  const save = (profile: Profile): void => {
    try {
      putFile(file, profileJson(profile), 0o600);
      if (failing) log.info(`the profile of the week is saved again to ${file}`);
      failing = false;
    } catch (error) {
      if (!failing) {
        const why = (error as Error).message;
        log.error(`cannot save the profile of the week to ${file}: ${why}; it is kept in memory only`);
      }
      failing = true;
    }
  };

  return {
    load() {
      try {
        return profileFrom(readFileSync(file, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          const why = (error as Error).message;
          log.warn(`the profile of the week ${file} cannot be read (${why}): learning begins anew`);
        }
        return emptyProfile;
      }
    },
    saveSometimes(profile, nowMs) {
      savedAtMs ??= nowMs;
      if (nowMs - savedAtMs < saveEveryMs) return;
      savedAtMs = nowMs;
      save(profile);
    },
    save,
  };
}

/** Where in the week a wall-clock time is, by the clock of the node's own zone. */
export function weekMoment(wallMs: number, ownZone: ZoneTable): WeekMoment {
  const { day, msOfDay } = wallClockOf(ownZone)(wallMs);
  // That week begins on Sunday, ours on Monday.
  const hourOfWeek = ((day + 6) % 7) * 24 + Math.floor(msOfDay / hourMs);
  return { hourOfWeek, intoHourMs: msOfDay % hourMs };
}

function profileJson({ hours, open }: Profile): string {
  const packed = hours.map(({ cpuShares, memoryBytes }) => [
    cpuShares.map((share) => Math.round(share * cpuSteps)),
    memoryBytes.map((bytes) => Math.round(bytes / memoryUnitBytes)),
  ]);
  return JSON.stringify({ version: 1, hours: packed, open });
}

/** Believes what has the shape that we write; throws otherwise. */
function profileFrom(text: string): Profile {
  const value = JSON.parse(text) as { version?: unknown; hours?: unknown; open?: unknown } | null;
  if (value?.version !== 1 || !Array.isArray(value.hours) || value.hours.length !== hoursInWeek) {
    throw new Error('it has not the expected shape');
  }
  return { hours: value.hours.map(hourFrom), open: isOpenHour(value.open) ? value.open : null };
}

function hourFrom(value: unknown): HourHistory {
  const [cpu, memory] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!areAmounts(cpu) || !areAmounts(memory)) throw new Error('an hour of it has not the expected shape');
  return {
    cpuShares: cpu.map((share) => Math.min(1, share / cpuSteps)),
    memoryBytes: memory.map((units) => units * memoryUnitBytes),
  };
}

function areAmounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number' && one >= 0);
}

function isOpenHour(value: unknown): value is NonNullable<Profile['open']> {
  const open = value as Profile['open'] | undefined;
  if (typeof open?.hourOfWeek !== 'number' || !(open.hourOfWeek in emptyProfile.hours)) return false;
  return [open.cpu, open.memory].every(
    (sum) => areAmounts([sum?.seenMs, sum?.total]) && sum.seenMs <= 2 * hourMs,
  );
}
