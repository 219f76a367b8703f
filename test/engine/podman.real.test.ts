import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine } from '../../src/model/engine.ts';
import { importBusybox } from '../support/image.ts';
import { kindOf } from '../support/kinds.ts';
import { startPodman, type TestPodman } from '../support/podman.ts';

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
    const spec = { name: 'homemade', hostname: 'h', kind, labels: {}, cgroupParent: null };
    const pilot = await engine.create(spec, signal);
    await engine.start(pilot, signal);
    expect(await engine.inspect(pilot, signal)).toMatchObject({ imageId: id, state: 'running' });
  });
});
