import { existsSync } from 'node:fs';
import type { EngineInfo } from '../model/engine.ts';
import { readKernelFile } from './kernelFile.ts';
import { parentFolders } from './pilotsParent.ts';
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

/**
 * The groups of pilots that are not below a parent of ours: what the original left runs where its engine put it. `pids`
 * are the containers' first processes; one that has gone, or that we may not look at, is left out.
 */
export function strayGroups(root: string, trees: Trees, pids: readonly number[]): GroupFolders {
  const texts = pids.flatMap((pid) => {
    const text = readKernelFile(`${root.replace(/\/$/, '')}/proc/${pid}/cgroup`);
    return text.known ? [text.value] : [];
  });
  const foldersIn = (mount: string | null, controller: string | null): readonly string[] =>
    texts.flatMap((text) => {
      const path = cgroupPath(text, controller);
      return mount === null || path === null || path === '/' || ownParent.test(path) ? [] : [mount + path];
    });
  return {
    cpu: foldersIn(trees.cpu, trees.version === 2 ? null : 'cpuacct'),
    memory: foldersIn(trees.memory, trees.version === 2 ? null : 'memory'),
    pressure: foldersIn(trees.pressure, null),
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

/** Groups of the owner's that systemd keeps, or that engines make at the top when nobody says otherwise. */
const ownersNames = ['system.slice', 'user.slice', 'machine.slice', 'docker', 'libpod_parent'];

/**
 * Groups in which there is nobody but the owner. None on a node without systemd: there he works outside of any group,
 * and groups would tell of a part of him only. One that holds pilots is left out: `user.slice` with a rootless engine,
 * or where what the original left runs. A few files a second; so only groups that are there.
 */
export function ownersGroups(trees: Trees, info: EngineInfo, strays: GroupFolders): readonly string[] {
  const { pressure: mount } = trees;
  if (mount === null || info.cgroupDriver === 'none' || !existsSync(`${mount}/system.slice`)) return [];
  return ownersNames
    .filter((name) => !(info.rootless && name === 'user.slice'))
    .map((name) => `${mount}/${name}`)
    .filter((folder) => !(strays.pressure ?? []).some((stray) => stray.startsWith(`${folder}/`)))
    .filter((folder) => existsSync(folder));
}
