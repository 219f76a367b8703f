import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeeperParts, ParentKeeper } from '../../src/daemon/parentKeeper.ts';
import type { EngineInfo } from '../../src/model/engine.ts';
import type { CpuClass } from '../../src/model/means.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { unknown } from '../../src/model/reading.ts';
import { kind } from '../act/kind.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { until } from '../support/until.ts';

const instance = '0011aabbccddeeff';
const id = 'ab'.repeat(32);
const v2 = { ...engineInfo, cgroupVersion: 2 } as const;
let root: string;
let nowMs: number;
let cpuClass: CpuClass;
let dryRun: boolean;
let lines: string[];
const at = (path: string) => join(root, path);
const held = (path: string) => readFileSync(at(path), 'utf8').trim();
const put = (path: string, text: string) => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
};
const pilot: Pilot = {
  id,
  name: 'plancton-worker-aaaaaa',
  managed: true,
  kind: null,
  state: 'running',
  imageId: '',
  startedAtMs: unknown('of no matter'),
  stateSinceMs: 0,
  end: null,
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-keeper-'));
  [nowMs, cpuClass, dryRun, lines] = [10_000, 'idle', false, []];
  put('cg/cgroup.controllers', 'cpu io memory pids\n');
  put('cg/cgroup.subtree_control', 'cpu io memory pids\n');
  put('cg/plancton-0011aabb/cpu.idle', '0\n');
  put('cg/plancton-0011aabb/cpu.weight', '100\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function makeKeeperParts(): KeeperParts {
  const note = (message: string): void => void lines.push(message);
  return {
    around: {
      instance,
      mounts: () => ({ unified: at('cg'), legacy: {} }),
      disks: at('block'),
      systemctl: at('systemctl'),
    },
    uid: 0,
    containment: null,
    log: { debug: note, info: note, warn: note, error: note },
    nowMs: () => nowMs,
    settings: () => ({ cpuClass, kinds: [kind], dryRun }),
    isStray: () => false,
  };
}

function makeKeeper(changed: Partial<KeeperParts> = {}): ParentKeeper {
  return new ParentKeeper({ ...makeKeeperParts(), ...changed });
}

/** A keeper whose engine has answered, and who has done what there was to do. */
async function keeperFor(info: EngineInfo, changed: Partial<KeeperParts> = {}): Promise<ParentKeeper> {
  const keeper = makeKeeper(changed);
  keeper.useEngine(info);
  await until('the parent is set up', () => lines.length > 0);
  return keeper;
}

/** Looks when it is time, this many times. */
function look(keeper: ParentKeeper, times: number, pilots: readonly Pilot[] = []): void {
  for (let time = 0; time < times; time++) {
    nowMs += 5000;
    keeper.check(pilots);
  }
}

describe('the keeper of the parent', () => {
  it('promises nothing before an engine answers', () => {
    const keeper = makeKeeper();
    expect(Object.values(keeper.means).filter((means) => means === true)).toEqual([]);
    expect(keeper.status()).toMatchObject({ cgroup: null, cpuClass: { asked: 'idle', had: 'normal' } });
    expect(keeper.treesOf(id)).toBeNull();
  });

  it('sets it up and tells what was had', async () => {
    const keeper = await keeperFor(v2);
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('1');
    expect(keeper.means).toBe(keeper.means);
    expect(keeper.means).toEqual({
      cpuClass: 'idle',
      canThrottle: true,
      canPause: true,
      canReclaim: true,
      ownKill: true,
    });
    expect(keeper.status()).toEqual({
      cgroup: '/plancton-0011aabb',
      cpuClass: { asked: 'idle', had: 'idle', detail: at('cg/plancton-0011aabb/cpu.idle') },
      ioWeight: { had: false, detail: expect.stringContaining('no I/O weight') as string },
      oomScoreAdj: 1000,
      pidsLimit: 4096,
      can: { shrink: true, pause: true, reclaim: true, kill: true },
      fallback: '',
    });
    expect(keeper.treesOf(id)?.unified).toBe(at(`cg/plancton-0011aabb/${id}`));
  });

  it('follows the configuration', async () => {
    const keeper = await keeperFor(v2);
    cpuClass = 'low';
    keeper.useSettings();
    await until('the class is low', () => keeper.means.cpuClass === 'low');
    expect(held('cg/plancton-0011aabb/cpu.weight')).toBe('1');
    const count = lines.length;
    keeper.useSettings();
    expect(lines).toHaveLength(count);
  });

  it('sets it again when somebody undid it, at the second look', async () => {
    const keeper = await keeperFor(v2);
    put('cg/plancton-0011aabb/cpu.idle', '0');
    look(keeper, 1);
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('0');
    keeper.check([]);
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('0');
    look(keeper, 1);
    await until('it is set again', () => held('cg/plancton-0011aabb/cpu.idle') === '1');
    expect(lines.filter((line) => line.includes('somebody changed'))).toHaveLength(1);
    look(keeper, 3);
    expect(lines.filter((line) => line.includes('somebody changed'))).toHaveLength(1);
  });

  it('sets again what a daemon left that died while it was lifted', async () => {
    put('cg/plancton-0011aabb/cpu.idle', '0');
    put('cg/plancton-0011aabb/io.bfq.weight', 'default 100\n');
    await keeperFor(v2);
    expect([held('cg/plancton-0011aabb/cpu.idle'), held('cg/plancton-0011aabb/io.bfq.weight')]).toEqual([
      '1',
      'default 1',
    ]);
  });

  it('looks after the I/O weight as after the class', async () => {
    put('cg/plancton-0011aabb/io.bfq.weight', 'default 100\n');
    const keeper = await keeperFor(v2);
    put('cg/plancton-0011aabb/io.bfq.weight', 'default 500\n');
    look(keeper, 2);
    await until('it is set again', () => held('cg/plancton-0011aabb/io.bfq.weight') === 'default 1');
    expect(lines.filter((line) => line.includes('the I/O weight'))).toHaveLength(1);
  });

  it('in a dry run only looks, tells what would be set, and takes up its work after it', async () => {
    dryRun = true;
    rmSync(at('cg/plancton-0011aabb'), { recursive: true });
    put('systemctl', `#!/bin/sh\ntouch ${at('asked')}\n`);
    chmodSync(at('systemctl'), 0o755);
    const slices = await keeperFor({ ...v2, cgroupDriver: 'systemd' });
    lines = [];
    const keeper = await keeperFor(v2);
    look(keeper, 3);
    await slices.close();
    await keeper.close();
    expect([existsSync(at('asked')), existsSync(at('cg/plancton-0011aabb'))]).toEqual([false, false]);
    const { cpuClass: told, fallback } = keeper.status();
    expect(told).toMatchObject({ asked: 'idle', had: 'normal' });
    expect(told.detail).toBe(
      `nothing is set (dry_run); the class "idle" of ${at('cg/plancton-0011aabb')} would be`,
    );
    expect(fallback).toBe(told.detail);
    put('cg/plancton-0011aabb/cpu.idle', '0');
    keeper.useSettings();
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('0');
    dryRun = false;
    keeper.useSettings();
    await until('the class is idle', () => keeper.means.cpuClass === 'idle');
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('1');
    dryRun = true;
    put('cg/plancton-0011aabb/cpu.idle', '0');
    keeper.useSettings();
    look(keeper, 3);
    expect([held('cg/plancton-0011aabb/cpu.idle'), keeper.means.cpuClass]).toEqual(['0', 'normal']);
  });

  it('has systemd make the slice of all daemons, and reads back what came of it', async () => {
    put('cg/plancton.slice/cpu.idle', '0');
    put(
      'systemctl',
      `#!/bin/sh\ncase "$*" in *CPUWeight=idle*) echo 1 > ${at('cg/plancton.slice/cpu.idle')};; esac\n`,
    );
    chmodSync(at('systemctl'), 0o755);
    const keeper = await keeperFor({ ...v2, cgroupDriver: 'systemd' });
    expect(keeper.status()).toMatchObject({
      cgroup: 'plancton-0011aabb.slice',
      cpuClass: { had: 'idle', detail: at('cg/plancton.slice/cpu.idle') },
      fallback: '',
    });
    expect(held('cg/plancton-0011aabb/cpu.idle')).toBe('0');
  });

  it('tells what systemd refused', async () => {
    put('systemctl', '#!/bin/sh\necho "Access denied" >&2; exit 1\n');
    chmodSync(at('systemctl'), 0o755);
    const keeper = await keeperFor({ ...v2, cgroupDriver: 'systemd' }, { uid: 1000 });
    expect(keeper.status()).toMatchObject({ cpuClass: { asked: 'idle', had: 'normal' } });
    expect(keeper.status().fallback).toMatch(
      /start plancton\.slice: Access denied; only root may set it; room/,
    );
    expect(keeper.means).toMatchObject({ ownKill: false, canReclaim: false, canPause: true });
  });

  const rootless = { ...v2, cgroupDriver: 'systemd', rootless: true } as const;
  const all = 'room is given back by shrinking, pausing and ending pilots';
  const blindly = " where the owner's memory or a sign of his asks for it, and not for his CPUs: ";
  it.each([
    [
      'an engine elsewhere',
      { ...v2, local: false },
      /runs on another machine/,
      'only max_docks, schedule and max_ttl bound them',
    ],
    ['a rootless engine', rootless, /the engine is rootless/, all],
    [
      'one that cannot change limits',
      { ...rootless, product: 'podman', version: '4.2' },
      /rootless/,
      'by pausing and ending pilots',
    ],
    [
      'an engine without cgroups',
      { ...v2, cgroupDriver: 'none' },
      /manages no cgroups/,
      `room is given back by ending pilots${blindly}what he uses cannot be told from what pilots use`,
    ],
    ['a kernel without the controller', engineInfo, /no tree of the CPU controller/, all],
  ] as const)('names the fall-back by what there is: %s', async (_name, info, words, instead) => {
    const keeper = await keeperFor(info);
    expect(keeper.status().fallback).toMatch(words);
    expect(keeper.status().fallback.endsWith(instead)).toBe(true);
    expect(keeper.means.cpuClass).toBe('normal');
  });

  it('names the container that the daemon runs in', async () => {
    rmSync(at('cg'), { recursive: true });
    put('cg', '');
    const keeper = await keeperFor(v2, { containment: 'a Docker container' });
    expect(keeper.status().fallback).toMatch(
      /cannot be made: ENOTDIR; the daemon runs in a Docker container/,
    );
  });

  it('claims nothing when the pilots are not below the parent that it sees', async () => {
    const keeper = await keeperFor(v2);
    keeper.check([]);
    expect(keeper.blindness).toBeNull();
    keeper.check([pilot]);
    expect([keeper.means.cpuClass, keeper.blindness]).toEqual(['idle', expect.stringContaining('not below')]);
    look(keeper, 1, [pilot]);
    expect(keeper.means).toMatchObject({ cpuClass: 'normal', ownKill: false, canReclaim: false });
    expect(keeper.status().fallback).toMatch(
      /not below the parent cgroup that can be seen from here; .* not for his CPUs/,
    );
    expect(keeper.treesOf(id)).toBeNull();
    look(keeper, 1);
    expect(keeper.blindness).not.toBeNull();
    mkdirSync(at(`cg/plancton-0011aabb/${id}`));
    look(keeper, 1, [pilot]);
    expect([keeper.means.cpuClass, keeper.blindness]).toEqual(['idle', null]);
  });

  it('judges by pilots that it found, and not by those that are seen elsewhere', async () => {
    const keeper = await keeperFor(v2, { isStray: (one) => one === id });
    look(keeper, 3, [pilot, { ...pilot, id: 'cd'.repeat(32), managed: false }]);
    expect([keeper.means.cpuClass, keeper.blindness]).toEqual(['idle', null]);
    look(keeper, 2, [pilot, { ...pilot, id: 'cd'.repeat(32), state: 'paused' }]);
    expect(keeper.means.cpuClass).toBe('normal');
  });

  it('believes what it has seen once, and does not judge by a pilot that has ended', async () => {
    const keeper = await keeperFor(v2);
    look(keeper, 3, [{ ...pilot, state: 'ended' }]);
    mkdirSync(at(`cg/plancton-0011aabb/${id}`));
    look(keeper, 1, [pilot]);
    rmSync(at(`cg/plancton-0011aabb/${id}`), { recursive: true });
    look(keeper, 3, [pilot]);
    expect(keeper.means).toMatchObject({ cpuClass: 'idle', ownKill: true });
  });

  it.each([
    ['v2', v2, 'cg/plancton-0011aabb/cpu.stat', (ms: number) => `usage_usec ${ms * 1000}\nuser_usec 1\n`],
    ['v1', engineInfo, 'acct/plancton-0011aabb/cpuacct.usage', (ms: number) => `${ms * 1e6}\n`],
  ] as const)('charges a lift with what the kernel of %s counted meanwhile', async (_, info, file, text) => {
    const mounts = { unified: at('cg'), legacy: { cpu: at('cg'), cpuacct: at('acct') } };
    const { around } = makeKeeperParts();
    const keeper = await keeperFor(info, { around: { ...around, mounts: () => mounts } });
    put(file, text(500_000));
    const classWhile = (usedMs: number): Promise<string> =>
      keeper.parent.lifted(async () => {
        put(file, text(500_000 + usedMs));
        return held('cg/plancton-0011aabb/cpu.idle');
      });
    expect(await classWhile(10)).toBe('0');
    expect(await classWhile(1000 * info.cpuCount + 20)).toBe('0');
    expect(await classWhile(0)).toBe('1');
  });

  it('makes the parent where there is none', async () => {
    rmSync(at('cg/plancton-0011aabb'), { recursive: true });
    await keeperFor(v2);
    expect(existsSync(at('cg/plancton-0011aabb'))).toBe(true);
  });
});
