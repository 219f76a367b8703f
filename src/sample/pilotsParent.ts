import { readdirSync } from 'node:fs';
import type { EngineInfo } from '../model/engine.ts';
import type { CgroupMounts } from './mounts.ts';

/** The files that tell, at each tick, what all pilots of this node use; null where the node has no such file. */
export interface ParentFiles {
  readonly cpu: {
    readonly paths: readonly string[];
    readonly format: 'v1-nanoseconds' | 'v2-cpu-stat';
  } | null;
  readonly ioPressure: readonly string[] | null;
}

const slice = 'plancton.slice';
const ownFolder = /^plancton-[0-9a-f]{8}$/;

/**
 * The parent cgroup of one daemon's pilots, in the engine's own terms: a path at the top of the tree for the cgroupfs
 * driver, a slice for systemd (which the dash puts below `plancton.slice`). One for each daemon, so that what one does
 * to the class of its pilots is not undone by another. Null where a parent of our own cannot be had: an engine
 * elsewhere, or one that has no cgroups to manage.
 */
export function parentFor(info: EngineInfo, instance: string): string | null {
  if (!info.local || info.cgroupDriver === 'none') return null;
  const name = `plancton-${instance.slice(0, 8)}`;
  return info.cgroupDriver === 'systemd' ? `${name}.slice` : `/${name}`;
}

/**
 * Finds the files of every daemon's parent on this node, because another daemon's pilots are no more the owner's than
 * ours; `instance` is this daemon's, whose parent may not be there yet. In a hybrid tree CPU time comes from v1 and
 * pressure from v2.
 */
export function parentFiles(
  mounts: CgroupMounts,
  info: EngineInfo,
  instance: string,
  uid: number,
): ParentFiles {
  const parent = parentFor(info, instance);
  if (parent === null) return { cpu: null, ioPressure: null };
  const foldersIn = (mount: string): string[] => parentFolders(mount, info, parent, uid);
  const ioPressure =
    mounts.unified === null ? null : foldersIn(mounts.unified).map((folder) => `${folder}/io.pressure`);
  if (info.cgroupVersion === 2 && mounts.unified !== null) {
    const paths = foldersIn(mounts.unified).map((folder) => `${folder}/cpu.stat`);
    return { cpu: { paths, format: 'v2-cpu-stat' }, ioPressure };
  }
  const accounting = mounts.legacy['cpuacct'];
  if (accounting === undefined) return { cpu: null, ioPressure };
  const paths = foldersIn(accounting).map((folder) => `${folder}/cpuacct.usage`);
  return { cpu: { paths, format: 'v1-nanoseconds' }, ioPressure };
}

/** The slice that holds all slices of ours, or every folder of ours at the top of the tree. */
function parentFolders(mount: string, info: EngineInfo, parent: string, uid: number): string[] {
  if (info.cgroupDriver === 'systemd') {
    // A rootless engine has it below the slice that its user's systemd was delegated.
    const above = info.rootless ? `user.slice/user-${uid}.slice/user@${uid}.service/` : '';
    return [`${mount}/${above}${slice}`];
  }
  const others = foldersAt(mount).filter((name) => ownFolder.test(name) && `/${name}` !== parent);
  return [`${mount}${parent}`, ...others.map((name) => `${mount}/${name}`)];
}

function foldersAt(mount: string): string[] {
  try {
    return readdirSync(mount);
  } catch {
    return [];
  }
}

/**
 * The parent's folder in the CPU controller's tree, for whoever sets its weight; null where we are not to make it: the
 * systemd driver's slices are systemd's own, and a rootless engine's tree is not at the top.
 */
export function parentCpuFolder(mounts: CgroupMounts, info: EngineInfo, instance: string): string | null {
  const parent = parentFor(info, instance);
  if (parent === null || info.cgroupDriver !== 'cgroupfs' || info.rootless) return null;
  const mount = info.cgroupVersion === 2 ? mounts.unified : mounts.legacy['cpu'];
  return mount === null || mount === undefined ? null : `${mount}${parent}`;
}
