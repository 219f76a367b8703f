import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import type { PilotTrees } from '../../src/act/pilotCgroup.ts';
import { createFirstRelief, type FirstRelief } from '../../src/daemon/firstRelief.ts';
import { engineOf, foundBelow } from '../../src/daemon/parentContents.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { largestKind } from '../../src/decide/kindPolicy.ts';
import type { Policy } from '../../src/decide/types.ts';
import { EngineError } from '../../src/model/engine.ts';
import { known } from '../../src/model/reading.ts';
import type { EngineView } from '../../src/model/view.ts';
import {
  decideOn,
  ended as endedPilot,
  engineWith,
  hostAt,
  policy,
  running,
  seenAt,
  slotsOf,
} from '../decide/world.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { keepLog } from '../support/quietLog.ts';

const instance = '0011aabb'.repeat(4);
const graceMs = largestKind(policy).stopGraceMs;
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
  let ended: [string, PilotTrees, number, string][];
  let finish: () => void;
  let fails: EngineError | null;
  let relief: FirstRelief;
  const tickAt = (
    atMs: number,
    availableBytes: number,
    rules: Partial<Policy> = {},
    told: Partial<EngineView> = {},
  ): Tick => {
    const memory = known({ totalBytes: 64e9, availableBytes, swapTotalBytes: 0, swapFreeBytes: 0 });
    const engine = engineWith([], { state: 'waiting', listed: false, ...told });
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
      end: async (trees, id, notice) => {
        ended.push([id, trees, notice.graceMs, notice.signal]);
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
      graceMs,
      'SIGTERM',
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
    await relief.look(tickAt(1e6 + graceMs + 5000, 2.9e9));
    expect(names()).toEqual(['b', 'c', 'b']);
  });

  it('does nothing with enough memory, in a dry run, or once an engine has listed', () => {
    void relief.look(tickAt(1e6, 9e9));
    void relief.look(tickAt(1e6, 1e9, { dryRun: true }));
    void relief.look(tickAt(1e6, 1e9, {}, { info: engineInfo, listed: true }));
    void relief.look(tickAt(1e6 + 1000, 1e9, {}, { info: engineInfo, listed: false }));
    expect(names()).toEqual([]);
  });

  it('goes on while an engine answers and does not list', () => {
    void relief.look(tickAt(1e6, 1e9, {}, { info: engineInfo }));
    expect(names()).toEqual(['b', 'c', 'a']);
  });

  describe('is remembered once an engine lists', () => {
    const atMs = 1e6 + 5000;
    const pilotOf = (digit: string) => running(`pilot-${digit}`, 0, { id: idOf(digit) });
    const before = slotsOf('pilot-a', 'pilot-b', 'pilot-c');

    it('as evictions for memory’s sake: those that have ended are told as such, and their slots are gone', async () => {
      const begun = relief.look(tickAt(1e6, 2.2e9));
      finish();
      await begun;
      // Its group is there for as long as the engine hangs.
      rmSync(join(top, 'v2/plancton-0011aabb', idOf('a')), { recursive: true });
      expect(relief.look(tickAt(1e6 + 1000, 1e9))).toBeNull();
      const dead = { ...endedPilot('pilot-b', 137, 9e5, atMs), id: idOf('b') };
      const tick = tickAt(atMs, 9e9, {}, engineWith([pilotOf('a'), dead, pilotOf('c')]));
      const memory = relief.remember(before, tick.sample, tick.policy);
      expect(memory).toMatchObject({
        slots: [{ pilot: 'pilot-a' }],
        leaving: [
          { pilot: 'pilot-b', outcome: 'evicted', sinceMs: 1e6, killed: true },
          { pilot: 'pilot-c', outcome: 'evicted', sinceMs: 1e6, killed: true },
        ],
        lastEvictionMs: 1e6,
        wariness: { bouts: 1, lastMs: 1e6 },
      });
      const { actions } = decideOn(tick.seen, memory);
      expect(actions.filter((action) => action.do === 'start')).toEqual([]);
      expect(actions).toContainEqual(
        expect.objectContaining({ do: 'reap', id: idOf('b'), name: 'pilot-b', outcome: 'evicted' }),
      );
      expect(relief.remember(memory, tick.sample, tick.policy)).toBe(memory);
    });

    it('also while their grace lasts, and not before there are names, nor when they could not be ended', async () => {
      void relief.look(tickAt(1e6, 2.9e9));
      const silent = tickAt(1e6 + 1000, 2.9e9);
      expect(relief.remember(before, silent.sample, silent.policy)).toBe(before);
      fails = new EngineError('rejected', 'its first process cannot be told');
      await relief.look(tickAt(1e6 + 1000, 2.2e9));
      const tick = tickAt(atMs, 9e9, {}, engineWith([pilotOf('a'), pilotOf('b'), pilotOf('c')]));
      const { slots, leaving } = relief.remember(before, tick.sample, tick.policy);
      expect(slots.map(({ pilot }) => pilot)).toEqual(['pilot-a', 'pilot-c']);
      expect(leaving).toEqual([{ pilot: 'pilot-b', outcome: 'evicted', sinceMs: 1e6 }]);
    });
  });
});
