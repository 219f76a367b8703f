import { readdirSync } from 'node:fs';
import type { EngineInfo } from '../model/engine.ts';
import type { CgroupMounts } from './mounts.ts';

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
 * The folder of one pilot's cgroup below a mount, which is there while the pilot is alive; null where pilots have no
 * parent of ours. What is below it (an engine may nest another level) counts into it.
 */
export function pilotFolder(
  mount: string,
  info: EngineInfo,
  instance: string,
  id: string,
  uid: number,
): string | null {
  const folder = parentFolder(mount, info, instance, uid);
  if (folder === null || !/^[0-9a-f]{64}$/.test(id)) return null;
  const prefix = info.product === 'podman' ? 'libpod-' : 'docker-';
  if (info.cgroupDriver === 'systemd') return `${folder}/${prefix}${id}.scope`;
  return `${folder}/${info.product === 'podman' ? prefix : ''}${id}`;
}

/** The folder of this daemon's parent below a mount; null where there is none of ours. */
export function parentFolder(mount: string, info: EngineInfo, instance: string, uid: number): string | null {
  const parent = parentFor(info, instance);
  if (parent === null) return null;
  if (info.cgroupDriver === 'systemd') return `${sliceFolder(mount, info, uid)}/${parent}`;
  return `${mount}${parent}`;
}

/** Whether a group at the top of the tree is one of pilots: a daemon's parent, or the slice of all of them. */
export function isPilotsFolder(name: string): boolean {
  return name === slice || ownFolder.test(name);
}

/**
 * The folders of every daemon's parent on this node, because another daemon's pilots are no more the owner's than ours:
 * this daemon's (the slice that holds all slices, where systemd drives), which may not be there yet, and every other one
 * at the top of the tree, whichever driver its engine has. Null where there is none of ours. Those of other users'
 * rootless engines are not looked for.
 */
export function parentFolders(
  mount: string,
  info: EngineInfo,
  instance: string,
  uid: number,
): readonly string[] | null {
  const parent = parentFor(info, instance);
  if (parent === null) return null;
  const own = info.cgroupDriver === 'systemd' ? sliceFolder(mount, info, uid) : `${mount}${parent}`;
  const others = namesIn(mount)
    .filter(isPilotsFolder)
    .map((name) => `${mount}/${name}`)
    // What a killed daemon leaves is empty, and would cost reads at each tick.
    .filter((folder) => folder !== own && foldersIn(folder).length > 0);
  return [own, ...others];
}

/** The slice of all pilots. A rootless engine has it below the slice that its user's systemd was delegated. */
function sliceFolder(mount: string, info: EngineInfo, uid: number): string {
  const above = info.rootless ? `user.slice/user-${uid}.slice/user@${uid}.service/` : '';
  return `${mount}/${above}${slice}`;
}

/** The names of the groups in a folder of a cgroup tree; none where there is no such folder. */
export function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? [one.name] : [],
    );
  } catch {
    return [];
  }
}

/** What is in a folder, groups and files: without their types it costs half. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The group at the top of the tree whose weights the kernel compares with the owner's. */
export interface WeighedGroup {
  readonly cpuFolder: string;
  /** Where its CPU time is counted: on version 1 that is another controller's tree, null where it is not mounted. */
  readonly countFolder: string | null;
  /** Its folder in the I/O controller's tree, and the top of that; null and empty where there is none. */
  readonly ioFolder: string | null;
  readonly ioTop: string;
  /** The top of a unified tree, where controllers are switched on; null for version 1. */
  readonly unifiedTop: string | null;
}

/**
 * The group whose class is ours to set: this daemon's parent, or the slice of all daemons where systemd drives (weights
 * compare siblings only). Null where it is out of reach: a rootless engine's tree is not at the top.
 */
export function weighedGroup(mounts: CgroupMounts, info: EngineInfo, instance: string): WeighedGroup | null {
  const parent = parentFor(info, instance);
  if (parent === null || info.rootless) return null;
  const group = info.cgroupDriver === 'systemd' ? `/${slice}` : parent;
  if (info.cgroupVersion === 2) {
    const top = mounts.unified;
    if (top === null) return null;
    const folder = `${top}${group}`;
    return { cpuFolder: folder, countFolder: folder, ioFolder: folder, ioTop: top, unifiedTop: top };
  }
  const { cpu, cpuacct, blkio } = mounts.legacy;
  if (cpu === undefined) return null;
  const ioFolder = blkio === undefined ? null : `${blkio}${group}`;
  const countFolder = cpuacct === undefined ? null : `${cpuacct}${group}`;
  return { cpuFolder: `${cpu}${group}`, countFolder, ioFolder, ioTop: blkio ?? '', unifiedTop: null };
}

/** The folders of a pilot's cgroup in every tree of the node; null where pilots have no parent of ours. */
export function pilotTrees(
  mounts: CgroupMounts,
  info: EngineInfo,
  instance: string,
  id: string,
  uid: number,
): { readonly unified: string | null; readonly legacy: readonly string[] } | null {
  const folder = (mount: string): string | null => pilotFolder(mount, info, instance, id, uid);
  if (folder('') === null) return null;
  return {
    unified: mounts.unified === null ? null : folder(mounts.unified),
    legacy: [...new Set(Object.values(mounts.legacy))].map(folder).filter((path) => path !== null),
  };
}
