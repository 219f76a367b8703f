import type { Settings } from '../model/settings.ts';
import { parseExpression } from './expression.ts';
import { startsNothing } from './extremes.ts';
import { fleetSource } from './fleetSource.ts';
import { influxTargets } from './influxTargets.ts';
import { toKinds, topLevelKind } from './kinds.ts';
import { toPilotLimit } from './pilotLimit.ts';
import type { ParsedFile } from './schema.ts';
import { zonesOf } from './zoneTable.ts';

/** Which keys somebody wrote, where that makes a difference beside their values. */
interface Written {
  /** `max_docks`, or what stands for it. */
  readonly limit: boolean;
  /** `docker_image` or `docker_cmd`. */
  readonly recipe: boolean;
}

/** Puts a checked file without extremes into the terms of the rest of the program. */
export function toSettings(file: ParsedFile, written: Written): Settings {
  const topLevel = topLevelKind(file);
  const kinds = toKinds(file, topLevel, written.recipe);
  const limit = startsNothing(file, written.recipe) ? parseExpression('0') : file.max_docks;
  const influxdb = influxTargets(file);
  return {
    influxdb,
    fleet: fleetSource(file, influxdb),
    updateConfigMs: file.updateconfig,
    imageExpirationMs: file.image_expiration,
    mainSleepMs: file.main_sleep,
    graceKillMs: file.grace_kill,
    graceSpawnMs: file.grace_spawn,
    pilotLimit: toPilotLimit(limit, !written.limit, topLevel),
    startsPerLoop: file.docks_per_loop,
    adoptUnlabelled: file.adopt_unlabelled,
    cpuClass: file.cpu_class,
    reserve: file.reserve,
    ownerSlowdown: file.owner_slowdown,
    maxPauseMs: file.max_pause,
    dryRun: file.dry_run,
    learn: file.learn,
    signs: {
      user: file.yield_to_user,
      userAwayMs: file.user_away,
      battery: file.yield_on_battery,
      programs: file.yield_to_programs,
      schedule: file.schedule,
      zones: zonesOf([...file.schedule, ...kinds.flatMap(({ schedule }) => schedule)]),
      maxTemperatureC: file.max_temperature,
    },
    engine: file.engine,
    logFormat: file.log_format,
    syslog: file.syslog,
    listen: file.listen,
    listenNames: file.listen_names,
    listenLogs: file.listen_logs,
    topLevelKind: topLevel,
    kinds,
    hs06: file.hs06,
    hostRunFolder: file.host_rundir,
    logRetention: {
      perPilotBytes: file.pilot_logs.per_pilot,
      allBytes: file.pilot_logs.all,
      ageMs: file.pilot_logs.age,
    },
  };
}
