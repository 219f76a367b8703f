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
  /** Ends its process, so that connections are refused; what was pushed stays. */
  pause(): Promise<void>;
  /** Serves again, at the same address, unless it does. */
  resume(): Promise<void>;
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
  let runs = 0;
  let server: ReturnType<typeof startServer> | null = null;
  const serve = async (port: string): Promise<string> => {
    const configuration = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: `127.0.0.1:${port}`, secret: 'of no worth' },
      ...(options.htpasswd === true ? { auth } : {}),
    };
    runs += 1;
    // JSON is YAML too.
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(configuration));
    const started = startServer(program, ['serve', join(folder, 'config.yml')], join(folder, `log${runs}`));
    server = started;
    return until('the registry listens', () => {
      if (!started.runs()) throw new Error(`docker-registry ended at once: ${started.log().trim()}`);
      return /listening on 127\.0\.0\.1:(\d+)/.exec(started.log())?.[1];
    });
  };
  const pause = async (): Promise<void> => {
    await server?.stop();
    server = null;
  };
  const stop = async (): Promise<void> => {
    await pause();
    await sweepFolder(folder);
  };
  try {
    const port = await serve('0');
    return {
      host: `127.0.0.1:${port}`,
      pause,
      resume: async () => void (server ?? (await serve(port))),
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
