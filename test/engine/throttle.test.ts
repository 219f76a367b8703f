import { describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import { answerJson, handshake, startScriptedEngine } from '../support/scriptedEngine.ts';

const signal = new AbortController().signal;
const podman = { ...handshake.version, Version: '4.2.0', Components: [{ Name: 'Podman Engine' }] };

/** Asks an engine that answers updates so, and says that the container is in this state; gives what was asked, and the error. */
async function throttled(version: object, status: number, answer: unknown, state: string) {
  const scripted = await startScriptedEngine(({ path }, response) => {
    if (path.endsWith('/update')) return answerJson(response, status, answer);
    if (path.endsWith('/json')) {
      return answerJson(response, 200, { Id: 'c1', Name: '/c', State: { Status: state }, Config: {} });
    }
    return answerJson(response, 200, path === '/version' ? version : handshake.info);
  });
  const endpoint = { kind: 'unix', socketPath: scripted.socket, foundBy: 'the test' } as const;
  const error: unknown = await createDockerEngine(endpoint, noRegistryAuth)
    .throttle('c1', 0.5, signal)
    .catch((thrown: unknown) => thrown);
  await scripted.stop();
  return { request: scripted.requests.find(({ path }) => path.endsWith('/update')), error };
}

describe('a change of the CPU limit', () => {
  it('is asked of Docker in its own terms, and of Podman in those of the runtime', async () => {
    const docker = await throttled(handshake.version, 200, { Warnings: null }, 'running');
    expect(docker.request?.path).toBe('/v1.41/containers/c1/update');
    expect(JSON.parse(docker.request?.body ?? '')).toEqual({ CpuPeriod: 100_000, CpuQuota: 50_000 });
    const other = await throttled(podman, 201, 'c1', 'running');
    expect(other.request?.path).toBe('/v1.41/libpod/containers/c1/update');
    expect(JSON.parse(other.request?.body ?? '')).toEqual({ cpu: { period: 100_000, quota: 50_000 } });
    expect([docker.error, other.error]).toEqual([undefined, undefined]);
  });

  it('is told to be impossible where Podman has no call for it', async () => {
    const { error } = await throttled(podman, 404, 'Not Found', 'running');
    expect(error).toMatchObject({ fault: 'rejected' });
    expect(String(error)).toMatch(/container c1: podman 4\.2\.0 has no call for it/);
  });

  it('is told to be impossible where Docker does nothing and warns', async () => {
    const answer = { Warnings: ['Your kernel does not support CPU cfs quota. Quota discarded.'] };
    const { error } = await throttled(handshake.version, 200, answer, 'running');
    expect(error).toMatchObject({ fault: 'rejected' });
    expect(String(error)).toContain('Quota discarded');
  });

  it('that fails on one that has ended changes nothing; on one that runs it is a fault', async () => {
    const answer = { message: 'runc did not do it' };
    expect((await throttled(podman, 500, answer, 'exited')).error).toBeUndefined();
    expect((await throttled(podman, 500, answer, 'running')).error).toMatchObject({ fault: 'failed' });
    expect((await throttled(handshake.version, 400, answer, 'running')).error).toMatchObject({
      fault: 'rejected',
    });
  });
});
