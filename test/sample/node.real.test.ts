import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeEmptyParent } from '../../src/daemon/parentSetUp.ts';
import type { EngineInfo } from '../../src/model/engine.ts';
import type { HostQuestion, HostSample } from '../../src/model/host.ts';
import { createNode } from '../../src/sample/node.ts';
import { parentFor } from '../../src/sample/pilotsParent.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { engineApi } from '../support/engineApi.ts';
import { importBusybox } from '../support/image.ts';
import { until } from '../support/until.ts';

const instance = process.pid.toString(16).padStart(8, '0');
const megabytes = 1e6;
let docker: TestDocker;
let info: EngineInfo;

beforeAll(async () => {
  docker = await startDocker();
  await importBusybox(docker.socket, 'pilot:test');
  const told = (await engineApi(docker.socket, '/info')) as { CgroupDriver: string; CgroupVersion: string };
  info = {
    local: true,
    product: 'docker',
    rootless: false,
    dataFolder: docker.dataFolder,
    cgroupDriver: told.CgroupDriver,
    cgroupVersion: Number(told.CgroupVersion),
  } as EngineInfo;
});

afterAll(async () => {
  await docker.stop();
  removeEmptyParent(info, instance);
});

/** Starts a container as a pilot is; gives its id. */
async function startPilot(script: string): Promise<string> {
  const body = {
    Image: 'pilot:test',
    Cmd: ['sh', '-c', script],
    HostConfig: { CgroupParent: parentFor(info, instance), NetworkMode: 'none', Tmpfs: { '/memory': '' } },
  };
  const { Id } = (await engineApi(docker.socket, '/containers/create', { method: 'POST', body })) as {
    Id: string;
  };
  await engineApi(docker.socket, `/containers/${Id}/start`, { method: 'POST' });
  return Id;
}

describe('a node with pilots', () => {
  it('tells what each of them uses and what all of them use, and when they go', async () => {
    const node = createNode('/', 0);
    node.useEngine(info, instance);
    const ids = [
      await startPilot('head -c 50000000 /dev/zero >/memory/x; while :; do :; done'),
      await startPilot('exec sleep 100000'),
    ];
    const [busy = '', idle = ''] = ids;
    const question: HostQuestion = { nowMs: 0, wallMs: Date.now(), pilotIds: ids };
    let sample: HostSample = node.sample(question);
    await until('the busy pilot has used its memory and half a second of CPU', () => {
      sample = node.sample(question);
      const use = sample.pilotUse.get(busy);
      return use !== undefined && use.cpuMs > 500 && use.memoryBytes > 50 * megabytes;
    });
    const quiet = sample.pilotUse.get(idle);
    expect(quiet?.cpuMs).toBeLessThan(500);
    expect(quiet?.memoryBytes).toBeLessThan(20 * megabytes);
    const all = [sample.pilotsCpuMs, sample.pilotsMemoryBytes].map(
      (reading) => reading.known && reading.value,
    );
    expect(all[0]).toBeGreaterThan(500);
    expect(all[1]).toBeGreaterThan(50 * megabytes);
    const senses = [sample.cpu, sample.memory, sample.disk, sample.runnable];
    expect(senses.filter((sense) => !sense.known)).toEqual([]);
    expect(sample.runnable.known && sample.runnable.value).toBeGreaterThan(0);

    await engineApi(docker.socket, `/containers/${busy}?force=1`, { method: 'DELETE' });
    expect([...node.sample(question).pilotUse.keys()]).toEqual([idle]);
  });

  it('tells how long its pilots waited for each other, where the kernel tells it', async () => {
    const node = createNode('/', 0);
    node.useEngine(info, instance);
    const question: HostQuestion = { nowMs: 0, wallMs: Date.now(), pilotIds: [] };
    const crowd = Array.from({ length: 2 * availableParallelism() }, () => startPilot('while :; do :; done'));
    const ids = await Promise.all(crowd);
    // Endless where the kernel has no pressure files, or pilots no groups in the tree that has them.
    const waitedMs = (): number => {
      const { cpu } = node.sample(question).pressure.pilots;
      return cpu.known ? cpu.value.someMs : Number.POSITIVE_INFINITY;
    };
    await until('the pilots have waited for each other', () => waitedMs() > 300);
    expect(waitedMs()).toBeGreaterThan(300);
    await Promise.all(
      ids.map((id) => engineApi(docker.socket, `/containers/${id}?force=1`, { method: 'DELETE' })),
    );
  });
});
