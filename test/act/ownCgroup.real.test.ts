import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { held } from '../../src/act/kernelValue.ts';
import { endThroughCgroup, killThroughCgroup } from '../../src/act/pilotCgroup.ts';
import { reclaimThroughCgroup } from '../../src/act/pilotReclaim.ts';
import type { ParentClass } from '../../src/act/parentClass.ts';
import { realSurroundings, removeEmptyParent, setUpParent } from '../../src/daemon/parentSetUp.ts';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine, EngineInfo } from '../../src/model/engine.ts';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { parentFor, pilotTrees } from '../../src/sample/pilotsParent.ts';
import { startDocker } from '../support/docker.ts';
import { importBusybox } from '../support/image.ts';
import { kindOf } from '../support/kinds.ts';
import { startPodman } from '../support/podman.ts';
import { until } from '../support/until.ts';

const { signal } = new AbortController();

interface RealEngine {
  readonly socket: string;
  /** Makes the engine deaf and wakes it; null where no daemon stands between. */
  readonly hang: ((isHung: boolean) => void) | null;
  stop(): Promise<void>;
}

async function docker(): Promise<RealEngine> {
  const started = await startDocker();
  const hang = (isHung: boolean): void => void process.kill(started.pid(), isHung ? 'SIGSTOP' : 'SIGCONT');
  return { socket: started.socket, hang, stop: () => started.stop() };
}

async function podman(): Promise<RealEngine> {
  const started = await startPodman();
  return { socket: started.socket, hang: null, stop: () => started.stop() };
}

describe.each([
  ['Docker', docker, 'bridge'],
  ['Podman', podman, 'none'],
] as const)('below a parent of our own, with %s', (_product, start, networkMode) => {
  const instance = randomBytes(16).toString('hex');
  const mounts = readCgroupMounts('/');
  let real: RealEngine;
  let engine: Engine;
  let info: EngineInfo;
  let parent: ParentClass;
  let serial = 0;

  const treesOf = (id: string) => pilotTrees(mounts, info, instance, id, 0) ?? { unified: null, legacy: [] };
  const foldersOf = (id: string) => {
    const { unified, legacy } = treesOf(id);
    return [...legacy, ...(unified === null ? [] : [unified])];
  };
  const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
  /** Does something about its notice, which shows in its exit code. */
  const heeds = "trap 'exit 7' TERM; sleep 600 & wait";
  const ignores = "trap '' TERM; sleep 600 & sleep 600";
  const started = async (script = ignores): Promise<{ id: string; pid: number }> => {
    serial += 1;
    const name = `plancton-own-${serial}`;
    const kind = kindOf({ networkMode, command: ['sh', '-c', script] });
    const spec = {
      name,
      hostname: name,
      kind,
      env: {},
      binds: [],
      labels: {},
      cgroupParent: parentFor(info, instance),
    };
    const id = await engine.create(spec, signal);
    await parent.lifted(() => engine.start(id, signal));
    return { id, pid: (await engine.inspect(id, signal)).pid ?? 0 };
  };

  beforeAll(async () => {
    real = await start();
    await importBusybox(real.socket, 'busybox:latest');
    const endpoint = { kind: 'unix', socketPath: real.socket, foundBy: 'the test' } as const;
    engine = createDockerEngine(endpoint, noRegistryAuth);
    info = await engine.connect(signal);
    const cost = { nowMs: () => performance.now(), cpuCount: 1, pilotsCpuMs: () => 0 };
    parent = await setUpParent(info, 'idle', realSurroundings(instance), cost, signal);
  });
  afterAll(async () => {
    await real?.stop();
    if (info !== undefined) removeEmptyParent(info, instance);
  });

  it('the kernel holds the class that was asked for, and what is undone is seen', () => {
    expect(parent).toMatchObject({ cpuClass: 'idle', asked: 'idle' });
    const group = `plancton-${instance.slice(0, 8)}`;
    const { cpu = mounts.unified ?? '', blkio } = mounts.legacy;
    expect(readFileSync(join(cpu, group, 'cpu.idle'), 'utf8').trim()).toBe('1');
    // Not every kernel has it.
    expect([null, '1']).toContain(held(join(blkio ?? '', group, 'blkio.bfq.weight')));
    expect(parent.isUndone()).toBe(false);
  });

  it('a pilot’s cgroup is where it is looked for, with all its processes', async () => {
    const { id, pid } = await started();
    const present = foldersOf(id).filter((folder) => existsSync(folder));
    expect(present).toEqual(foldersOf(id));
    for (const folder of present)
      expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n')).toContain(String(pid));
    await engine.remove(id, signal);
  });

  it('a pilot dies through its cgroup, a paused one too, while the engine hangs; its neighbour lives', async () => {
    const [running, paused, neighbour] = [await started(), await started(), await started()];
    await engine.pause(paused.id, signal);
    real.hang?.(true);
    try {
      await killThroughCgroup(treesOf(running.id), running.id, parent, signal);
      await killThroughCgroup(treesOf(paused.id), paused.id, parent, signal);
      await until('both are gone', () => !isAlive(running.pid) && !isAlive(paused.pid));
      expect(isAlive(neighbour.pid)).toBe(true);
    } finally {
      real.hang?.(false);
    }
    for (const { id } of [running, paused]) {
      await until('the engine has seen it', async () => (await engine.inspect(id, signal)).state === 'ended');
      // Podman's clean-up comes a little after the end.
      await until('its cgroup is gone', () => foldersOf(id).every((folder) => !existsSync(folder)));
      await expect(killThroughCgroup(treesOf(id), id, parent, signal)).rejects.toMatchObject({
        fault: 'rejected',
      });
      await engine.remove(id, signal);
    }
    await engine.remove(neighbour.id, signal);
  });

  it('a pilot has notice and its end from us while the engine hangs: who heeds it and who does not, paused or not', async () => {
    const heedsOther = (signalName: string): string =>
      heeds.replace('exit 7', 'exit 8').replace('TERM', signalName);
    const pilots = [await started(heeds), await started(heeds), await started(), await started()];
    const others = [await started(heedsOther('USR1')), await started(heedsOther('37'))];
    for (const { id } of [pilots[1], pilots[3]].filter((one) => one !== undefined))
      await engine.pause(id, signal);
    const neighbour = await started(heeds);
    real.hang?.(true);
    try {
      const end = async (id: string, graceMs: number, name: string): Promise<void> =>
        endThroughCgroup(treesOf(id), id, { graceMs, signal: name }, parent, signal);
      await Promise.all([
        ...pilots.map(({ id }, which) => end(id, which < 2 ? 600_000 : 200, 'SIGTERM')),
        ...others.map(({ id }, which) => end(id, 600_000, which === 0 ? 'SIGUSR1' : 'SIGRTMIN+3')),
      ]);
      // A killed process goes when the kernel has a moment for it.
      await until('all are gone', () => [...pilots, ...others].every(({ pid }) => !isAlive(pid)));
      expect(isAlive(neighbour.pid)).toBe(true);
    } finally {
      real.hang?.(false);
    }
    const exitCodes = [];
    for (const { id } of [...pilots, ...others]) {
      await until('the engine has seen it', async () => (await engine.inspect(id, signal)).state === 'ended');
      exitCodes.push((await engine.inspect(id, signal)).exitCode);
      await engine.remove(id, signal);
    }
    expect(exitCodes).toEqual([7, 7, 137, 137, 8, 8]);
    expect(parent.isUndone()).toBe(false);
    await engine.remove(neighbour.id, signal);
  });

  it('a pilot weighs what it did for as long as its grace lasts, and more than its siblings at its kill', async () => {
    const { id } = await started();
    const weights = (): readonly string[] =>
      foldersOf(id).flatMap((folder) =>
        ['cpu.shares', 'cpu.weight'].flatMap((file) => held(join(folder, file)) ?? []),
      );
    const before = weights();
    const seen: (readonly string[])[] = [];
    const look = <T>(work: () => Promise<T>): Promise<T> => {
      seen.push(weights());
      return work();
    };
    await endThroughCgroup(
      treesOf(id),
      id,
      { graceMs: 200, signal: 'SIGTERM' },
      { lifted: look, liftedForOwner: look },
      signal,
    );
    expect(before.length).toBeGreaterThan(0);
    expect(seen[0]).toEqual(before);
    expect(['262144', '10000']).toContain(seen[1]?.[0]);
    // Podman removes none whose end it is still taking in.
    await until('the engine has seen it', async () => (await engine.inspect(id, signal)).state === 'ended');
    await engine.remove(id, signal);
  });

  it('memory is reclaimed where the kernel can, and refused in words where it cannot', async () => {
    const { id } = await started();
    const { unified } = treesOf(id);
    const attempt = reclaimThroughCgroup(treesOf(id), id, 4096, signal);
    const canIt = unified !== null && existsSync(join(unified, 'memory.current'));
    const outcome = await attempt.then(
      () => 'done',
      (error: { fault: string }) => error.fault,
    );
    expect(outcome).toBe(canIt ? 'done' : 'rejected');
    await engine.remove(id, signal);
  });

  it('the parent goes when it is empty, and what the engine left in it', async () => {
    const folders = [...Object.values(mounts.legacy), mounts.unified ?? ''].map((mount) =>
      join(mount, `plancton-${instance.slice(0, 8)}`),
    );
    // Podman's monitors end a little after their containers.
    await until('the parent is gone', () => {
      removeEmptyParent(info, instance);
      return folders.every((folder) => !existsSync(folder));
    });
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });
});
