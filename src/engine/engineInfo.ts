import type { EngineInfo } from '../model/engine.ts';

/** Newest API version that this client was written for. */
const newestApi = '1.43';
/** Oldest API version that has all that is used here. */
const oldestApi = '1.24';

/** What is used of the answer to `GET /version`. */
export interface VersionAnswer {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly MinAPIVersion?: string;
  readonly Components?: readonly { readonly Name?: string; readonly Version?: string }[] | null;
}

/** What is used of the answer to `GET /info`. */
export interface InfoAnswer {
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly Rootless?: boolean;
  readonly InitBinary?: string;
  readonly InitCommit?: { readonly ID?: string };
  readonly DockerRootDir?: string;
  readonly LoggingDriver?: string;
}

/**
 * The API version to speak: the engine's own up to the newest we know, or its oldest where that is newer still (engines
 * refuse what is older). Throws an Error when the engine is too old.
 */
export function settleApiVersion(answer: VersionAnswer): string {
  const engines = answer.ApiVersion ?? '';
  if (!/^\d+\.\d+$/.test(engines)) {
    throw new Error(`it names no API version ("${engines}"): is it a container engine?`);
  }
  if (compareVersions(engines, oldestApi) < 0) {
    throw new Error(`its API version ${engines} is older than ${oldestApi}: upgrade the engine`);
  }
  if (compareVersions(engines, newestApi) <= 0) {
    return engines;
  }
  const enginesOldest = answer.MinAPIVersion ?? '';
  return /^\d+\.\d+$/.test(enginesOldest) && compareVersions(enginesOldest, newestApi) > 0
    ? enginesOldest
    : newestApi;
}

/** Who answers and what it can do, from its two answers. */
export function engineInfoOf(
  version: VersionAnswer,
  info: InfoAnswer,
  apiVersion: string,
  local: boolean,
): EngineInfo {
  const isPodman = (version.Components ?? []).some((part) => /podman/i.test(part.Name ?? ''));
  const options = new Set((info.SecurityOptions ?? []).map((option) => /name=([^,]+)/.exec(option)?.[1]));
  return {
    product: isPodman ? 'podman' : 'docker',
    version: version.Version ?? 'unknown',
    apiVersion,
    cpuCount: info.NCPU ?? 0,
    memoryBytes: info.MemTotal ?? 0,
    cgroupDriver: driverOf(info.CgroupDriver),
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    rootless: info.Rootless === true || options.has('rootless'),
    local,
    selinux: options.has('selinux'),
    apparmor: options.has('apparmor'),
    // Docker answers "N/A" for the commit where it cannot run its init program.
    hasInit: (info.InitBinary ?? '') !== '' && info.InitCommit?.ID !== 'N/A',
    dataFolder: info.DockerRootDir ?? '',
    loggingDriver: info.LoggingDriver ?? '',
  };
}

function driverOf(name: string | undefined): EngineInfo['cgroupDriver'] {
  return name === 'systemd' || name === 'cgroupfs' ? name : 'none';
}

/** Whether an API version (`1.41`) is `wanted` or a later one. */
export function isApiAtLeast(version: string, wanted: string): boolean {
  return compareVersions(version, wanted) >= 0;
}

/** Less than, equal to or more than 0, as `major.minor` versions compare. */
function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
