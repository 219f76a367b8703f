import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import type { PilotTrees } from '../../src/act/pilotCgroup.ts';
import { createFirstRelief, type FirstRelief } from '../../src/daemon/firstRelief.ts';
import { engineOf, foundBelow } from '../../src/daemon/parentContents.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import type { Policy } from '../../src/decide/types.ts';
import { EngineError, type EngineInfo } from '../../src/model/engine.ts';
import { known } from '../../src/model/reading.ts';
import { decideOn, engineWith, hostAt, policy, seenAt } from '../decide/world.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { keepLog } from '../support/quietLog.ts';

const instance = '0011aabb'.repeat(4);
const idOf = (digit: string): string => digit.repeat(64);
let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'plancton-first-'));
});
afterEach(() => rmSync(top, { recursive: true }));

function group(mount: string, path: string, bytes: number): void {
  const folder = join(top, mount, path);
  mkdirSync(folder, { recursive: true });
  const stat = `anon ${bytes}\nshmem 0\nslab_unreclaimable 0\ntotal_rss ${bytes}\ntotal_mapped_file 0\n`;
  writeFileSync(join(folder, 'memory.stat'), stat);
}

const mountedV2 = () => ({ unified: join(top, 'v2'), legacy: {} });
const around = (mounts: () => { unified: string | null; legacy: Record<string, string> } = mountedV2) => ({
  instance,
  mounts,
  disks: '',
  systemctl: '',
});

describe('what is below the parent of this daemon', () => {
  it('is found with what it holds, and nothing of anybody else’s', () => {
    group('v2', `plancton-0011aabb/${idOf('a')}`, 5e8);
    group('v2', `plancton-0011aabb/libpod-${idOf('b')}/container`, 5e8);
    group('v2', `plancton.slice/plancton-0011aabb.slice/docker-${idOf('c')}.scope`, 7e8);
    group('v2', 'plancton-0011aabb/conmon', 5e8);
    group('v2', `plancton-ffffffff/${idOf('d')}`, 5e8);
    group('v2', `docker/${idOf('e')}`, 5e8);
    const found = foundBelow(around());
    expect(found.map(({ id, memoryBytes }) => [id, memoryBytes])).toEqual([
      [idOf('a'), 5e8],
      [idOf('b'), 0],
      [idOf('c'), 7e8],
    ]);
    const folder = join(top, 'v2/plancton-0011aabb', idOf('a'));
    expect(found[0]?.trees).toEqual({ unified: folder, legacy: [] });
  });

  it('is found in each tree of version 1, and tells of the engine', () => {
    for (const mount of ['cpu', 'memory', 'v2']) group(mount, `plancton-0011aabb/libpod-${idOf('a')}`, 5e8);
    const legacy = { cpu: join(top, 'cpu'), memory: join(top, 'memory') };
    const hybrid = around(() => ({ unified: join(top, 'v2'), legacy }));
    expect(foundBelow(hybrid)).toMatchObject([
      { memoryBytes: 5e8, trees: { legacy: [expect.any(String), expect.any(String)] } },
    ]);
    expect(engineOf(hybrid)).toMatchObject({
      product: 'podman',
      cgroupDriver: 'cgroupfs',
      cgroupVersion: 1,
      local: true,
    });
    expect(engineOf(around())).toMatchObject({ cgroupVersion: 2 });
    expect(engineOf(around(() => ({ unified: join(top, 'none'), legacy: {} })))).toBeNull();
  });
});

describe('relief before an engine has answered', () => {
  let ended: [string, PilotTrees, number][];
  let finish: () => void;
  let fails: EngineError | null;
  let relief: FirstRelief;
  const tickAt = (
    atMs: number,
    availableBytes: number,
    rules: Partial<Policy> = {},
    info: EngineInfo | null = null,
  ): Tick => {
    const memory = known({ totalBytes: 64e9, availableBytes, swapTotalBytes: 0, swapFreeBytes: 0 });
    const engine = { ...engineWith([], { state: 'waiting', listed: false }), info };
    const seen = seenAt(atMs, 0, { engine, host: { ...hostAt(atMs), memory } });
    const changed = { ...policy, ...rules };
    return { sample: seen.sample, seen, policy: changed, decision: decideOn(seen) };
  };
  const names = () => ended.map(([id]) => id[0]);

  beforeEach(() => {
    ended = [];
    fails = null;
    for (const [digit, bytes] of [
      ['a', 5e8],
      ['b', 9e8],
      ['c', 7e8],
    ] as const)
      group('v2', `plancton-0011aabb/${idOf(digit)}`, bytes);
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    relief = createFirstRelief({
      around: around(),
      log: keepLog(),
      parent: () => foreignClass('idle', ''),
      end: async (trees, id, graceMs) => {
        ended.push([id, trees, graceMs]);
        if (fails !== null) throw fails;
        await done;
      },
    });
  });

  it('ends those that hold most, as many as it takes, each once, with their grace', async () => {
    // The reserve of the policy is 3.2 GB.
    const begun = relief.look(tickAt(1e6, 2.2e9));
    expect(names()).toEqual(['b', 'c']);
    expect(ended[0]).toEqual([
      idOf('b'),
      { unified: join(top, 'v2/plancton-0011aabb', idOf('b')), legacy: [] },
      policy.stopGraceMs,
    ]);
    expect(relief.look(tickAt(1e6 + 1000, 2.2e9))).toBeNull();
    void relief.look(tickAt(1e6 + 2000, 1e9));
    expect(names()).toEqual(['b', 'c', 'a']);
    finish();
    await begun;
  });

  it('tries one that could not be ended again, after a while', async () => {
    fails = new EngineError('timeout', 'it does not end');
    await relief.look(tickAt(1e6, 2.9e9));
    expect(names()).toEqual(['b']);
    await relief.look(tickAt(1e6 + 1000, 2.9e9));
    expect(names()).toEqual(['b', 'c']);
    await relief.look(tickAt(1e6 + policy.stopGraceMs + 5000, 2.9e9));
    expect(names()).toEqual(['b', 'c', 'b']);
  });

  it('does nothing with enough memory, in a dry run, or once an engine has answered', () => {
    void relief.look(tickAt(1e6, 9e9));
    void relief.look(tickAt(1e6, 1e9, { dryRun: true }));
    void relief.look(tickAt(1e6, 1e9, {}, engineInfo));
    expect(names()).toEqual([]);
  });
});
