import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCpuClass, setCpuClass } from '../../src/act/cpuClass.ts';

let folder: string;
const file = (name: string) => join(folder, name);
const held = (name: string) => readFileSync(file(name), 'utf8');
const tree = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-class-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the class of a group', () => {
  it('is the idle class where the kernel has it', () => {
    tree({ 'cpu.idle': '0', 'cpu.shares': '1024' });
    expect(setCpuClass(folder, 'idle')).toMatchObject({ cpuClass: 'idle', detail: file('cpu.idle') });
    expect([held('cpu.idle'), held('cpu.shares')]).toEqual(['1', '1024']);
    expect(readCpuClass(folder)).toBe('idle');
  });

  it.each([
    ['cpu.shares', '1024\n', '2'],
    ['cpu.weight', '100\n', '1'],
  ])('is else the smallest weight, and it says why: %s', (name, before, after) => {
    tree({ [name]: before });
    const had = setCpuClass(folder, 'idle');
    expect(had).toMatchObject({ cpuClass: 'low' });
    expect(had.detail).toBe(`${file(name)}; the kernel has no idle class for groups (Linux 5.15 has)`);
    expect(held(name)).toBe(after);
    expect(readCpuClass(folder)).toBe('low');
  });

  it('is the smallest weight when that is asked for, out of the idle class first', () => {
    tree({ 'cpu.idle': '1', 'cpu.weight': '100' });
    expect(setCpuClass(folder, 'low')).toMatchObject({ cpuClass: 'low', detail: file('cpu.weight') });
    expect([held('cpu.idle'), held('cpu.weight')]).toEqual(['0', '1']);
  });

  it('is that of everybody when that is asked for', () => {
    tree({ 'cpu.idle': '1', 'cpu.weight': '1' });
    expect(setCpuClass(folder, 'normal')).toMatchObject({ cpuClass: 'normal', lift: null });
    expect([held('cpu.idle'), held('cpu.weight')]).toEqual(['0', '100']);
  });

  it('is nothing of ours where there is no such file, and makes none', () => {
    expect(setCpuClass(folder, 'idle')).toMatchObject({ cpuClass: 'normal', lift: null });
    expect(setCpuClass(folder, 'idle').detail).toContain('no weight');
    expect(existsSync(file('cpu.idle'))).toBe(false);
  });
});
