import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setUpParentClass } from '../../src/act/parentClass.ts';

let folder: string;
let nowMs = 0;
let pilotsCpus = 0;
const cost = { nowMs: () => nowMs, cpuCount: 2, pilotsCpus: () => pilotsCpus };
const file = (name: string) => join(folder, name);
const held = (name: string) => readFileSync(file(name), 'utf8');

beforeEach(() => {
  [nowMs, pilotsCpus] = [0, 0];
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

describe("the class of the pilots' parent", () => {
  it('is the idle class where the kernel has it', () => {
    writeFileSync(file('cpu.idle'), '0');
    writeFileSync(file('cpu.shares'), '1024');
    expect(setUpParentClass(folder, cost)).toMatchObject({ cpuClass: 'idle', detail: file('cpu.idle') });
    expect(held('cpu.idle')).toBe('1');
    expect(held('cpu.shares')).toBe('1024');
  });

  it.each([
    ['cpu.shares', '2'],
    ['cpu.weight', '1'],
  ])('is else the smallest weight: %s', (name, value) => {
    writeFileSync(file(name), 'x');
    expect(setUpParentClass(folder, cost).cpuClass).toBe('low');
    expect(held(name)).toBe(value);
  });

  it('is nothing of ours where there is no such file, and makes none', () => {
    expect(setUpParentClass(folder, cost).cpuClass).toBe('normal');
    expect(existsSync(file('cpu.idle'))).toBe(false);
  });

  it('makes the folder, and says why when it cannot', () => {
    expect(setUpParentClass(join(folder, 'new'), cost).detail).toContain('no weight');
    writeFileSync(file('taken'), '');
    expect(setUpParentClass(join(folder, 'taken/below'), cost).detail).toContain('cannot be made');
  });
});

describe('a start', () => {
  it('lifts the class with the first and lowers it with the last', async () => {
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUpParentClass(folder, cost);
    const [first, second] = [work(), work()];
    const lifted = [parent.lifted(() => first.done), parent.lifted(() => second.done)];
    expect(held('cpu.idle')).toBe('0');
    first.end();
    await lifted[0];
    expect(held('cpu.idle')).toBe('0');
    second.end();
    await lifted[1];
    expect(held('cpu.idle')).toBe('1');
  });

  it('that fails lowers it too', async () => {
    writeFileSync(file('cpu.idle'), '0');
    await expect(
      setUpParentClass(folder, cost).lifted(() => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect(held('cpu.idle')).toBe('1');
  });

  it('that hangs does not keep it lifted', () => {
    vi.useFakeTimers();
    writeFileSync(file('cpu.idle'), '0');
    void setUpParentClass(folder, cost).lifted(() => work().done);
    vi.advanceTimersByTime(1999);
    expect(held('cpu.idle')).toBe('0');
    vi.advanceTimersByTime(1);
    expect(held('cpu.idle')).toBe('1');
  });

  it('beside pilots that use their CPUs is lifted within a budget only', async () => {
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUpParentClass(folder, cost);
    pilotsCpus = 2;
    /** Whether a start is lifted that takes a second. */
    const isLifted = async () => {
      let lifted = '';
      await parent.lifted(async () => {
        lifted = held('cpu.idle');
        nowMs += 1000;
      });
      return lifted === '0';
    };
    // A burst of two CPU-seconds is spent by the first; a hundredth of two CPUs gives it back in 100 s.
    expect(await isLifted()).toBe(true);
    nowMs += 1000;
    expect(await isLifted()).toBe(true);
    expect(await isLifted()).toBe(false);
    nowMs += 99_000;
    expect(await isLifted()).toBe(true);
    pilotsCpus = 0;
    nowMs += 200_000;
    for (let start = 0; start < 50; start++) expect(await isLifted()).toBe(true);
  });
});
