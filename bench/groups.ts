import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tree of control groups that a controller works in (cgroups(7)). */
export interface Tree {
  readonly version: 1 | 2;
  /** Where it is mounted. */
  readonly folder: string;
  readonly controller: string;
}

/** Finds a controller's tree in the text of `/proc/mounts`: its own of v1 where there is one, else that of v2. Throws when there is neither. */
export function treeIn(mounts: string, controller: string): Tree {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const own = lines.find(
    ([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller) === true,
  );
  if (own?.[1] !== undefined) return { version: 1, folder: own[1], controller };
  const unified = lines.find(([, , type]) => type === 'cgroup2');
  if (unified?.[1] !== undefined) return { version: 2, folder: unified[1], controller };
  throw new Error(`no control groups are mounted for ${controller}`);
}

/** The path of a process in a tree, by its `/proc/PID/cgroup` (`id:controllers:path`; v2: `0::path`). */
export function pathIn(cgroups: string, { version, controller }: Tree): string {
  for (const line of cgroups.split('\n')) {
    const [id, controllers = '', ...path] = line.split(':');
    const isIt = version === 2 ? id === '0' : controllers.split(',').includes(controller);
    if (isIt && path.length > 0) return path.join(':');
  }
  throw new Error(`no group of the ${controller} tree in: ${cgroups.trim().replaceAll('\n', ' ')}`);
}

/** The tree of a controller on this machine. */
export function findTree(controller: string): Tree {
  return treeIn(readFileSync('/proc/mounts', 'utf8'), controller);
}

/** The folder of a process's group. */
export function groupOf(pid: number, tree: Tree): string {
  return join(tree.folder, pathIn(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), tree));
}

/** CPU time of a group and all below it since it was made, milliseconds, as the kernel counts it. */
export function groupCpuMs(folder: string, { version }: Tree): number {
  if (version === 1) return Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e6;
  const usage = /^usage_usec (\d+)$/m.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1];
  if (usage === undefined) throw new Error(`no usage_usec in ${folder}/cpu.stat`);
  return Number(usage) / 1000;
}

/** Makes a group of the bench's own at the top of a tree. Gives its folder; remove it with `removeGroup`. */
export function makeGroup(tree: Tree, purpose: string): string {
  if (tree.version === 2) {
    writeFileSync(join(tree.folder, 'cgroup.subtree_control'), `+${tree.controller}`);
  }
  // Not named as the daemon names its pilots' parents: whoever is in here is the owner's.
  const folder = join(tree.folder, `bench-${purpose}-${process.pid}`);
  mkdirSync(folder);
  return folder;
}

/** Removes a group that is empty, or false while something of it is left; one that is gone is no fault. */
export function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return false;
    if (code === 'ENOENT') return true;
    throw error;
  }
}

/** Sets a value of a group and reads it back: a kernel may take what it does not do. */
export function setValue(folder: string, file: string, value: string): void {
  const path = join(folder, file);
  writeFileSync(path, value);
  const held = readFileSync(path, 'utf8').trim();
  if (held !== value) throw new Error(`${path} was set to ${value} and holds ${held}`);
}

/** Removes what a daemon's pilots leave in each tree: their empty parent, by the path that the engine knows it by. One that an engine has not let go of is no harm. */
export function removeParents(parent: string): void {
  if (!/^\/plancton-[0-9a-f]{8}$/.test(parent)) return;
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  for (const [, folder, type] of mounts.map((line) => line.split(' '))) {
    if (folder === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    removeGroup(folder + parent);
  }
}
