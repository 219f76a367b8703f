import { policyOf } from '../daemon/policy.ts';
import { weekMoment } from '../daemon/profileStore.ts';
import type { Profile } from '../decide/profile.ts';
import type { Policy } from '../decide/types.ts';
import type { HostSample, OwnerSigns } from '../model/host.ts';
import type { CpuClass, KernelMeans } from '../model/means.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import type { Settings } from '../model/settings.ts';
import type { TapeFrame } from '../model/tape.ts';
import type { Rules } from '../replay/relive.ts';
import { scheduleAt } from '../sample/schedule.ts';
import { UserFault } from './fault.ts';

/** What a recording was made by. */
export interface Surroundings {
  /** The configuration in force then, as far as anybody knows. */
  readonly inForce: Settings;
  /** What was learned of the node's week. */
  readonly profile: Profile;
  readonly seed: number;
}

const weakestFirst: readonly CpuClass[] = ['normal', 'low', 'idle'];
const noSigns: OwnerSigns = {
  userIdleMs: null,
  onBattery: null,
  programs: null,
  temperatureC: null,
  window: null,
};

/** A configuration as rules for a recording. `dry_run` is passed over: what it would do is what is asked. */
export function rulesOf(settings: Settings, around: Surroundings): Rules {
  const { signs } = settings;
  const hasSchedules = settings.kinds.some(({ schedule }) => schedule.length > 0);
  let last: { readonly key: string; readonly policy: Policy } | null = null;
  return {
    meansOf: (recorded) => meansOf(settings.cpuClass, around.inForce.cpuClass, recorded),
    policyAt(host, means, wallMs) {
      const key = hasSchedules ? '' : keyOf(host, means);
      if (last === null || hasSchedules || last.key !== key)
        last = { key, policy: { ...evaluated(settings, host, means, around.seed, wallMs), dryRun: false } };
      return last.policy;
    },
    weekAt: (wallMs) =>
      settings.learn ? { profile: around.profile, now: weekMoment(wallMs, signs.zones.own) } : null,
    signsAt: (frame, leftMs, wallMs) => signsAt(settings, frame, leftMs, wallMs),
  };
}

/**
 * The class that pilots would have been in: what is asked for, unless the kernel could not give what was asked for then,
 * and would not have given it now.
 */
function meansOf(asked: CpuClass, askedThen: CpuClass, recorded: KernelMeans): KernelMeans {
  const rank = (of: CpuClass): number => weakestFirst.indexOf(of);
  const couldNot = rank(recorded.cpuClass) < rank(askedThen);
  const cpuClass = couldNot && rank(recorded.cpuClass) < rank(asked) ? recorded.cpuClass : asked;
  return cpuClass === recorded.cpuClass ? recorded : { ...recorded, cpuClass };
}

/** What a policy rests on beside its settings. */
function keyOf({ cpuCount, memory }: HostSample, means: KernelMeans): string {
  const levels = memory.known ? `${memory.value.totalBytes} ${memory.value.swapTotalBytes}` : '';
  const { cpuClass, canThrottle, canPause, canReclaim, ownKill } = means;
  return `${cpuCount} ${levels} ${cpuClass} ${canThrottle} ${canPause} ${canReclaim} ${ownKill}`;
}

function evaluated(
  settings: Settings,
  host: HostSample,
  means: KernelMeans,
  seed: number,
  wallMs: number,
): Policy {
  try {
    return policyOf(settings, host, null, means, { seed, wallMs });
  } catch (error) {
    throw new UserFault(
      `max_docks cannot be evaluated on the node that was recorded: ${(error as Error).message}; mend it and replay again`,
    );
  }
}

/** What is asked for and was not recorded is as if nobody asked: `planctonctl replay` says so. */
function signsAt({ signs }: Settings, frame: TapeFrame, leftMs: number, wallMs: number): OwnerSigns {
  const { user, battery, programs, maxTemperatureC, schedule, zones } = signs;
  const isAskedFor =
    user || battery || programs.length > 0 || maxTemperatureC !== null || schedule.length > 0;
  if (!isAskedFor) return noSigns;
  const idleMs = user ? recorded(frame.userIdleMs) : null;
  const ran = programs.length > 0 ? recorded(frame.programs) : null;
  return {
    userIdleMs: idleMs?.known === true ? known(Math.max(0, idleMs.value - leftMs)) : idleMs,
    onBattery: battery ? recorded(frame.onBattery) : null,
    programs: ran?.known === true ? known(ran.value.filter((name) => programs.includes(name))) : ran,
    temperatureC: maxTemperatureC === null ? null : recorded(frame.temperatureC),
    window: schedule.length === 0 ? null : scheduleAt(schedule, zones, wallMs),
  };
}

function recorded<T>(value: T | null | undefined): Reading<T> | null {
  if (value === undefined) return null;
  return value === null ? unknown('it could not be read when it was recorded') : known(value);
}
