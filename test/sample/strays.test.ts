import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../src/model/engine.ts';
import { cgroupPath, strayFiles } from '../../src/sample/strays.ts';

const info = { local: true, cgroupVersion: 1 } as EngineInfo;
const mounts = { unified: '/cg', legacy: { cpuacct: '/cg/cpuacct' } };
let root: string;

/** A process that has these lines in its `cgroup` file. */
function process(pid: number, lines: string): void {
  mkdirSync(join(root, `proc/${pid}`), { recursive: true });
  writeFileSync(join(root, `proc/${pid}/cgroup`), lines);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-strays-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a pilot that the original left', () => {
  it('is found in the tree where its engine put it', () => {
    process(7, '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/docker/abc\n');
    expect(strayFiles(root, mounts, info, [7])).toEqual(['/cg/cpuacct/docker/abc/cpuacct.usage']);
    const unified = { ...info, cgroupVersion: 2 } as EngineInfo;
    expect(strayFiles(root, mounts, unified, [7])).toEqual(['/cg/docker/abc/cpu.stat']);
  });

  it('is not counted twice when a parent of ours holds it', () => {
    process(7, '3:cpuacct:/plancton-0123abcd/abc\n');
    process(8, '0::/plancton.slice/plancton-0123abcd.slice/docker-abc.scope\n3:cpuacct:/plancton.slice/x\n');
    expect(strayFiles(root, mounts, info, [7, 8])).toEqual([]);
  });

  it('is left out when it has gone, and never stands for the whole node', () => {
    process(7, '3:cpuacct:/\n');
    expect(strayFiles(root, mounts, info, [7, 99])).toEqual([]);
    expect(strayFiles(root, mounts, { ...info, local: false }, [7])).toEqual([]);
  });

  it('has a path that may hold colons', () => {
    expect(cgroupPath('3:cpuacct:/a:b\n', 'cpuacct')).toBe('/a:b');
    expect(cgroupPath('3:cpu:/x\n', 'cpuacct')).toBeNull();
  });
});
