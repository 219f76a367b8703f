import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endThroughCgroup, killThroughCgroup } from '../../src/act/pilotCgroup.ts';
import { reclaimThroughCgroup } from '../../src/act/pilotReclaim.ts';

const id = 'ab'.repeat(32);
const { signal } = new AbortController();
/** A parent that tells what is asked of it. */
const liftings: string[] = [];
const parent = {
  async lifted<T>(work: () => Promise<T>) {
    liftings.push('for its notice');
    return work();
  },
  async liftedForOwner<T>(work: () => Promise<T>) {
    liftings.push('for the owner');
    return work();
  },
};
let root: string;
let own: string;
const held = (name: string) => readFileSync(join(own, name), 'utf8');
const tree = (files: Record<string, string>) => {
  mkdirSync(own, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text);
};
const trees = (unified: string | null = own, legacy: readonly string[] = []) => ({ unified, legacy });
beforeEach(() => {
  liftings.length = 0;
  root = mkdtempSync(join(tmpdir(), 'plancton-cgroup-'));
  own = join(root, 'plancton-0011aabb', id);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a kill through the cgroup', () => {
  it('is asked of the kernel at once, and thaws what a freezer would hold back', async () => {
    tree({ 'cgroup.kill': '', 'cgroup.procs': '', 'freezer.state': 'FROZEN' });
    await killThroughCgroup(trees(), id, parent, signal);
    expect([held('cgroup.kill'), held('freezer.state')]).toEqual(['1', 'THAWED']);
  });

  it('has the pilot’s end for its own, with the parent lifted and nothing to hold it back', async () => {
    const hindered = { 'cpu.shares': '2', 'cpu.cfs_quota_us': '1000', 'cpu.weight': '1', 'cpu.max': '1000' };
    tree({ ...hindered, 'cgroup.kill': '', 'cgroup.procs': '' });
    await killThroughCgroup(trees(), id, parent, signal);
    expect(Object.keys(hindered).map(held)).toEqual(['262144', '-1', '10000', 'max']);
    expect(liftings).toEqual(['for the owner']);
  });

  it.each([
    ['of another container', () => join(root, 'plancton-0011aabb', 'cd'.repeat(32))],
    ['of the parent', () => join(root, 'plancton-0011aabb')],
    ['at the top', () => root],
    ['of another parent', () => join(root, 'docker', id)],
    ['of a parent that only looks like ours', () => join(root, 'plancton-0011aabb0', id)],
    ['somewhere else by dots', () => `${root}/plancton-0011aabb/../docker/../plancton-0011aabb/${id}`],
    ['below that of the pilot', () => join(root, 'plancton-0011aabb', id, 'below')],
  ])('refuses a cgroup %s, beside the right one too', async (_what, folder) => {
    tree({ 'cgroup.kill': '', 'cgroup.procs': '' });
    mkdirSync(folder(), { recursive: true });
    writeFileSync(join(folder(), 'cgroup.kill'), '');
    const attempt = killThroughCgroup(trees(own, [folder()]), id, parent, signal);
    await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'rejected' });
    expect([held('cgroup.kill'), readFileSync(join(folder(), 'cgroup.kill'), 'utf8')]).toEqual(['', '']);
  });

  it('refuses what is no id of a container', async () => {
    for (const strange of ['', '.*', 'plancton-worker-a']) {
      const attempt = killThroughCgroup(
        trees(join(root, 'plancton-0011aabb', strange)),
        strange,
        parent,
        signal,
      );
      await expect(attempt).rejects.toMatchObject({ fault: 'rejected' });
    }
  });

  it.each(['docker-%.scope', 'libpod-%.scope'])('knows the scopes of systemd: %s', async (scope) => {
    own = join(root, 'plancton.slice/plancton-0011aabb.slice', scope.replace('%', id));
    tree({ 'cgroup.kill': '', 'cgroup.procs': '' });
    await killThroughCgroup(trees(), id, parent, signal);
    expect(held('cgroup.kill')).toBe('1');
  });

  it('touches no process that is not in it, whatever a list says', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    tree({ 'cgroup.procs': `${bystander.pid}\n` });
    mkdirSync(join(own, 'below'));
    writeFileSync(join(own, 'below/cgroup.procs'), `${bystander.pid}\n`);
    const given = new AbortController();
    const attempt = killThroughCgroup(trees(null, [own]), id, parent, given.signal);
    given.abort();
    await expect(attempt).rejects.toMatchObject({ fault: 'aborted' });
    bystander.kill('SIGTERM');
    expect(await once(bystander, 'exit')).toEqual([null, 'SIGTERM']);
  });

  it('of one that has no cgroup below our parent is refused, for it may live elsewhere', async () => {
    const words = `container ${id} through its cgroup, which is not in ${join(root, 'plancton-0011aabb')}: it has`;
    const refusal = { fault: 'rejected', message: expect.stringContaining(words) as string };
    mkdirSync(join(root, 'plancton-0011aabb'));
    mkdirSync(join(root, 'docker', id), { recursive: true });
    await expect(killThroughCgroup(trees(), id, parent, signal)).rejects.toMatchObject(refusal);
    expect(existsSync(own)).toBe(false);
    rmSync(join(root, 'plancton-0011aabb'), { recursive: true });
    await expect(killThroughCgroup(trees(), id, parent, signal)).rejects.toMatchObject(refusal);
    await expect(killThroughCgroup(trees(null), id, parent, signal)).rejects.toMatchObject({
      fault: 'rejected',
    });
  });

  it('of one whose cgroup goes while it is killed is done', async () => {
    const pilot = spawn('sleep', ['60'], { stdio: 'ignore' });
    tree({ 'cgroup.procs': `${pilot.pid}\n` });
    const attempt = killThroughCgroup(trees(), id, parent, signal);
    rmSync(own, { recursive: true });
    await expect(attempt).resolves.toBeUndefined();
    pilot.kill('SIGKILL');
    await once(pilot, 'exit');
  });
});

describe('an end through the cgroup', () => {
  it('of one whose first process cannot be told is refused, and nothing is done', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    tree({
      'cgroup.kill': '',
      'cgroup.procs': `${bystander.pid}\n`,
      'cpu.weight': '1',
      'cgroup.freeze': '1',
    });
    const attempt = endThroughCgroup(trees(), id, { graceMs: 0, signal: 'SIGTERM' }, parent, signal);
    await expect(attempt).rejects.toMatchObject({ fault: 'rejected' });
    expect([held('cgroup.kill'), held('cpu.weight'), held('cgroup.freeze'), liftings]).toEqual([
      '',
      '1',
      '1',
      [],
    ]);
    bystander.kill('SIGTERM');
    expect(await once(bystander, 'exit')).toEqual([null, 'SIGTERM']);
  });
});

describe('a reclaim', () => {
  it('is asked of the kernel in pieces that can be broken off', async () => {
    tree({ 'memory.current': '50000000', 'memory.reclaim': '' });
    await reclaimThroughCgroup(trees(), id, 5_000_000, signal);
    expect(held('memory.reclaim')).toBe('5000000');
    await reclaimThroughCgroup(trees(), id, 40_000_000, signal);
    expect(held('memory.reclaim')).toBe(String(40_000_000 - 32 * 1024 * 1024));
    await reclaimThroughCgroup(trees(), id, 7, AbortSignal.abort());
    expect(held('memory.reclaim')).not.toBe('7');
  });

  it('of an older kernel lowers a limit, and takes it back', async () => {
    tree({ 'memory.current': '50000000', 'memory.high': 'max\n' });
    await reclaimThroughCgroup(trees(), id, 5_000_000, signal);
    expect(held('memory.high')).toBe('max');
  });

  it('that is given up before it began lowers nothing', async () => {
    tree({ 'memory.current': '50000000', 'memory.high': 'untouched\n' });
    await reclaimThroughCgroup(trees(), id, 5_000_000, AbortSignal.abort());
    expect(held('memory.high')).toBe('untouched\n');
  });

  it('is refused in words on version 1, on a hybrid node, and elsewhere', async () => {
    tree({ 'cgroup.procs': '' });
    const words = { fault: 'rejected', message: expect.stringContaining('takes cgroup version 2') as string };
    await expect(reclaimThroughCgroup(trees(), id, 1, signal)).rejects.toMatchObject(words);
    await expect(reclaimThroughCgroup(trees(null, [own]), id, 1, signal)).rejects.toMatchObject(words);
    const foreign = join(root, 'docker', id);
    mkdirSync(foreign, { recursive: true });
    writeFileSync(join(foreign, 'memory.current'), '5');
    writeFileSync(join(foreign, 'memory.reclaim'), '');
    await expect(reclaimThroughCgroup(trees(foreign), id, 1, signal)).rejects.toMatchObject({
      fault: 'rejected',
    });
    expect(readFileSync(join(foreign, 'memory.reclaim'), 'utf8')).toBe('');
  });
});
