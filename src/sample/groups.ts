import { existsSync } from 'node:fs';
import type { EngineInfo } from '../model/engine.ts';
import { readKernelFile } from './kernelFile.ts';
import { foldersIn, isPilotsFolder, parentFolders } from './pilotsParent.ts';
import type { Trees } from './trees.ts';

/** The folders of some groups, tree by tree; null where there is no such tree. */
export interface GroupFolders {
  readonly cpu: readonly string[] | null;
  readonly memory: readonly string[] | null;
  readonly pressure: readonly string[] | null;
}

/** Pilots that cannot be told apart from the owner. */
export const noGroups: GroupFolders = { cpu: null, memory: null, pressure: null };

/** The groups that hold all pilots of this node: the parent of each daemon's. They may not be there yet. */
export function pilotGroups(trees: Trees, info: EngineInfo, instance: string, uid: number): GroupFolders {
  const foldersIn = (mount: string | null): readonly string[] | null =>
    mount === null ? null : parentFolders(mount, info, instance, uid);
  return { cpu: foldersIn(trees.cpu), memory: foldersIn(trees.memory), pressure: foldersIn(trees.pressure) };
}

const ownParent = /\/plancton(-[0-9a-f]{8})?(\.slice)?\//;

/** The first process of a container, as its engine tells it: of another machine's or name space's, it is none of ours. */
export interface FirstProcess {
  readonly id: string;
  readonly pid: number;
}

/**
 * The groups of pilots that are not below a parent of ours: what the original left runs where its engine put it. A
 * process that has gone, that we may not look at, or whose group does not name its container, is left out.
 */
export function strayGroups(root: string, trees: Trees, processes: readonly FirstProcess[]): GroupFolders {
  const texts = processes.flatMap(({ id, pid }) => {
    const text = readKernelFile(`${root.replace(/\/$/, '')}/proc/${pid}/cgroup`);
    return text.known ? [{ id, text: text.value }] : [];
  });
  const groupsIn = (mount: string | null, controller: string | null): readonly string[] =>
    texts.flatMap(({ id, text }) => {
      const path = cgroupPath(text, controller);
      return mount === null || path === null || !path.includes(id) || ownParent.test(path)
        ? []
        : [mount + path];
    });
  return {
    cpu: groupsIn(trees.cpu, trees.version === 2 ? null : 'cpuacct'),
    memory: groupsIn(trees.memory, trees.version === 2 ? null : 'memory'),
    pressure: groupsIn(trees.pressure, null),
  };
}

/** Whether a process is a pilot's, by its `/proc/<pid>/cgroup`: below a parent of ours in any tree. */
export function isPilots(cgroups: string): boolean {
  return ownParent.test(cgroups);
}

/** The path of a process in one tree, from `/proc/<pid>/cgroup` (cgroups(7)): `id:controllers:path`, v2 as `0::path`. */
export function cgroupPath(text: string, controller: string | null): string | null {
  for (const line of text.split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    const isIt =
      controller === null
        ? controllers === '' && line.startsWith('0::')
        : controllers.split(',').includes(controller);
    if (isIt) return path.join(':');
  }
  return null;
}

/** As many groups of the owner's are looked at; each is three files a second. */
const mostOwnersGroups = 16;

/**
 * Groups at the top of the tree in which there is nobody but the owner: all but those of pilots, systemd's own, and
 * empty ones. None on a node without systemd: there he works outside of any group, and groups would tell of a part of
 * him only. One that holds pilots is left out: `user.slice` with a rootless engine, or where what the original left
 * runs. Where there are more than can be looked at each second, slices go first: they hold most.
 */
export function ownersGroups(trees: Trees, info: EngineInfo, strays: GroupFolders): readonly string[] {
  const { pressure: mount } = trees;
  if (mount === null || info.cgroupDriver === 'none' || !existsSync(`${mount}/system.slice`)) return [];
  const isSlice = (name: string): boolean => name.endsWith('.slice');
  return foldersIn(mount)
    .filter((name) => !isPilotsFolder(name) && name !== 'init.scope')
    .filter((name) => !(info.rootless && name === 'user.slice'))
    .toSorted((a, b) => Number(isSlice(b)) - Number(isSlice(a)) || (a < b ? -1 : 1))
    .map((name) => `${mount}/${name}`)
    .filter((folder) => !(strays.pressure ?? []).some((stray) => stray.startsWith(`${folder}/`)))
    .filter(isPopulated)
    .slice(0, mostOwnersGroups);
}

/** Whether somebody is in a group or below it (`cgroup.events`, cgroup-v2.rst). systemd has empty ones for its mounts. */
function isPopulated(folder: string): boolean {
  const events = readKernelFile(`${folder}/cgroup.events`);
  return !events.known || !events.value.includes('populated 0');
}
