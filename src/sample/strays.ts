import type { EngineInfo } from '../model/engine.ts';
import { readKernelFile } from './kernelFile.ts';
import type { CgroupMounts } from './mounts.ts';

const ownParent = /\/plancton(-[0-9a-f]{8})?(\.slice)?\//;

/**
 * The CPU time files of pilots that are not below a parent of ours: what the original left runs where its engine put
 * it. `pids` are the containers' first processes; one that has gone, or that we may not look at, is left out.
 */
export function strayFiles(
  root: string,
  mounts: CgroupMounts,
  info: EngineInfo,
  pids: readonly number[],
): string[] {
  if (!info.local) return [];
  const isUnified = info.cgroupVersion === 2;
  const mount = isUnified ? mounts.unified : (mounts.legacy['cpuacct'] ?? null);
  if (mount === null) return [];
  return pids.flatMap((pid) => {
    const text = readKernelFile(`${root.replace(/\/$/, '')}/proc/${pid}/cgroup`);
    const path = text.known ? cgroupPath(text.value, isUnified ? null : 'cpuacct') : null;
    if (path === null || path === '/' || ownParent.test(path)) return [];
    return [`${mount}${path}/${isUnified ? 'cpu.stat' : 'cpuacct.usage'}`];
  });
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
