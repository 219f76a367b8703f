import type { EngineInfo, PilotSpec } from '../model/engine.ts';
import type { Bind } from '../model/kind.ts';
import type { Propagation } from './mountinfo.ts';

/** What the node says that bears on how a pilot is made. */
export interface NodeTraits {
  /** How mounts below a path of the engine's machine spread. */
  readonly propagationOf: (path: string) => Propagation;
  /** Limits that the engine must be told, because its own defaults are above what it may set; mostly none. */
  readonly ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
}

/** The body of `POST /containers/create`, as far as it is used here; names and units are the API's. */
export interface CreateBody {
  readonly Hostname: string;
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly HostConfig: {
    readonly CpuPeriod: number;
    readonly CpuQuota: number;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly PidsLimit: number;
    readonly OomScoreAdj?: number;
    readonly NetworkMode: string;
    readonly Privileged: boolean;
    readonly Binds: readonly string[];
    readonly Devices: readonly {
      readonly PathOnHost: string;
      readonly PathInContainer: string;
      readonly CgroupPermissions: string;
    }[];
    readonly CapAdd: readonly string[];
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly AutoRemove: boolean;
    readonly RestartPolicy: { readonly Name: string };
    readonly Init?: boolean;
    readonly CgroupParent?: string;
    readonly Ulimits?: NodeTraits['ulimits'];
    readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
}

/** What to tell an engine to make one pilot, and what had to be left out or changed, for the log. */
export interface WireSpec {
  readonly body: CreateBody;
  readonly warnings: readonly string[];
}

/** The kernel's default period of the CPU bandwidth controller, in microseconds. */
const cpuPeriodUs = 100_000;
/** The kernel refuses quotas below this, in microseconds. */
const leastCpuQuotaUs = 1000;

/** A CPU limit in the kernel's terms: microseconds of CPU time in each period. */
export function cpuLimitOf(cpus: number): { readonly periodUs: number; readonly quotaUs: number } {
  return { periodUs: cpuPeriodUs, quotaUs: Math.max(leastCpuQuotaUs, Math.round(cpus * cpuPeriodUs)) };
}

/**
 * What is added to a pilot's badness when the kernel must kill somebody for memory (proc(5), `oom_score_adj`): the most
 * there is, so that pilots go first. Null for a rootless engine: its runtime may not be let to write that file of a
 * process in another user namespace, and the start would fail.
 */
export function oomScoreAdjFor(info: EngineInfo): number | null {
  return info.rootless ? null : 1000;
}

/**
 * Bounds of a pilot's log, without which one that writes all the time fills the disk; they stand before those of the
 * site, which an engine does not tell. Null where the engine's driver would refuse them: Docker checks them. Podman takes
 * them with any driver, and knows one file only.
 */
function logOptionsFor(info: EngineInfo): Readonly<Record<string, string>> | null {
  if (info.product === 'podman') return { 'max-size': '10m' };
  const isFile = info.loggingDriver === 'json-file' || info.loggingDriver === 'local';
  return isFile ? { 'max-size': '10m', 'max-file': '2' } : null;
}

/** A pilot as an engine is told of it. */
export function wireOf(spec: PilotSpec, info: EngineInfo, node: NodeTraits): WireSpec {
  const { kind } = spec;
  const binds = kind.binds.map((bind) => wireOfBind(bind, info, node));
  const security = kind.securityOptions.filter((option) => info.apparmor || !/^apparmor\b/i.test(option));
  const dropped = kind.securityOptions.filter((option) => !security.includes(option));
  const cpuLimit = cpuLimitOf(kind.cpus);
  const oomScoreAdj = oomScoreAdjFor(info);
  const logOptions = logOptionsFor(info);
  const body: CreateBody = {
    Hostname: spec.hostname,
    Image: kind.image,
    Cmd: [...kind.command],
    User: kind.user,
    Labels: { ...spec.labels },
    StopSignal: 'SIGTERM',
    HostConfig: {
      CpuPeriod: cpuLimit.periodUs,
      CpuQuota: cpuLimit.quotaUs,
      Memory: kind.memoryBytes,
      MemorySwap: kind.memoryBytes + kind.swapBytes,
      PidsLimit: kind.pidsLimit,
      ...(oomScoreAdj === null ? {} : { OomScoreAdj: oomScoreAdj }),
      NetworkMode: kind.networkMode,
      Privileged: kind.privileged,
      Binds: binds.map((bind) => bind.text),
      Devices: kind.devices.map((device) => ({
        PathOnHost: device.source,
        PathInContainer: device.target,
        CgroupPermissions: device.permissions,
      })),
      CapAdd: [...kind.capabilitiesAdded],
      CapDrop: [...kind.capabilitiesDropped],
      SecurityOpt: security,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      // A first process that is no init ignores SIGTERM unless it asked for it: `sleep` would sit out every notice.
      ...(info.hasInit ? { Init: true } : {}),
      ...(spec.cgroupParent === null ? {} : { CgroupParent: spec.cgroupParent }),
      ...(node.ulimits.length === 0 ? {} : { Ulimits: [...node.ulimits] }),
      // Without a type the engine takes its own driver, and adds its own options.
      ...(logOptions === null ? {} : { LogConfig: { Type: '', Config: logOptions } }),
    },
  };
  const warnings = [
    ...binds.flatMap((bind) => bind.warnings),
    ...dropped.map((option) => `security option ${option} is left out: AppArmor is off on this engine`),
  ];
  return { body, warnings };
}

function wireOfBind(
  bind: Bind,
  info: EngineInfo,
  node: NodeTraits,
): { readonly text: string; readonly warnings: readonly string[] } {
  const path = `${bind.source}:${bind.target}`;
  if (bind.mode !== null) {
    return { text: `${path}:${bind.mode}`, warnings: [] };
  }
  // The engine refuses to start a container with a shared bind from a mount that is not shared.
  const propagation = node.propagationOf(bind.source);
  const modes = ['rw', ...(propagation === 'shared' ? ['shared'] : []), ...(info.selinux ? ['Z'] : [])];
  const warnings =
    propagation === 'shared'
      ? []
      : [
          `bind ${path} is private, not shared: ${
            propagation === 'unknown'
              ? 'it cannot be told how its mount propagates'
              : `the mount that holds ${bind.source} is ${propagation}`
          }; mounts made below it later will not show in pilots (mount --make-rshared changes that)`,
        ];
  return { text: `${path}:${modes.join(',')}`, warnings };
}
