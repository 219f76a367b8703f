import { describe, expect, it } from 'vitest';
import {
  cgroupPath,
  type GroupFolders,
  isPilots,
  noGroups,
  ownersGroups,
  strayGroups,
} from '../../src/sample/groups.ts';
import { treesBelow } from '../../src/sample/trees.ts';
import type { EngineInfo } from '../../src/model/engine.ts';
import { addTo, hybrid, info, pressureFiles, systemd, treeOf, unified } from './tree.ts';

describe('a pilot that the original left', () => {
  const strays = (root: string, engine: EngineInfo, ...pids: readonly number[]): GroupFolders =>
    strayGroups(
      root,
      treesBelow(root, engine),
      pids.map((pid) => ({ id: 'abc', pid })),
    );

  it('is found in each tree where its engine put it', () => {
    const root = treeOf({
      ...hybrid,
      '/proc/7/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/docker/abc\n',
    });
    const at = (tree: string): string[] => [`${root}/sys/fs/cgroup/${tree}/docker/abc`];
    expect(strays(root, info, 7)).toEqual({
      cpu: at('cpuacct'),
      memory: at('memory'),
      pressure: at('unified'),
    });
    const v2 = treeOf({ ...unified, '/proc/7/cgroup': '0::/docker/abc\n' });
    const folder = [`${v2}/sys/fs/cgroup/docker/abc`];
    expect(strays(v2, systemd, 7)).toEqual({
      cpu: folder,
      memory: folder,
      pressure: folder,
    });
  });

  it('is not counted twice when a parent of ours holds it', () => {
    const root = treeOf({
      ...hybrid,
      '/proc/7/cgroup': '3:cpuacct:/plancton-0123abcd/abc\n',
      '/proc/8/cgroup':
        '0::/plancton.slice/plancton-0123abcd.slice/docker-abc.scope\n3:cpuacct:/plancton.slice/abc\n',
    });
    expect(strays(root, info, 7, 8)).toEqual({ cpu: [], memory: [], pressure: [] });
  });

  it('is left out when it has gone, and never stands for the whole node', () => {
    const root = treeOf({ ...hybrid, '/proc/7/cgroup': '3:cpuacct:/\n4:memory:/\n0::/\n' });
    const nothing = { cpu: [], memory: [], pressure: [] };
    expect(strays(root, info, 7, 99)).toEqual(nothing);
    expect(strays(root, { ...info, local: false }, 7)).toEqual(nothing);
  });

  it('is not a process that only has its number here: the engine may count in a machine of its own', () => {
    const root = treeOf({ ...unified, '/proc/7/cgroup': '0::/user.slice/user-1000.slice/session-2.scope\n' });
    expect(strays(root, systemd, 7)).toEqual({ cpu: [], memory: [], pressure: [] });
  });

  it('has a path that may hold colons', () => {
    expect(cgroupPath('3:cpuacct:/a:b\n', 'cpuacct')).toBe('/a:b');
    expect(cgroupPath('3:cpu:/x\n', 'cpuacct')).toBeNull();
  });
});

describe('a process', () => {
  it.each([
    ['3:cpuacct:/plancton-0123abcd/abc\n0::/\n', true],
    ['0::/plancton.slice/plancton-0123abcd.slice/docker-abc.scope\n', true],
    ['0::/user.slice/user-1.slice/user@1.service/plancton.slice/plancton-0123abcd.slice/x\n', true],
    ['0::/system.slice/plancton.service\n', false],
    ['0::/docker/abc\n', false],
  ])('of %j: a pilot is %s', (text, is) => {
    expect(isPilots(text)).toBe(is);
  });
});

describe("the owner's groups", () => {
  const names = (root: string, engine = systemd, strays = noGroups): string[] =>
    ownersGroups(treesBelow(root, engine), engine, strays).map((folder) =>
      folder.slice(`${root}/sys/fs/cgroup/`.length),
    );

  it('are all at the top of the tree but those of pilots and systemd’s own', () => {
    const root = treeOf(unified);
    expect(names(root)).toEqual(['system.slice', 'user.slice']);
    for (const name of ['docker', 'lxc.payload.web', 'kubepods.slice', 'init.scope', 'plancton-0123abcd'])
      addTo(root, pressureFiles(`/sys/fs/cgroup/${name}`, 1));
    const all = ['kubepods.slice', 'system.slice', 'user.slice', 'docker', 'lxc.payload.web'];
    expect(names(root)).toEqual(all);
    addTo(root, {
      '/sys/fs/cgroup/dev-hugepages.mount/cgroup.events': 'populated 0\nfrozen 0\n',
      '/sys/fs/cgroup/docker/cgroup.events': 'populated 1\nfrozen 0\n',
    });
    expect(names(root)).toEqual(all);
  });

  it('are so many at most, slices first', () => {
    const root = treeOf(unified);
    for (let number = 0; number < 30; number++)
      addTo(root, pressureFiles(`/sys/fs/cgroup/lxc.payload.${number}`, 1));
    expect(names(root)).toHaveLength(16);
    expect(names(root).slice(0, 3)).toEqual(['system.slice', 'user.slice', 'lxc.payload.0']);
  });

  it('are none where he works outside of any', () => {
    const root = treeOf({ ...hybrid, ...pressureFiles('/sys/fs/cgroup/unified/docker', 1) });
    expect(names(root, info)).toEqual([]);
  });

  it('are not those that pilots are in', () => {
    const root = treeOf(unified);
    expect(names(root, { ...systemd, rootless: true })).toEqual(['system.slice']);
    const stray = `${root}/sys/fs/cgroup/system.slice/docker-abc.scope`;
    expect(names(root, systemd, { ...noGroups, pressure: [stray] })).toEqual(['user.slice']);
    expect(names(root, { ...systemd, cgroupDriver: 'none' })).toEqual([]);
    expect(names(root, { ...systemd, local: false })).toEqual([]);
  });
});
