import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProgramWatch } from '../../src/sample/programs.ts';
import { until } from '../support/until.ts';
import { addTo, type Files, treeOf } from './tree.ts';

interface Process {
  readonly comm?: string;
  readonly exe?: string;
  readonly state?: string;
  readonly cgroup?: string;
  readonly cmdline?: string;
}

function processes(each: Readonly<Record<number, Process>>): Files {
  const files: Record<string, string> = { '/proc/1/comm': 'init\n', '/proc/self/x': '' };
  for (const [pid, { comm = 'x', exe, state = 'S', cgroup = '0::/', cmdline = '' }] of Object.entries(each)) {
    files[`/proc/${pid}/comm`] = `${comm}\n`;
    files[`/proc/${pid}/stat`] = `${pid} (${comm}) ${state} 1 1\n`;
    files[`/proc/${pid}/cgroup`] = `${cgroup}\n`;
    files[`/proc/${pid}/cmdline`] = cmdline;
    if (exe !== undefined) files[`/proc/${pid}/exe`] = `-> ${exe}`;
  }
  return files;
}

function running(each: Readonly<Record<number, Process>>, ...names: string[]): unknown {
  const reading = new ProgramWatch(treeOf(processes(each)), names).read(0);
  return reading.known ? reading.value : reading;
}

describe('named programs', () => {
  it.each<[string, Process, string]>([
    ['by the name that the kernel has', { comm: 'blender' }, 'blender'],
    ['by the file that they run', { comm: 'MainThread', exe: '/opt/b/blender' }, 'blender'],
    ['after an update took their file away', { comm: 'M', exe: '/opt/b/blender (deleted)' }, 'blender'],
    [
      'with a name that the kernel cut',
      { comm: 'a-long-name-of-', cmdline: '/usr/bin/a-long-name-of-it\0-x' },
      'a-long-name-of-it',
    ],
    [
      'as a script with such a name',
      { comm: 'a-long-name-of-', exe: '/bin/sh', cmdline: '/bin/sh\0/usr/bin/a-long-name-of-it' },
      'a-long-name-of-it',
    ],
    ['with letters of any sort', { comm: Buffer.from('ü').toString() }, 'ü'],
  ])('are found %s', (_, process, name) => {
    expect(running({ 7: process }, name, 'other')).toEqual([name]);
  });

  it.each<[string, Process]>([
    ['in a pilot', { comm: 'blender', cgroup: '3:cpu:/plancton-0123abcd/abc\n0::/' }],
    [
      'in a pilot under systemd',
      { comm: 'blender', cgroup: '0::/plancton.slice/plancton-1.slice/docker-x.scope' },
    ],
    ['that has ended and waits for its parent', { comm: 'blender', state: 'Z' }],
    ['with another name', { comm: 'blenderer' }],
    [
      'that only begins like one whose name was cut',
      { comm: 'a-long-name-of-', cmdline: 'a-long-name-of-other' },
    ],
  ])('are not: one %s', (_, process) => {
    expect(running({ 7: process }, 'blender', 'a-long-name-of-it')).toEqual([]);
  });

  it('are told once each, in order, with a name that holds parentheses too', () => {
    const two = { comm: 'b) Z', state: 'R' };
    expect(running({ 3: two, 4: { comm: 'a' }, 5: two, 6: { comm: 'c' } }, 'b) Z', 'a')).toEqual([
      'a',
      'b) Z',
    ]);
  });

  it('are looked for again after five seconds, also in processes that became something else', () => {
    const root = treeOf(processes({ 7: { comm: 'sh' } }));
    const watch = new ProgramWatch(root, ['blender']);
    const at = (nowMs: number): unknown => watch.read(nowMs);
    expect(at(0)).toEqual({ known: true, value: [] });
    addTo(root, processes({ 7: { comm: 'blender' } }));
    expect(at(4999)).toEqual({ known: true, value: [] });
    expect(at(5000)).toEqual({ known: true, value: ['blender'] });
    addTo(root, processes({ 7: { comm: 'sh' } }));
    expect(at(10_000)).toEqual({ known: true, value: [] });
    addTo(root, processes({ 8: { comm: 'blender' } }));
    expect(at(15_000)).toEqual({ known: true, value: ['blender'] });
    rmSync(join(root, 'proc/8'), { recursive: true });
    expect(at(20_000)).toEqual({ known: true, value: [] });
  });

  it('are not told while processes have not been looked at: 300 at each sample', () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [index + 10, {}]));
    const watch = new ProgramWatch(treeOf(processes({ ...many, 5000: {} })), ['blender']);
    const readings = [0, 1000, 2000].map((nowMs) => watch.read(nowMs));
    expect(readings).toEqual([
      { known: false, reason: '402 processes have not been looked at yet' },
      { known: false, reason: '102 processes have not been looked at yet' },
      { known: true, value: [] },
    ]);
  });

  it('are told as soon as one is found, whatever else there may be', () => {
    const many = Object.fromEntries(
      Array.from({ length: 700 }, (_, index) => [index + 10, { comm: 'blender' }]),
    );
    const watch = new ProgramWatch(treeOf(processes(many)), ['blender']);
    expect(watch.read(0)).toEqual({ known: true, value: ['blender'] });
  });

  it('that become one among many are found within a tour', () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [index + 10, {}]));
    const root = treeOf(processes(many));
    const watch = new ProgramWatch(root, ['blender']);
    let nowMs = 0;
    for (; nowMs < 60_000; nowMs += 1000) watch.read(nowMs);
    addTo(root, processes({ 500: { comm: 'blender' } }));
    const tour = Array.from({ length: 9 }, (_, turn) => turn).map((turn) => watch.read(nowMs + turn * 5000));
    expect(tour.at(-1)).toEqual({ known: true, value: ['blender'] });
  });

  it('are found among the real processes of this node', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plancton-program-'));
    const name = `owner-${process.pid}`;
    copyFileSync('/bin/sleep', join(folder, name));
    const child = spawn(join(folder, name), ['1000'], { stdio: 'ignore' });
    try {
      await once(child, 'spawn');
      const watch = new ProgramWatch('', [name]);
      let nowMs = 0;
      const find = (): readonly string[] => {
        const reading = watch.read((nowMs += 5000));
        return reading.known ? reading.value : [];
      };
      await until('the program is found', () => find().includes(name));
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(find()).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
