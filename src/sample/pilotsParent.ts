import type { EngineInfo } from '../model/engine.ts';
import type { CgroupMounts } from './mounts.ts';

/** The files of the pilots' common parent cgroup that are read at each tick; null where the node has no such file. */
export interface ParentFiles {
  readonly cpu: { readonly path: string; readonly format: 'v1-nanoseconds' | 'v2-cpu-stat' } | null;
  readonly ioPressure: string | null;
}

/**
 * The parent's name in the engine's own terms: an absolute path for the cgroupfs driver, a slice for systemd. Null
 * where a parent of our own cannot be had: an engine elsewhere, or one that has no cgroups to manage.
 */
export function parentFor(info: EngineInfo): string | null {
  if (!info.local || info.cgroupDriver === 'none') return null;
  return info.cgroupDriver === 'systemd' ? 'plancton.slice' : '/plancton';
}

/**
 * Where the parent's folder is below a cgroup mount. A rootless engine has it below the slice that its user's systemd
 * was delegated.
 */
function folderBelowMount(info: EngineInfo, parent: string, uid: number): string {
  if (info.rootless && info.cgroupDriver === 'systemd') {
    return `user.slice/user-${uid}.slice/user@${uid}.service/${parent}`;
  }
  return parent.replace(/^\//, '');
}

/** Finds the parent's files; in a hybrid tree CPU time comes from v1 and pressure from v2. */
export function parentFiles(mounts: CgroupMounts, info: EngineInfo, uid: number): ParentFiles {
  const parent = parentFor(info);
  if (parent === null) return { cpu: null, ioPressure: null };
  const folder = folderBelowMount(info, parent, uid);
  const ioPressure = mounts.unified === null ? null : `${mounts.unified}/${folder}/io.pressure`;
  if (info.cgroupVersion === 2 && mounts.unified !== null) {
    return { cpu: { path: `${mounts.unified}/${folder}/cpu.stat`, format: 'v2-cpu-stat' }, ioPressure };
  }
  const accounting = mounts.legacy['cpuacct'];
  if (accounting === undefined) return { cpu: null, ioPressure };
  return { cpu: { path: `${accounting}/${folder}/cpuacct.usage`, format: 'v1-nanoseconds' }, ioPressure };
}

/**
 * The parent's folder in the CPU controller's tree, for whoever sets its weight; null where we are not to make it: the
 * systemd driver's slices are systemd's own, and a rootless engine's tree is not at the top.
 */
export function parentCpuFolder(mounts: CgroupMounts, info: EngineInfo): string | null {
  const parent = parentFor(info);
  if (parent === null || info.cgroupDriver !== 'cgroupfs' || info.rootless) return null;
  const mount = info.cgroupVersion === 2 ? mounts.unified : mounts.legacy['cpu'];
  return mount === null || mount === undefined ? null : `${mount}${parent}`;
}
