import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  foreignClass,
  type ParentClass,
  type ParentPlace,
  setUpParentClass,
  watchedClass,
} from '../../src/act/parentClass.ts';
import type { CpuClass } from '../../src/model/means.ts';

let folder: string;
let nowMs = 0;
let usedMs: number | null = 0;
const cost = { nowMs: () => nowMs, cpuCount: 2, pilotsCpuMs: () => usedMs };
const place = (cpuFolder = folder, changed: Partial<ParentPlace> = {}): ParentPlace => ({
  cpuFolder,
  io: { folder: null, top: '', disks: join(folder, 'block') },
  unifiedTop: null,
  isOurs: true,
  ...changed,
});
const setUp = (asked: CpuClass = 'idle', where = place()) => setUpParentClass(where, asked, cost);
const file = (name: string) => join(folder, name);
const held = (name: string) => readFileSync(file(name), 'utf8');

beforeEach(() => {
  [nowMs, usedMs] = [0, 0];
  folder = mkdtempSync(join(tmpdir(), 'plancton-parent-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Work that ends when it is told to. */
function work() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

describe("the pilots' parent", () => {
  it('is put into the class that is asked for', () => {
    writeFileSync(file('cpu.idle'), '0');
    expect(setUp()).toMatchObject({ asked: 'idle', cpuClass: 'idle', detail: file('cpu.idle') });
    expect(held('cpu.idle')).toBe('1');
    expect(setUp('normal')).toMatchObject({ asked: 'normal', cpuClass: 'normal' });
    expect(held('cpu.idle')).toBe('0');
  });

  it('is made in the trees of both controllers, and it says why when it cannot be', () => {
    const io = { folder: file('io/group'), top: file('io'), disks: file('block') };
    expect(setUp('idle', place(file('cpu/group'), { io })).ioWeight.detail).toContain('has no I/O weight');
    expect([existsSync(file('cpu/group')), existsSync(file('io/group'))]).toEqual([true, true]);
    writeFileSync(file('taken'), '');
    const refused = setUp('idle', place(file('taken/below')));
    expect(refused).toMatchObject({
      cpuClass: 'normal',
      detail: `${file('taken/below')} cannot be made: ENOTDIR`,
    });
  });

  it('that is not ours to make is not made', () => {
    setUp('idle', place(file('slice'), { isOurs: false, unifiedTop: folder }));
    expect(existsSync(file('slice'))).toBe(false);
  });

  it('has its controllers switched on above it where there is one tree for all', () => {
    writeFileSync(file('cgroup.controllers'), 'cpuset cpu memory pids\n');
    writeFileSync(file('cgroup.subtree_control'), 'memory pids\n');
    mkdirSync(file('group'));
    writeFileSync(file('group/cpu.idle'), '0');
    setUp('idle', place(file('group'), { unifiedTop: folder }));
    expect(held('cgroup.subtree_control')).toMatch(/^\+cpu/);
  });

  it('is undone when it weighs more than it was made to, and not when it yields more', () => {
    writeFileSync(file('cpu.idle'), '0');
    writeFileSync(file('cpu.weight'), '100');
    const idle = setUp();
    expect(idle.isUndone()).toBe(false);
    writeFileSync(file('cpu.idle'), '0');
    expect(idle.isUndone()).toBe(true);
    const low = setUp('low');
    expect(low.isUndone()).toBe(false);
    writeFileSync(file('cpu.weight'), '100');
    expect(low.isUndone()).toBe(true);
    writeFileSync(file('cpu.idle'), '1');
    expect(low.isUndone()).toBe(false);
    rmSync(file('cpu.idle'));
    expect(idle.isUndone()).toBe(true);
  });

  it('is undone when it weighs more for storage, lifted or not', async () => {
    const io = { folder: file('io'), top: folder, disks: file('block') };
    mkdirSync(file('io'));
    writeFileSync(file('io/io.bfq.weight'), 'default 100');
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUp('idle', place(folder, { io }));
    expect([held('io/io.bfq.weight'), parent.isUndone()]).toEqual(['default 1', false]);
    writeFileSync(file('io/io.bfq.weight'), 'default 100');
    expect(parent.isUndone()).toBe(true);
    expect(await parent.lifted(async () => parent.isUndone())).toBe(true);
    writeFileSync(file('io/io.bfq.weight'), 'default 1\n8:0 50');
    expect(parent.isUndone()).toBe(false);
  });

  it('that is only looked at is left as it is', async () => {
    writeFileSync(file('cpu.idle'), '1');
    const watched = watchedClass(place(), 'low');
    expect(watched).toMatchObject({ asked: 'low', cpuClass: 'idle', ioWeight: { had: false } });
    expect(watched.detail).toMatch(/^nothing is set \(dry_run\); the class "low" of .* would be$/);
    expect(await watched.lifted(async () => held('cpu.idle'))).toBe('1');
    watchedClass(place(file('none')), 'idle');
    expect(existsSync(file('none'))).toBe(false);
  });

  it('that is somebody else’s is not touched', async () => {
    const foreign = foreignClass('idle', 'far away');
    expect(foreign).toMatchObject({ asked: 'idle', cpuClass: 'normal', detail: 'far away' });
    expect([foreign.isUndone(), await foreign.lifted(async () => 5)]).toEqual([false, 5]);
  });
});

describe('a start', () => {
  it('lifts the class with the first and lowers it with the last', async () => {
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUp();
    const [first, second] = [work(), work()];
    const lifted = [parent.lifted(() => first.done), parent.lifted(() => second.done)];
    expect([held('cpu.idle'), parent.isUndone()]).toEqual(['0', false]);
    first.end();
    await lifted[0];
    expect(held('cpu.idle')).toBe('0');
    second.end();
    await lifted[1];
    expect(held('cpu.idle')).toBe('1');
  });

  it('that fails lowers it too', async () => {
    writeFileSync(file('cpu.idle'), '0');
    await expect(setUp().lifted(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(held('cpu.idle')).toBe('1');
  });

  it('has nothing to do with an end that the owner waits for: it is lifted whatever it costs, and charged', async () => {
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUp();
    const spend = (usedCpuMs: number) => async (): Promise<string> => {
      const lifted = held('cpu.idle');
      usedMs = (usedMs ?? 0) + usedCpuMs;
      return lifted;
    };
    expect(await parent.liftedForOwner(spend(5000))).toBe('0');
    expect(await parent.lifted(spend(0))).toBe('1');
    expect(await parent.liftedForOwner(spend(0))).toBe('0');
    expect(held('cpu.idle')).toBe('1');
  });

  it('that hangs does not keep it lifted', () => {
    vi.useFakeTimers();
    writeFileSync(file('cpu.idle'), '0');
    void setUp().lifted(() => work().done);
    vi.advanceTimersByTime(1999);
    expect(held('cpu.idle')).toBe('0');
    vi.advanceTimersByTime(1);
    expect(held('cpu.idle')).toBe('1');
    void setUp().liftedForOwner(() => work().done);
    vi.advanceTimersByTime(4999);
    expect(held('cpu.idle')).toBe('0');
    vi.advanceTimersByTime(1);
    expect(held('cpu.idle')).toBe('1');
  });

  describe('beside pilots is lifted within a budget only', () => {
    /** Whether a start is lifted that takes a second, in which pilots use this many CPUs; null: nobody counts. */
    const isLifted = async (parent: ParentClass, pilotsCpus: number | null) => {
      let lifted = '';
      await parent.lifted(async () => {
        lifted = held('cpu.idle');
        nowMs += 1000;
        usedMs = pilotsCpus === null || usedMs === null ? null : usedMs + pilotsCpus * 1000;
      });
      return lifted === '0';
    };
    beforeEach(() => writeFileSync(file('cpu.idle'), '0'));

    it('which what they use while they are lifted is charged to, whatever they used before', async () => {
      const parent = setUp();
      // A burst of two CPU-seconds is spent by the first; a hundredth of two CPUs gives it back in 100 s.
      expect(await isLifted(parent, 2)).toBe(true);
      nowMs += 1000;
      expect(await isLifted(parent, 2)).toBe(true);
      expect(await isLifted(parent, 2)).toBe(false);
      nowMs += 99_000;
      expect(await isLifted(parent, 2)).toBe(true);
      nowMs += 200_000;
      for (let start = 0; start < 50; start++) expect(await isLifted(parent, 0)).toBe(true);
    });

    it('which is not charged with what they use between the lifts', async () => {
      const parent = setUp();
      for (let start = 0; start < 5; start++) {
        expect(await isLifted(parent, 0)).toBe(true);
        usedMs = (usedMs ?? 0) + 60_000;
      }
    });

    it('which is charged with all CPUs where nobody counts', async () => {
      const parent = setUp();
      usedMs = null;
      expect(await isLifted(parent, null)).toBe(true);
      expect(await isLifted(parent, null)).toBe(true);
      expect(await isLifted(parent, null)).toBe(false);
    });

    it('which those that overlap are charged to together', async () => {
      const parent = setUp();
      const [first, second] = [work(), work()];
      const lifted = [parent.lifted(() => first.done), parent.lifted(() => second.done)];
      usedMs = 2001;
      first.end();
      await lifted[0];
      second.end();
      await lifted[1];
      expect(await isLifted(parent, 0)).toBe(false);
      nowMs += 1000;
      expect(await isLifted(parent, 0)).toBe(true);
    });
  });
});
