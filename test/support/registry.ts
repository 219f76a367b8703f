import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepFolder } from './leftovers.ts';
import { requireProgram, startServer } from './programs.ts';
import { until } from './until.ts';

/** An image registry of a test's own, plain HTTP on the loopback. */
export interface TestRegistry {
  /** `127.0.0.1:port`, as it stands in an image's name. */
  readonly host: string;
  stop(): Promise<void>;
}

/** The one user of a registry with `htpasswd`; the line holds its password's bcrypt hash. */
export const registryUser = {
  username: 'pilot',
  password: 'over-the-sea',
  htpasswd: 'pilot:$2b$05$w9vjOOBxtWoeddTQx3hcxO/xziKvKpfn5KGIbs.lwrpbv9EEAC1y.',
};

/** Starts a registry; with `htpasswd` it lets only `registryUser` in. */
export async function startRegistry(options: { readonly htpasswd?: boolean } = {}): Promise<TestRegistry> {
  const program = requireProgram('docker-registry', 'docker-registry');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-registry-'));
  const passwords = join(folder, 'htpasswd');
  mkdirSync(join(folder, 'data'));
  writeFileSync(passwords, `${registryUser.htpasswd}\n`);
  const auth = { htpasswd: { realm: 'plancton test', path: passwords } };
  const configuration = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: '127.0.0.1:0', secret: 'of no worth' },
    ...(options.htpasswd === true ? { auth } : {}),
  };
  // JSON is YAML too.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(configuration));
  const server = startServer(program, ['serve', join(folder, 'config.yml')], join(folder, 'log'));
  const stop = async (): Promise<void> => {
    await server.stop();
    await sweepFolder(folder);
  };
  try {
    const port = await until('the registry listens', () => {
      if (!server.runs()) {
        throw new Error(`docker-registry ended at once: ${server.log().trim()}`);
      }
      return /listening on 127\.0\.0\.1:(\d+)/.exec(server.log())?.[1];
    });
    return { host: `127.0.0.1:${port}`, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
