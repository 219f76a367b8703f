import type { OwnerSigns } from '../model/host.ts';
import { known, type Reading } from '../model/reading.ts';
import type { SignSettings } from '../model/signSettings.ts';
import { readOnBattery } from './battery.ts';
import { ProgramWatch } from './programs.ts';
import { type ScheduleState, scheduleAt } from './schedule.ts';
import { type AskLogind, ScreenWatch } from './screens.ts';
import { seldom } from './seldom.ts';
import { hottestOf, sensorFiles } from './temperature.ts';
import { TerminalWatch } from './terminals.ts';

const userMs = 2000;
const batteryMs = 5000;
const temperatureMs = 10_000;
const sensorsMs = 300_000;

/** Reads the signs that were asked for; each is as fresh as its own pace. */
export type ReadSigns = (nowMs: number, wallMs: number) => OwnerSigns;

/**
 * Makes the reader of the signs that these settings ask for, and of no other: what is not asked for costs nothing.
 * `root` is without a slash at its end: empty for the real one.
 */
export function signReader(root: string, settings: SignSettings, askLogind: AskLogind): ReadSigns {
  const screens = new ScreenWatch(root, askLogind);
  const terminals = new TerminalWatch(root);
  const user = seldom(userMs, (nowMs, wallMs) =>
    soonest(screens.read(nowMs), terminals.idleMs(nowMs, wallMs)),
  );
  const battery = seldom(batteryMs, () => readOnBattery(root));
  const sensors = seldom(sensorsMs, () => sensorFiles(root));
  const temperature = seldom(temperatureMs, (nowMs, wallMs) => hottestOf(sensors(nowMs, wallMs)));
  const programs = new ProgramWatch(root, settings.programs);
  const schedule = scheduleReader(settings);
  return (nowMs, wallMs) => ({
    userIdleMs: settings.user ? user(nowMs, wallMs) : null,
    onBattery: settings.battery ? battery(nowMs, wallMs) : null,
    programs: settings.programs.length > 0 ? programs.read(nowMs) : null,
    temperatureC: settings.maxTemperatureC === null ? null : temperature(nowMs, wallMs),
    window: settings.schedule.length > 0 ? schedule(wallMs) : null,
  });
}

/** Somebody who is here is here, whatever else cannot be told; that nobody is, takes both. */
function soonest(screen: Reading<number>, terminal: Reading<number>): Reading<number> {
  if (screen.known && terminal.known) return known(Math.min(screen.value, terminal.value));
  return screen.known ? terminal : screen;
}

/** The schedule, worked out anew only when what it said has run out, or the clock was set. */
function scheduleReader({ schedule, zones }: SignSettings): (wallMs: number) => ScheduleState {
  let last: { readonly atMs: number; readonly state: ScheduleState } | null = null;
  return (wallMs) => {
    const passedMs = last === null ? Number.NaN : wallMs - last.atMs;
    if (last === null || !(passedMs >= 0 && passedMs < last.state.changesInMs)) {
      last = { atMs: wallMs, state: scheduleAt(schedule, zones, wallMs) };
      return last.state;
    }
    return { open: last.state.open, changesInMs: last.state.changesInMs - passedMs };
  };
}
