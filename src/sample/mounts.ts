import { readKernelFile } from './kernelFile.ts';

/** Where the kernel's control groups are mounted on a node, as far as Plancton reads them. */
export interface CgroupMounts {
  /** Folder of the unified (v2) tree; null where there is none. */
  readonly unified: string | null;
  /** Folder of each v1 hierarchy that is mounted, by its controller (`cpuacct`, …) or name (`name=systemd`). */
  readonly legacy: Readonly<Record<string, string>>;
}

/** Parses `/proc/self/mountinfo` (proc(5)) for cgroup mounts. The first mount of each wins. */
export function parseCgroupMounts(mountinfo: string): CgroupMounts {
  let unified: string | null = null;
  const legacy: Record<string, string> = {};
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    if (left === undefined || right === undefined) continue;
    const folder = left.split(' ')[4];
    const [type, , superOptions] = right.split(' ');
    if (folder === undefined) continue;
    if (type === 'cgroup2') unified ??= folder;
    if (type !== 'cgroup') continue;
    for (const option of (superOptions ?? '').split(',')) {
      if (/^(name=)?[\w-]+$/.test(option) && option !== 'rw' && option !== 'ro') legacy[option] ??= folder;
    }
  }
  return { unified, legacy };
}

/** The cgroup mounts of this node; none where that cannot be read. */
export function readCgroupMounts(root: string): CgroupMounts {
  const mountinfo = readKernelFile(`${root.replace(/\/$/, '')}/proc/self/mountinfo`);
  return mountinfo.known ? parseCgroupMounts(mountinfo.value) : { unified: null, legacy: {} };
}
