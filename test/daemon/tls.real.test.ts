import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { engineApi } from '../support/engineApi.ts';
import { freePort } from '../support/freePort.ts';
import { importBusybox } from '../support/image.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, localImage, ran, small } from './rig.ts';

const pilots = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 1\n`;

let engine: TestDocker;
let certificates: Certificates;
let strangers: Certificates;
let plancton: TestPlancton;
let url: string;

beforeAll(async () => {
  certificates = await makeCertificates();
  strangers = await makeCertificates();
  const port = await freePort();
  url = `tcp://127.0.0.1:${port}`;
  const { ca, server } = certificates;
  const tls = ['--tlsverify', `--tlscacert=${ca}`, `--tlscert=${server.cert}`, `--tlskey=${server.key}`];
  engine = await startDocker({ args: [`--host=${url}`, ...tls] });
  await importBusybox(engine.socket, localImage);
});
afterAll(async () => {
  await engine.stop();
  certificates.remove();
  strangers.remove();
});
beforeEach(() => {
  plancton = makePlancton(engine.socket);
});
afterEach(() => plancton.remove());

/** Waits for two pilots, removes one behind Plancton's back, and waits for the next. */
async function startsAndRefills(): Promise<void> {
  const [first] = await plancton.running(2);
  await engineApi(engine.socket, `/containers/${first?.Id}?force=1`, { method: 'DELETE' });
  const next = await plancton.running(2);
  expect(next.map((pilot) => pilot.Id)).not.toContain(first?.Id);
  await plancton.logged(/started plancton-worker-\w+ \(refill\)/);
  const { engine: told } = await plancton.status();
  expect(told).toMatchObject({ answering: true, endpoint: url.replace('tcp', 'https') });
}

const section = ({ ca }: Certificates, { client }: Certificates): string =>
  `${url}\n  tls:\n    ca: ${ca}\n    cert: ${client.cert}\n    key: ${client.key}`;

describe('a daemon whose engine is behind TLS', () => {
  it('starts and refills pilots with the certificates of the configuration', async () => {
    configure(plancton, section(certificates, certificates), pilots);
    await begin(plancton);
    await startsAndRefills();
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
  });

  it('starts and refills pilots with the certificates of the environment', async () => {
    writeFileSync(plancton.configFile, pilots);
    const env = { DOCKER_HOST: url, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates.folder };
    await begin(plancton, env);
    await startsAndRefills();
    // Without a daemon the command itself needs them.
    await plancton.ctl('stop');
    expect(await ran(plancton.launch(['force-stop'], env))).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
    // What cleans up after each test has nothing of this environment.
    configure(plancton, section(certificates, certificates), pilots);
  });

  it.each([
    ['an authority that did not sign the engine’s', () => section(strangers, certificates), /certificate/],
    ['a client’s that the engine does not know', () => section(certificates, strangers), /./],
    ['none', () => url, /./],
  ])(
    'with certificates of %s waits, says why, and begins once they are right',
    async (_whose, wrong, why) => {
      configure(plancton, wrong(), pilots);
      await begin(plancton);
      const { engine: told } = await until('the reason', async () => {
        const status = await plancton.status();
        return status.engine.reason === 'not asked yet' || status.engine.reason === '' ? null : status;
      });
      expect(told).toMatchObject({ answering: false, reason: expect.stringMatching(why) as string });
      expect(await plancton.pilots()).toEqual([]);
      configure(plancton, section(certificates, certificates), pilots);
      await plancton.running(2);
    },
  );
});
