import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { findEndpoint } from '../../src/engine/findEndpoint.ts';
import { nodeFiles } from '../../src/engine/nodeFiles.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine } from '../../src/model/engine.ts';
import type { EngineSettings } from '../../src/model/settings.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { freePort } from '../support/freePort.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;

describe('an engine behind TLS', () => {
  let port = 0;
  let certificates: Certificates;
  let strangers: Certificates;
  let docker: TestDocker;

  beforeAll(async () => {
    port = await freePort();
    certificates = await makeCertificates();
    strangers = await makeCertificates();
    docker = await startDocker({
      args: [
        `--host=tcp://127.0.0.1:${port}`,
        '--tlsverify',
        `--tlscacert=${certificates.ca}`,
        `--tlscert=${certificates.server.cert}`,
        `--tlskey=${certificates.server.key}`,
      ],
    });
  });
  afterAll(async () => {
    await docker.stop();
    certificates.remove();
    strangers.remove();
  });

  const engineBy = (env: Readonly<Record<string, string>>, tls: EngineSettings['tls'] = null): Engine => {
    const url = tls === null ? null : `tcp://127.0.0.1:${port}`;
    const around = { env, homeFolder: '/nowhere', uid: 0, files: nodeFiles };
    return createDockerEngine(findEndpoint({ url, context: null, tls }, around), noRegistryAuth);
  };
  const environment = (folder: string) => ({
    DOCKER_HOST: `tcp://127.0.0.1:${port}`,
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: folder,
  });

  it('is reached with the certificates of the environment, and is not this node for certain', async () => {
    const engine = engineBy(environment(certificates.folder));
    expect(await engine.connect(signal)).toMatchObject({ product: 'docker', local: false });
    expect(engine.endpoint).toBe(`https://127.0.0.1:${port}`);
    expect(await engine.list({}, signal)).toEqual([]);
  });

  it('is followed', async () => {
    const engine = engineBy(environment(certificates.folder));
    const stop = new AbortController();
    let isReady = false;
    const end = engine.follow(
      'x',
      () => {
        isReady = true;
      },
      () => undefined,
      stop.signal,
    );
    await until('the subscription is accepted', () => isReady);
    stop.abort();
    await expect(end).resolves.toBeUndefined();
  });

  it('is reached with the certificates of the configuration, unchecked when that says so', async () => {
    const { cert, key } = certificates.client;
    const checked = engineBy({}, { ca: certificates.ca, cert, key, verify: true });
    const unchecked = engineBy({}, { ca: null, cert, key, verify: false });
    expect((await checked.connect(signal)).product).toBe('docker');
    expect((await unchecked.connect(signal)).product).toBe('docker');
  });

  it('is not believed with a certificate of another authority, and refuses a stranger', async () => {
    const { cert, key } = certificates.client;
    const foreign = engineBy({}, { ca: strangers.ca, cert, key, verify: true });
    await expect(foreign.connect(signal)).rejects.toThrow(/certificate/);
    const stranger = engineBy({}, { ca: certificates.ca, ...strangers.client, verify: true });
    await expect(stranger.connect(signal)).rejects.toMatchObject({ name: 'EngineError' });
    const plain = engineBy({ DOCKER_HOST: `tcp://127.0.0.1:${port}` });
    await expect(plain.connect(signal)).rejects.toMatchObject({ fault: 'rejected' });
  });
});
