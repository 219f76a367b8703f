import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setUpParentClass } from '../../src/act/parentClass.ts';

let folder: string;
const file = (name: string) => join(folder, name);
const held = (name: string) => readFileSync(file(name), 'utf8');

beforeEach(() => {
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
    expect(setUpParentClass(folder)).toMatchObject({ cpuClass: 'idle', detail: file('cpu.idle') });
    expect(held('cpu.idle')).toBe('1');
    expect(held('cpu.shares')).toBe('1024');
  });

  it.each([
    ['cpu.shares', '2'],
    ['cpu.weight', '1'],
  ])('is else the smallest weight: %s', (name, value) => {
    writeFileSync(file(name), 'x');
    expect(setUpParentClass(folder).cpuClass).toBe('low');
    expect(held(name)).toBe(value);
  });

  it('is nothing of ours where there is no such file, and makes none', () => {
    expect(setUpParentClass(folder).cpuClass).toBe('normal');
    expect(existsSync(file('cpu.idle'))).toBe(false);
  });

  it('makes the folder, and says why when it cannot', () => {
    expect(setUpParentClass(join(folder, 'new')).detail).toContain('no weight');
    writeFileSync(file('taken'), '');
    expect(setUpParentClass(join(folder, 'taken/below')).detail).toContain('cannot be made');
  });
});

describe('a start', () => {
  it('lifts the class with the first and lowers it with the last', async () => {
    writeFileSync(file('cpu.idle'), '0');
    const parent = setUpParentClass(folder);
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
    await expect(setUpParentClass(folder).lifted(() => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(held('cpu.idle')).toBe('1');
  });

  it('that hangs does not keep it lifted', () => {
    vi.useFakeTimers();
    writeFileSync(file('cpu.idle'), '0');
    void setUpParentClass(folder).lifted(() => work().done);
    vi.advanceTimersByTime(1999);
    expect(held('cpu.idle')).toBe('0');
    vi.advanceTimersByTime(1);
    expect(held('cpu.idle')).toBe('1');
  });
});
