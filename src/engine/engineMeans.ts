import type { EngineInfo } from '../model/engine.ts';

/** Whether this engine can change the CPU limit of a running container. */
export function canThrottle(info: EngineInfo): boolean {
  return managesCgroups(info) && (info.product === 'docker' || isAtLeast(info.version, 4, 3));
}

/** Whether this engine can freeze a container. */
export function canPause(info: EngineInfo): boolean {
  return managesCgroups(info);
}

/** Cgroup version 1 cannot be delegated to a user: a rootless engine sets no limits there, nor freezes anything. */
function managesCgroups(info: EngineInfo): boolean {
  return info.cgroupDriver !== 'none' && !(info.rootless && info.cgroupVersion === 1);
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number);
  return itsMajor > major || (itsMajor === major && itsMinor >= minor);
}
