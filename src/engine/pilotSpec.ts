import { EngineError, type EngineInfo, type PilotSpec } from '../model/engine.ts';
import type { CreateBody, DeviceRequest, WireUlimit } from './createBody.ts';
import type { Propagation } from './mountinfo.ts';
import { bindsOf } from './pilotBinds.ts';
import { gpuRequestsOf } from './pilotGpus.ts';
import { cpuLimitOf, logOptionsFor, oomScoreAdjFor, ulimitsFor } from './pilotLimits.ts';

/** What the node says that bears on how a pilot is made. */
export interface NodeTraits {
  /** How mounts below a path of the engine's machine spread. */
  readonly propagationOf: (path: string) => Propagation;
  /** Limits that the engine must be told, because its own defaults are above what it may set; mostly none. */
  readonly ulimits: readonly WireUlimit[];
}

/** What to tell an engine to make one pilot, and what had to be left out or changed, for the log. */
export interface WireSpec {
  readonly body: CreateBody;
  readonly warnings: readonly string[];
}

/**
 * A pilot as an engine is told of it. Throws `EngineError` (`rejected`) for what this engine would leave out without a
 * word, or repeat in an answer although it may be a secret.
 */
export function wireOf(spec: PilotSpec, info: EngineInfo, node: NodeTraits): WireSpec {
  const { kind } = spec;
  const { binds, warnings: ofBinds } = bindsOf(spec, info, node.propagationOf);
  const { ulimits, warnings: ofUlimits } = ulimitsFor(kind.ulimits, node.ulimits);
  const security = kind.securityOptions.filter((option) => info.apparmor || !/^apparmor\b/i.test(option));
  const dropped = kind.securityOptions.filter((option) => !security.includes(option));
  const gpus = orRefused(spec, () => gpuRequestsOf(kind.gpus, info));
  const body: CreateBody = {
    Hostname: spec.hostname,
    Image: kind.image,
    Cmd: [...kind.command],
    Env: orRefused(spec, () => environmentOf({ ...kind.env, ...spec.env })),
    User: kind.user,
    Labels: { ...kind.labels, ...spec.labels },
    StopSignal: kind.stopSignal,
    HostConfig: {
      ...limitsOf(spec, info, ulimits),
      NetworkMode: kind.networkMode,
      Privileged: kind.privileged,
      ReadonlyRootfs: kind.readOnly,
      Binds: binds,
      Tmpfs: Object.fromEntries(kind.tmpfs.map(({ target, options }) => [target, options])),
      ...devicesOf(spec, gpus),
      CapAdd: [...kind.capabilitiesAdded],
      CapDrop: [...kind.capabilitiesDropped],
      SecurityOpt: security,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      ...initFor(kind.init, info),
      ...(spec.cgroupParent === null ? {} : { CgroupParent: spec.cgroupParent }),
    },
  };
  const warnings = [
    ...ofBinds,
    ...ofUlimits,
    ...dropped.map((option) => `security option ${option} is left out: AppArmor is off on this engine`),
    ...(kind.init === true && !info.hasInit
      ? [`pilots of kind ${kind.name} run without an init program: this engine has none`]
      : []),
  ];
  return { body, warnings };
}

type HostConfig = CreateBody['HostConfig'];

/** What a pilot may use: CPU time, memory, processes, room for its log. */
function limitsOf(
  { kind }: PilotSpec,
  info: EngineInfo,
  ulimits: readonly WireUlimit[],
): Pick<
  HostConfig,
  | 'CpuPeriod'
  | 'CpuQuota'
  | 'Memory'
  | 'MemorySwap'
  | 'ShmSize'
  | 'PidsLimit'
  | 'OomScoreAdj'
  | 'Ulimits'
  | 'LogConfig'
> {
  const cpuLimit = cpuLimitOf(kind.cpus);
  const oomScoreAdj = oomScoreAdjFor(info);
  const logOptions = logOptionsFor(info);
  return {
    CpuPeriod: cpuLimit.periodUs,
    CpuQuota: cpuLimit.quotaUs,
    Memory: kind.memoryBytes,
    MemorySwap: kind.memoryBytes + kind.swapBytes,
    ...(kind.shmBytes === null ? {} : { ShmSize: kind.shmBytes }),
    PidsLimit: kind.pidsLimit,
    ...(oomScoreAdj === null ? {} : { OomScoreAdj: oomScoreAdj }),
    ...(ulimits.length === 0 ? {} : { Ulimits: ulimits }),
    // Without a type the engine takes its own driver, and adds its own options.
    ...(logOptions === null ? {} : { LogConfig: { Type: '', Config: logOptions } }),
  };
}

function devicesOf(
  { kind }: PilotSpec,
  gpus: readonly DeviceRequest[],
): Pick<HostConfig, 'Devices' | 'DeviceRequests'> {
  return {
    Devices: kind.devices.map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target,
      CgroupPermissions: device.permissions,
    })),
    ...(gpus.length === 0 ? {} : { DeviceRequests: gpus }),
  };
}

/**
 * A first process that is no init ignores SIGTERM unless it asked for it: `sleep` would sit out every notice. "Off" must
 * be said, for an engine may have it on by default.
 */
function initFor(wanted: boolean | null, info: EngineInfo): Pick<HostConfig, 'Init'> {
  if (wanted === false) return { Init: false };
  return info.hasInit ? { Init: true } : {};
}

/** `NAME=value` each. Throws an Error for what is no variable, which names it and never its value. */
function environmentOf(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => {
    if (!/^[^=\s\0]+$/.test(name)) {
      throw new Error(`"${name}" cannot be the name of a variable: it is empty, or has white space or "="`);
    }
    if (value.includes('\0')) {
      throw new Error(`the value of variable ${name} has a zero byte, which none can have`);
    }
    return `${name}=${value}`;
  });
}

function orRefused<T>(spec: PilotSpec, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot create container ${spec.name} of kind ${spec.kind.name}: ${why}`;
    throw new EngineError('rejected', message, { cause });
  }
}
