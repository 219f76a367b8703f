import type { Bind, Device, Kind, Tmpfs } from '../model/kind.ts';
import { writePercent } from './amounts.ts';
import { commandWithoutSecrets, smellsOfSecret } from './hidden.ts';
import { writeGpus, writeUlimit } from './kindFields.ts';
import { writeTimeWindow } from './schedule.ts';

/** A kind as the keys at the top of the file say it, as far as they can. */
export function topLevelInFileTerms(kind: Kind): Record<string, unknown> {
  return {
    docker_image: kind.image,
    docker_cmd: commandWithoutSecrets(kind.command),
    docker_privileged: kind.privileged,
    cpus_per_dock: kind.cpus,
    max_dock_mem: kind.memoryBytes,
    max_dock_swap: kind.swapBytes,
    pids_limit: kind.pidsLimit,
    max_ttl: kind.ttlMs / 1000,
    stop_grace: kind.stopGraceMs / 1000,
    user_group: kind.user,
    network_mode: kind.networkMode,
    binds: kind.binds.map(writeBind),
    devices: kind.devices.map(writeDevice),
    capabilities: writeCapabilities(kind),
    security_opts: kind.securityOptions,
  };
}

/** A kind as an entry of `pilots` says it. Values of variables and options that are called as secrets are `***`. */
export function kindInFileTerms(kind: Kind): Record<string, unknown> {
  return {
    name: kind.name,
    image: kind.image,
    command: commandWithoutSecrets(kind.command),
    env: Object.fromEntries(
      Object.entries(kind.env).map(([name, value]) => [name, smellsOfSecret(name) ? '***' : value]),
    ),
    env_file: kind.envFile,
    cpus: kind.cpus,
    memory: kind.memoryBytes,
    swap: kind.swapBytes,
    shm_size: kind.shmBytes,
    pids_limit: kind.pidsLimit,
    gpus: writeGpus(kind.gpus),
    devices: kind.devices.map(writeDevice),
    binds: kind.binds.map(writeBind),
    tmpfs: kind.tmpfs.map(writeTmpfs),
    network_mode: kind.networkMode,
    init: kind.init,
    log_rate: kind.logRateBytes ?? 'none',
    privileged: kind.privileged,
    user: kind.user,
    capabilities: writeCapabilities(kind),
    security_opts: kind.securityOptions,
    read_only: kind.readOnly,
    ulimits: Object.fromEntries(kind.ulimits.map((limit) => [limit.name, writeUlimit(limit)])),
    labels: kind.labels,
    share: kind.share,
    max: kind.max,
    ttl: kind.ttlMs / 1000,
    ttl_jitter: writePercent(kind.ttlJitter),
    stop_signal: kind.stopSignal,
    stop_grace: kind.stopGraceMs / 1000,
    pull: kind.pull,
    enabled: kind.enabled,
    schedule: kind.schedule.map(writeTimeWindow),
    outcomes: kind.outcomes,
    fizzle: kind.fizzleMs / 1000,
    backoff: { first: kind.backOff.firstMs / 1000, max: kind.backOff.mostMs / 1000 },
  };
}

function writeCapabilities(kind: Kind): string[] {
  return [...kind.capabilitiesAdded, ...kind.capabilitiesDropped.map((name) => `-${name}`)];
}

function writeBind({ source, target, mode }: Bind): string {
  return mode === null ? `${source}:${target}` : `${source}:${target}:${mode}`;
}

function writeDevice({ source, target, permissions }: Device): string {
  return `${source}:${target}:${permissions}`;
}

function writeTmpfs({ target, options }: Tmpfs): string {
  return options === '' ? target : `${target}:${options}`;
}
