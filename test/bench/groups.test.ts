import { describe, expect, it } from 'vitest';
import { pathIn, treeIn } from '../../bench/groups.ts';

const unified = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n';
const hybrid = `tmpfs /mnt/cpu tmpfs rw,cpu 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;

describe('the tree of a controller', () => {
  it('is the only one on a node that has only that of version 2', () => {
    expect(treeIn(unified, 'cpu')).toEqual({ version: 2, folder: '/sys/fs/cgroup', controller: 'cpu' });
  });

  it('is its own where version 1 has it', () => {
    expect(treeIn(hybrid, 'cpu')).toMatchObject({ version: 1, folder: '/sys/fs/cgroup/cpu,cpuacct' });
    expect(treeIn(hybrid, 'cpuacct')).toMatchObject({ version: 1, folder: '/sys/fs/cgroup/cpu,cpuacct' });
    expect(treeIn(hybrid, 'memory')).toMatchObject({ version: 2, folder: '/sys/fs/cgroup/unified' });
  });

  it('is not made up', () => {
    expect(() => treeIn('proc /proc proc rw 0 0\n', 'cpu')).toThrow('cpu');
  });
});

describe('the path of a process', () => {
  const cgroups = '9:name=systemd:/\n4:memory:/m\n2:cpu,cpuacct:/docker/a:b\n1:cpuset:/set\n0::/user.slice\n';
  const tree = (version: 1 | 2, controller: string) => ({ version, folder: '/x', controller });

  it('is the one of the tree that was asked for', () => {
    expect(pathIn(cgroups, tree(1, 'cpuacct'))).toBe('/docker/a:b');
    expect(pathIn(cgroups, tree(1, 'memory'))).toBe('/m');
    expect(pathIn(cgroups, tree(2, 'cpu'))).toBe('/user.slice');
  });

  it('is not that of another controller', () => {
    expect(() => pathIn('1:cpuset:/set\n', tree(1, 'cpu'))).toThrow('cpu');
  });
});
