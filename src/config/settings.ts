import type { Kind } from '../model/kind.ts';
import type { Settings } from '../model/settings.ts';
import { parseExpression } from './expression.ts';
import { startsNothing } from './extremes.ts';
import { toPilotLimit } from './pilotLimit.ts';
import type { ParsedFile } from './schema.ts';
import { zonesOf } from './zoneTable.ts';

/** Puts a checked file without extremes into the terms of the rest of the program. `limitIsDefault`: nobody wrote `max_docks`. */
export function toSettings(file: ParsedFile, limitIsDefault: boolean): Settings {
  return {
    influxdb: file.influxdb_url.filter((target) => target !== null),
    updateConfigMs: file.updateconfig,
    imageExpirationMs: file.image_expiration,
    mainSleepMs: file.main_sleep,
    graceKillMs: file.grace_kill,
    graceSpawnMs: file.grace_spawn,
    pilotLimit: toPilotLimit(startsNothing(file) ? parseExpression('0') : file.max_docks, limitIsDefault),
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
      zones: zonesOf(file.schedule),
      maxTemperatureC: file.max_temperature,
    },
    engine: file.engine,
    logFormat: file.log_format,
    syslog: file.syslog,
    kind: toKind(file),
  };
}

function toKind(file: ParsedFile): Kind {
  return {
    name: 'default',
    image: file.docker_image,
    command: file.docker_cmd,
    cpus: file.cpus_per_dock,
    memoryBytes: file.max_dock_mem,
    swapBytes: file.max_dock_swap,
    pidsLimit: file.pids_limit,
    privileged: file.docker_privileged,
    user: file.user_group,
    binds: file.binds,
    devices: file.devices,
    capabilitiesAdded: file.capabilities.filter((change) => !change.dropped).map((change) => change.name),
    capabilitiesDropped: file.capabilities.filter((change) => change.dropped).map((change) => change.name),
    securityOptions: file.security_opts,
    networkMode: file.network_mode,
    ttlMs: file.max_ttl,
    stopGraceMs: file.stop_grace,
  };
}
