import { type Kind, plainKind } from '../model/kind.ts';
import type { CapabilityChange } from './entries.ts';
import type { ParsedFile } from './schema.ts';

type ParsedKind = NonNullable<ParsedFile['pilots']>[number];

/** What a kind has for a list of capabilities. */
type Capabilities = Pick<Kind, 'capabilitiesAdded' | 'capabilitiesDropped'>;

/** The kinds of a file; there is always one, if only a disabled one that stands for none. */
type Kinds = readonly [Kind, ...Kind[]];

/**
 * The kinds of a file. Without `pilots` that is the one which the keys at the top make, `topLevel`; with it that one
 * only where `recipeIsWritten`.
 */
export function toKinds({ pilots }: ParsedFile, topLevel: Kind, recipeIsWritten: boolean): Kinds {
  if (pilots === null) return [topLevel];
  const listed = pilots.map((entry) => toKind(entry, topLevel));
  const [first, ...others] = recipeIsWritten ? [topLevel, ...listed] : listed;
  return first === undefined ? [{ ...topLevel, enabled: false }] : [first, ...others];
}

/** The kind that the keys at the top make: the only one there was, so that it waits, hurries and ends as ever. */
export function topLevelKind(file: ParsedFile): Kind {
  return {
    ...plainKind,
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
    ...capabilitiesOf(file.capabilities),
    securityOptions: file.security_opts,
    networkMode: file.network_mode,
    ttlMs: file.max_ttl,
    ttlReachesRunning: true,
    stopGraceMs: file.stop_grace,
  };
}

function toKind(entry: ParsedKind, topLevel: Kind): Kind {
  const { capabilitiesAdded, capabilitiesDropped } = topLevel;
  return {
    name: entry.name,
    image: entry.image,
    command: entry.command,
    env: entry.env,
    envFile: entry.env_file,
    cpus: entry.cpus ?? topLevel.cpus,
    memoryBytes: entry.memory ?? topLevel.memoryBytes,
    swapBytes: entry.swap ?? topLevel.swapBytes,
    shmBytes: entry.shm_size,
    pidsLimit: entry.pids_limit ?? topLevel.pidsLimit,
    gpus: entry.gpus,
    privileged: entry.privileged ?? topLevel.privileged,
    user: entry.user ?? topLevel.user,
    binds: entry.binds ?? topLevel.binds,
    devices: entry.devices ?? topLevel.devices,
    tmpfs: entry.tmpfs,
    ...(entry.capabilities === null
      ? { capabilitiesAdded, capabilitiesDropped }
      : capabilitiesOf(entry.capabilities)),
    securityOptions: entry.security_opts ?? topLevel.securityOptions,
    ulimits: entry.ulimits,
    labels: entry.labels,
    readOnly: entry.read_only,
    networkMode: entry.network_mode ?? topLevel.networkMode,
    init: entry.init,
    logRateBytes: entry.log_rate,
    pull: entry.pull,
    enabled: entry.enabled,
    schedule: entry.schedule,
    share: entry.share,
    max: entry.max,
    ttlMs: entry.ttl ?? topLevel.ttlMs,
    ttlReachesRunning: false,
    ttlJitter: entry.ttl_jitter,
    stopSignal: entry.stop_signal,
    stopGraceMs: entry.stop_grace ?? topLevel.stopGraceMs,
    outcomes: entry.outcomes,
    fizzleMs: entry.fizzle,
    backOff: { firstMs: entry.backoff.first, mostMs: entry.backoff.max },
  };
}

function capabilitiesOf(changes: readonly CapabilityChange[]): Capabilities {
  return {
    capabilitiesAdded: changes.filter(({ dropped }) => !dropped).map(({ name }) => name),
    capabilitiesDropped: changes.filter(({ dropped }) => dropped).map(({ name }) => name),
  };
}
