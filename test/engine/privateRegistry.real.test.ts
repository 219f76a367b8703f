import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { nodeFiles } from '../../src/engine/nodeFiles.ts';
import { createRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine } from '../../src/model/engine.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { importBusybox, pushImage, removeTag } from '../support/image.ts';
import { registryUser, startRegistry, type TestRegistry } from '../support/registry.ts';

const signal = new AbortController().signal;

describe('a registry that asks who is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-auth-'));
  let registry: TestRegistry;
  let docker: TestDocker;
  let image = '';

  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: true });
    docker = await startDocker();
    image = `${registry.host}/team/pilot:1`;
    await importBusybox(docker.socket, image);
    await pushImage(docker.socket, image, registryUser);
    await removeTag(docker.socket, image);
  });
  afterAll(async () => {
    await docker.stop();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const engineWith = (password: string | null): Engine => {
    const auth = Buffer.from(`${registryUser.username}:${password}`).toString('base64');
    const auths = password === null ? {} : { [registry.host]: { auth } };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
    const around = { env: { DOCKER_CONFIG: folder }, homeFolder: '/nowhere', files: nodeFiles };
    const endpoint = { kind: 'unix', socketPath: docker.socket, foundBy: 'the test' } as const;
    return createDockerEngine(endpoint, createRegistryAuth(around));
  };

  it('gives its images to who is known', async () => {
    const id = await engineWith(registryUser.password).pull(image, signal);
    expect(id).toMatch(/^sha256:/);
  });

  it.each([
    ['no password', null],
    ['a wrong password', 'hush'],
  ])('refuses %s, and says what to do', async (_what, password) => {
    const attempt = engineWith(password).pull(image, signal);
    await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'denied' });
    await expect(attempt).rejects.toThrow(/docker login/);
    await expect(attempt).rejects.not.toThrow(/hush/);
  });
});
