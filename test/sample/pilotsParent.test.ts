import { describe, expect, it } from 'vitest';
import { parentFolders, pilotFolder, pilotTrees, weighedGroup } from '../../src/sample/pilotsParent.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { treeOf } from './tree.ts';

const instance = '0011aabbccddeeff';
const id = 'ab'.repeat(32);
const own = '/plancton-0011aabb';
const v1 = { unified: null, legacy: { cpu: '/cg/cpu', cpuacct: '/cg/cpu', blkio: '/cg/blkio' } };
const v2 = { unified: '/cg', legacy: {} };
const systemd = { ...engineInfo, cgroupDriver: 'systemd', cgroupVersion: 2 } as const;

describe("a pilot's cgroup", () => {
  it.each([
    ['Docker', engineInfo, `/cg${own}/${id}`],
    ['Podman', { ...engineInfo, product: 'podman' }, `/cg${own}/libpod-${id}`],
    ['Docker with systemd', systemd, `/cg/plancton.slice/plancton-0011aabb.slice/docker-${id}.scope`],
    [
      'Podman with systemd, rootless',
      { ...systemd, product: 'podman', rootless: true },
      `/cg/user.slice/user-7.slice/user@7.service/plancton.slice/plancton-0011aabb.slice/libpod-${id}.scope`,
    ],
  ] as const)('with %s', (_name, info, folder) => {
    expect(pilotFolder('/cg', info, instance, id, 7)).toBe(folder);
  });

  it('is nowhere without a parent of ours, and for what is no id', () => {
    expect(pilotFolder('/cg', { ...engineInfo, local: false }, instance, id, 0)).toBeNull();
    expect(pilotTrees(v1, { ...engineInfo, cgroupDriver: 'none' }, instance, id, 0)).toBeNull();
    for (const strange of ['', '..', 'abc', `${id}/..`]) {
      expect(pilotFolder('/cg', engineInfo, instance, strange, 0)).toBeNull();
    }
  });

  it('is in every tree, once in those that share one', () => {
    expect(pilotTrees(v1, engineInfo, instance, id, 0)).toEqual({
      unified: null,
      legacy: [`/cg/cpu${own}/${id}`, `/cg/blkio${own}/${id}`],
    });
    expect(pilotTrees(v2, engineInfo, instance, id, 0)).toEqual({ unified: `/cg${own}/${id}`, legacy: [] });
  });
});

describe('the parents of all daemons', () => {
  it('are found whichever driver another daemon’s engine has, and only where pilots are in them', () => {
    const root = treeOf({
      '/plancton-00000002/pilot/': '',
      '/plancton-00000003/cgroup.procs': '',
      '/plancton.slice/plancton-00000004.slice/': '',
      '/system.slice/x/': '',
    });
    const own = `${root}/plancton-0011aabb`;
    const [other, slice] = [`${root}/plancton-00000002`, `${root}/plancton.slice`];
    expect(parentFolders(root, engineInfo, instance, 0)).toEqual([own, other, slice]);
    expect(parentFolders(root, systemd, instance, 0)).toEqual([slice, other]);
    const users = `${root}/user.slice/user-7.slice/user@7.service/plancton.slice`;
    expect(parentFolders(root, { ...systemd, rootless: true }, instance, 7)).toEqual([users, other, slice]);
    expect(parentFolders(root, { ...systemd, local: false }, instance, 0)).toBeNull();
  });
});

describe('the group whose weight counts', () => {
  it('is our parent at the top of the tree', () => {
    expect(weighedGroup(v1, engineInfo, instance)).toEqual({
      cpuFolder: `/cg/cpu${own}`,
      countFolder: `/cg/cpu${own}`,
      ioFolder: `/cg/blkio${own}`,
      ioTop: '/cg/blkio',
      unifiedTop: null,
    });
    expect(weighedGroup(v2, { ...engineInfo, cgroupVersion: 2 }, instance)).toEqual({
      cpuFolder: `/cg${own}`,
      countFolder: `/cg${own}`,
      ioFolder: `/cg${own}`,
      ioTop: '/cg',
      unifiedTop: '/cg',
    });
  });

  it('is the slice above those of all daemons where systemd drives', () => {
    expect(weighedGroup(v2, systemd, instance)?.cpuFolder).toBe('/cg/plancton.slice');
  });

  it('is out of reach for a rootless engine, one elsewhere, and without the controller', () => {
    expect(weighedGroup(v2, { ...systemd, rootless: true }, instance)).toBeNull();
    expect(weighedGroup(v2, { ...systemd, local: false }, instance)).toBeNull();
    expect(weighedGroup({ unified: null, legacy: {} }, engineInfo, instance)).toBeNull();
    expect(weighedGroup({ unified: null, legacy: { cpu: '/cg/cpu' } }, engineInfo, instance)).toMatchObject({
      ioFolder: null,
      countFolder: null,
    });
  });
});
