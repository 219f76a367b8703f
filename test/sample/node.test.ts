import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../src/model/engine.ts';
import { createNode } from '../../src/sample/node.ts';
import { parentCpuFolder, parentFiles, parentFor } from '../../src/sample/pilotsParent.ts';
import { ageOfProcess, startTicksOf } from '../../src/sample/process.ts';

const info: EngineInfo = {
  product: 'docker',
  version: '20.10',
  apiVersion: '1.41',
  cpuCount: 4,
  memoryBytes: 8e9,
  cgroupDriver: 'cgroupfs',
  cgroupVersion: 1,
  rootless: false,
  local: true,
  selinux: false,
  apparmor: false,
  hasInit: true,
  dataFolder: '/data',
};

const instance = '00000001ffffffff';
const common = {
  '/sys/devices/system/cpu/online': '0-3\n',
  '/proc/stat': 'cpu  100 0 0 300 0 0 0 0\n',
  '/proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 600 kB\n',
  '/data/keep': '',
};
const hybrid = {
  ...common,
  '/proc/self/mountinfo':
    '1 2 0:1 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n1 2 0:1 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n',
  '/proc/pressure/io': 'some avg10=0 avg60=0 avg300=0 total=9000\nfull avg10=0 avg60=0 avg300=0 total=0\n',
  '/sys/fs/cgroup/cpuacct/plancton-00000001/cpuacct.usage': '7000000\n',
  '/sys/fs/cgroup/unified/plancton-00000001/io.pressure': 'some avg10=0 avg60=0 avg300=0 total=4000\n',
};
const unified = {
  ...common,
  '/proc/self/mountinfo': '1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  '/sys/fs/cgroup/plancton.slice/cpu.stat': 'usage_usec 5000\nuser_usec 1\n',
};

const trees: string[] = [];
function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'plancton-tree-'));
  trees.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
afterEach(() => {
  for (const root of trees.splice(0)) rmSync(root, { recursive: true });
});

function sampleOf(files: Readonly<Record<string, string>>, changes: Partial<EngineInfo> | null) {
  const node = createNode(tree(files), 0);
  if (changes !== null) node.useEngine({ ...info, ...changes }, instance);
  return node.sample();
}

describe('a node', () => {
  it('is read in a hybrid tree: CPU time from v1, pressure from v2', () => {
    const sample = sampleOf(hybrid, {});
    expect(sample).toMatchObject({
      cpuCount: 4,
      cpu: { value: { busyMs: 1000, totalMs: 4000 } },
      pilotsCpuMs: { value: 7 },
      memory: { value: { availableBytes: 614400 } },
      ioStall: { value: { someMs: 9 } },
      pilotsIoStall: { value: { someMs: 4 } },
    });
    expect(sample.disk.known).toBe(true);
  });

  it('is read in a unified tree under systemd', () => {
    expect(sampleOf(unified, { cgroupDriver: 'systemd', cgroupVersion: 2 }).pilotsCpuMs).toEqual({
      known: true,
      value: 5,
    });
  });

  it('counts the pilots of every daemon on it, and nobody else', () => {
    const more = {
      ...hybrid,
      '/sys/fs/cgroup/cpuacct/plancton-0000000a/cpuacct.usage': '5000000\n',
      '/sys/fs/cgroup/cpuacct/plancton-elsewhere/cpuacct.usage': '90000000\n',
      '/sys/fs/cgroup/unified/plancton-0000000a/io.pressure': 'some avg10=0 avg60=0 avg300=0 total=1000\n',
    };
    expect(sampleOf(more, {})).toMatchObject({
      pilotsCpuMs: { value: 12 },
      pilotsIoStall: { value: { someMs: 5 } },
    });
  });

  it('has pilots of no CPU time while their parent is not there, and blind ones while it cannot be read', () => {
    const { '/sys/fs/cgroup/cpuacct/plancton-00000001/cpuacct.usage': _gone, ...without } = hybrid;
    expect(sampleOf(without, {}).pilotsCpuMs).toEqual({ known: true, value: 0 });
    const garbled = { ...hybrid, '/sys/fs/cgroup/cpuacct/plancton-00000001/cpuacct.usage': 'x' };
    expect(sampleOf(garbled, {}).pilotsCpuMs.known).toBe(false);
  });

  it('tells each sense that it lacks, alone', () => {
    const { '/proc/meminfo': _memory, '/proc/pressure/io': _io, ...less } = hybrid;
    const sample = sampleOf(less, {});
    expect(sample.memory).toMatchObject({ known: false });
    expect(sample.ioStall).toMatchObject({ known: false });
    expect(sample.cpu.known).toBe(true);
  });

  it('does not mistake this node for that of an engine elsewhere', () => {
    const sample = sampleOf(hybrid, { local: false });
    expect(sample.pilotsCpuMs.known).toBe(false);
    expect(sample.disk.known).toBe(false);
  });

  it('can be read before any engine answered', () => {
    expect(sampleOf(hybrid, null).cpu.known).toBe(true);
  });
});

describe("the pilots' parent", () => {
  const mounts = { unified: '/sys/fs/cgroup', legacy: {} };

  it('is a path for cgroupfs, a slice for systemd, and nothing elsewhere', () => {
    expect(parentFor(info, instance)).toBe('/plancton-00000001');
    expect(parentFor({ ...info, cgroupDriver: 'systemd' }, instance)).toBe('plancton-00000001.slice');
    expect(parentFor({ ...info, cgroupDriver: 'none' }, instance)).toBeNull();
    expect(parentFor({ ...info, local: false }, instance)).toBeNull();
  });

  it('of a rootless engine is below its user', () => {
    const rootless = { ...info, rootless: true, cgroupDriver: 'systemd', cgroupVersion: 2 } as const;
    const path = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/plancton.slice/cpu.stat';
    expect(parentFiles(mounts, rootless, instance, 1000).cpu?.paths).toEqual([path]);
  });

  it('is made by us only at the top of a tree that systemd does not keep', () => {
    expect(parentCpuFolder({ unified: null, legacy: { cpu: '/cg/cpu' } }, info, instance)).toBe(
      '/cg/cpu/plancton-00000001',
    );
    expect(parentCpuFolder(mounts, { ...info, cgroupVersion: 2 }, instance)).toBe(
      '/sys/fs/cgroup/plancton-00000001',
    );
    expect(
      parentCpuFolder(mounts, { ...info, cgroupDriver: 'systemd', cgroupVersion: 2 }, instance),
    ).toBeNull();
    expect(parentCpuFolder(mounts, { ...info, rootless: true, cgroupVersion: 2 }, instance)).toBeNull();
  });
});

describe('a process', () => {
  it('has an age by the kernel alone', () => {
    const age = ageOfProcess(process.pid);
    expect(age.known && age.value > 0 && age.value < 86_400_000).toBe(true);
    expect(startTicksOf(2 ** 30).known).toBe(false);
  });
});
