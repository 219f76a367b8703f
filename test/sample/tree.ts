import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineInfo } from '../../src/model/engine.ts';
import { engineInfo } from '../support/engineInfo.ts';

/** Files by their paths on the node; `-> target` makes a link, a path that ends with a slash a folder. */
export type Files = Readonly<Record<string, string>>;

/** Makes a recorded node of these files, which goes after the test; gives its root. */
export function treeOf(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'plancton-tree-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  addTo(root, files);
  return root;
}

/** Adds files to a recorded node, or changes them. */
export function addTo(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (path.endsWith('/')) mkdirSync(join(root, path));
    else if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path));
    else writeFileSync(join(root, path), text);
  }
}

/** Says when a file was last read from. */
export function usedAt(root: string, path: string, atMs: number): void {
  utimesSync(join(root, path), atMs / 1000, atMs / 1000);
}

export const instance = '00000001ffffffff';

/** Docker with the cgroupfs driver on v1. */
export const info: EngineInfo = { ...engineInfo, dataFolder: '/data' };
/** Docker under systemd with cgroup v2, as most nodes have it. */
export const systemd: EngineInfo = { ...info, cgroupDriver: 'systemd', cgroupVersion: 2 };

/** A pressure file with these totals in microseconds. */
export function pressure(some: number, full = 0): string {
  const line = (name: string, total: number): string =>
    `${name} avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;
  return line('some', some) + line('full', full);
}

/** The three pressure files of a group; CPU, memory and I/O have once, twice and three times these microseconds. */
export function pressureFiles(folder: string, some: number): Files {
  return {
    [`${folder}/cpu.pressure`]: pressure(some),
    [`${folder}/memory.pressure`]: pressure(2 * some),
    [`${folder}/io.pressure`]: pressure(3 * some, some),
  };
}

/** A memory.stat of version 1: 1000 of these bytes are in memory file systems, and twice as many more are file cache. */
export function legacyMemory(bytes: number): string {
  const own = `cache 7\nrss 8\nshmem 9\nmapped_file 1\ninactive_file 1\nhierarchical_memory_limit 9\n`;
  return `${own}total_cache ${2 * bytes + 1000}\ntotal_rss ${bytes - 1000}\ntotal_shmem 1000\ntotal_mapped_file 5\ntotal_inactive_file ${bytes}\ntotal_active_file ${bytes}\n`;
}

/** The same of version 2, with 600 bytes of the kernel's, of which half are stacks and page tables. */
export function unifiedMemory(bytes: number): string {
  const cache = `inactive_anon 7\ninactive_file ${bytes}\nactive_file ${bytes}\n`;
  return `anon ${bytes - 1600}\nfile ${2 * bytes + 1000}\nkernel 5000\nkernel_stack 100\npagetables 200\nshmem 1000\nfile_mapped 5\n${cache}slab_reclaimable 4400\nslab_unreclaimable 300\nslab 4700\n`;
}

/** What every node has. */
export const common: Files = {
  '/sys/devices/system/cpu/online': '0-3\n',
  '/proc/stat': 'cpu  100 0 0 300 0 0 0 0\n',
  '/proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 600 kB\n',
  '/proc/loadavg': '0.53 0.30 0.59 3/91 6258\n',
  '/data/keep': '',
};
const nodePressure: Files = {
  '/proc/pressure/cpu': pressure(5000),
  '/proc/pressure/memory': pressure(7000),
  '/proc/pressure/io': pressure(9000, 1000),
};

/** v1 controllers, each in a tree of its own, and a v2 tree beside them with pressure files. */
export const hybrid: Files = {
  ...common,
  ...nodePressure,
  '/proc/self/mountinfo':
    '1 2 0:1 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n' +
    '1 2 0:1 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n' +
    '1 2 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
  '/sys/fs/cgroup/cpuacct/plancton-00000001/cpuacct.usage': '7000000\n',
  '/sys/fs/cgroup/memory/plancton-00000001/memory.stat': legacyMemory(5000),
  ...pressureFiles('/sys/fs/cgroup/unified/plancton-00000001', 1000),
};

/** v1 alone, with the controllers together where distributions have them. */
export const legacy: Files = {
  ...common,
  '/proc/self/mountinfo':
    '1 2 0:1 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
    '1 2 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
  '/sys/fs/cgroup/cpu,cpuacct/plancton-00000001/cpuacct.usage': '7000000\n',
  '/sys/fs/cgroup/memory/plancton-00000001/memory.stat': legacyMemory(5000),
};

/** v2 alone under systemd. */
export const unified: Files = {
  ...common,
  ...nodePressure,
  '/proc/self/mountinfo': '1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  '/sys/fs/cgroup/plancton.slice/cpu.stat': 'usage_usec 5000\nuser_usec 1\n',
  '/sys/fs/cgroup/plancton.slice/memory.stat': unifiedMemory(7000),
  ...pressureFiles('/sys/fs/cgroup/plancton.slice', 1000),
  ...pressureFiles('/sys/fs/cgroup/system.slice', 100),
  ...pressureFiles('/sys/fs/cgroup/user.slice', 200),
};

/** A pilot's container id. */
export function idOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}
