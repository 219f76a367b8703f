import { describe, expect, it } from 'vitest';
import { ParentKeeper } from '../../src/daemon/parentKeeper.ts';
import { decide } from '../../src/decide/decide.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Memory, Seen } from '../../src/decide/types.ts';
import { createNode } from '../../src/sample/node.ts';
import { kind } from '../act/kind.ts';
import { engineWith, policy, running, sampleAt, slotsOf } from '../decide/world.ts';
import { addTo, idOf, info, instance, treeOf, unified } from '../sample/tree.ts';
import { keepLog } from '../support/quietLog.ts';

const cpuCount = 4;
const pilots = [1, 2, 3, 4].map((number) => running(`pilot-${number}`, 0, { id: idOf(number) }));
const names = pilots.map(({ name }) => name);

/** A node whose CPUs are all in use for five minutes: the names of those that are asked to do something meanwhile. */
function actedOn(files: Readonly<Record<string, string>>, tree = '/sys/fs/cgroup'): readonly string[] {
  const root = treeOf({ ...files, '/proc/meminfo': 'MemTotal: 64000000 kB\nMemAvailable: 60000000 kB\n' });
  const engineInfo = { ...info, cgroupVersion: 2 } as const;
  const node = createNode(root, 0);
  node.useEngine(engineInfo, instance);
  let atMs = 1_000_000;
  const keeper = new ParentKeeper({
    around: {
      instance,
      mounts: () => ({ unified: `${root}${tree}`, legacy: {} }),
      disks: '',
      systemctl: '',
    },
    uid: 0,
    containment: null,
    log: keepLog(),
    nowMs: () => atMs,
    settings: () => ({ cpuClass: 'idle', kinds: [kind], dryRun: false }),
    isStray: (id) => node.isStray(id),
  });
  keeper.useEngine(engineInfo);
  const engine = engineWith(pilots, { info: engineInfo });
  let memory: Memory = slotsOf(...names);
  let seen: Seen | null = null;
  const asked: string[] = [];
  for (let second = 0; second < 300; second++, atMs += 1000) {
    addTo(root, { '/proc/stat': `cpu  ${cpuCount * second * 100} 0 0 1000 0 0 0 0\n` });
    const ids = pilots.map(({ id }) => id);
    const host = node.sample({ nowMs: atMs, wallMs: atMs, pilotIds: ids });
    seen = observe(seen, sampleAt(atMs, { host: { ...host, cpuCount }, engine }));
    const decision = decide({ ...policy, means: keeper.means }, seen, memory, atMs - 1000);
    memory = decision.memory;
    asked.push(
      ...decision.actions.flatMap((action) => ('name' in action ? [`${action.do} ${action.name}`] : [])),
    );
    keeper.check(pilots);
    node.hidePilots(keeper.blindness);
  }
  return asked;
}

describe('pilots that fill the node', () => {
  const counted = { '/sys/fs/cgroup/plancton-00000001/cpu.stat': 'usage_usec 0\n' };

  it.each([
    ['in a tree of their own, and the parent here stays empty', { ...unified, ...counted }, undefined],
    ['in a tree of their own, and none can be made here', unified, '/data/keep'],
  ])('are not taken for its owner: %s', (_where, files, tree) => {
    expect(actedOn(files, tree)).toEqual([]);
  });

  it('are evicted for what is not theirs where they can be seen', () => {
    const groups = Object.fromEntries(
      pilots.map(({ id }) => [`/sys/fs/cgroup/plancton-00000001/${id}/cgroup.procs`, '']),
    );
    expect(actedOn({ ...unified, ...groups, ...counted })).toContain('stop pilot-1');
  });
});
