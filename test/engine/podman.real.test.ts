import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine } from '../../src/model/engine.ts';
import { insideOf } from '../contract/realInside.ts';
import { importBusybox } from '../support/image.ts';
import { kindOf } from '../support/kinds.ts';
import { startPodman, type TestPodman } from '../support/podman.ts';
import { requireProgram } from '../support/programs.ts';

const signal = new AbortController().signal;

describe('an image that Podman made itself', () => {
  let podman: TestPodman;
  let engine: Engine;
  let id = '';

  beforeAll(async () => {
    podman = await startPodman();
    id = await importBusybox(podman.socket, 'localhost/homemade:1');
    engine = createDockerEngine({ kind: 'unix', socketPath: podman.socket, foundBy: 'x' }, noRegistryAuth);
    await engine.connect(signal);
  });
  afterAll(() => podman.stop());

  it('is found under its short name, of which a pilot can be made', async () => {
    expect(await engine.findImage('homemade:1', signal)).toBe(id);
    const kind = kindOf({ image: 'homemade:1', networkMode: 'none' });
    const spec = {
      name: 'homemade',
      hostname: 'h',
      kind,
      env: {},
      binds: [],
      labels: {},
      cgroupParent: null,
    };
    const pilot = await engine.create(spec, signal);
    await engine.start(pilot, signal);
    expect(await engine.inspect(pilot, signal)).toMatchObject({ imageId: id, state: 'running' });
  });
});

describe('a Podman that has an init program', () => {
  let podman: TestPodman;
  beforeAll(async () => {
    podman = await startPodman({ initProgram: requireProgram('tini-static', 'tini') });
    await importBusybox(podman.socket, 'busybox:latest');
  });
  afterAll(() => podman.stop());

  it('gives it to pilots although it does not tell that it has one, but to those that want none', async () => {
    const warnings: string[] = [];
    const endpoint = { kind: 'unix', socketPath: podman.socket, foundBy: 'x' } as const;
    const engine = createDockerEngine(endpoint, noRegistryAuth, (text) => warnings.push(text));
    expect((await engine.connect(signal)).hasInit).toBe(false);
    const firstOf = async (name: string, init: boolean | null): Promise<string> => {
      const kind = kindOf({ networkMode: 'none', init });
      const spec = { name, hostname: 'h', kind, env: {}, binds: [], labels: {}, cgroupParent: null };
      const pilot = await engine.create(spec, signal);
      await engine.start(pilot, signal);
      const { pid } = await engine.inspect(pilot, signal);
      return (await insideOf(pid ?? 0)).firstProcess;
    };
    expect(await firstOf('a', null)).toMatch(/init/);
    expect(await firstOf('b', true)).toMatch(/init/);
    expect(await firstOf('c', false)).toBe('sleep');
    expect(warnings).toEqual([]);
  });
});
