import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EngineError } from '../model/engine.ts';
import { Secret } from '../model/secret.ts';
import type { EngineSettings } from '../model/settings.ts';
import type { EngineEndpoint, EngineTls } from './endpoint.ts';
import { endpointOfUrl, socketEndpoint } from './endpointUrl.ts';
import type { NodeFiles } from './nodeFiles.ts';

/** What surrounds the daemon and bears on where its engine is. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly uid: number;
  readonly files: NodeFiles;
}

/** What is used of a context's `meta.json`. */
interface ContextMeta {
  readonly Endpoints?: {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
  };
}

const defaultSocket = '/var/run/docker.sock';

/**
 * Where the engine is, by the first of: the configuration's `url`, its `context`, DOCKER_HOST, DOCKER_CONTEXT, the
 * current context of Docker's configuration, the sockets where engines of this node are usually found. Where there is
 * none it is `/var/run/docker.sock`, so that an engine that comes up later is found. Throws `EngineError` ('rejected')
 * when what is told cannot be used.
 */
export function findEndpoint(settings: EngineSettings, around: Surroundings): EngineEndpoint {
  const { env } = around;
  if (settings.url !== null) {
    return endpointOfUrl(settings.url, 'the configuration (engine url)', () => settingsTls(settings, around));
  }
  if (settings.context !== null) {
    return contextEndpoint(settings.context, 'the configuration', around);
  }
  const host = env['DOCKER_HOST'] ?? '';
  if (host !== '') {
    return endpointOfUrl(host, 'DOCKER_HOST', () => environmentTls(around));
  }
  const named = env['DOCKER_CONTEXT'] ?? '';
  if (named !== '') {
    return contextEndpoint(named, 'DOCKER_CONTEXT', around);
  }
  const current = currentContext(around);
  return current === null ? usualSocket(around) : contextEndpoint(current, "Docker's configuration", around);
}

/** The folder of Docker's client configuration: DOCKER_CONFIG, or `.docker` in the home folder. */
export function dockerConfigFolder(around: Pick<Surroundings, 'env' | 'homeFolder'>): string {
  const told = around.env['DOCKER_CONFIG'] ?? '';
  return told === '' ? join(around.homeFolder, '.docker') : told;
}

function usualSocket(around: Surroundings): EngineEndpoint {
  const told = around.env['XDG_RUNTIME_DIR'] ?? '';
  const runtime = told === '' ? `/run/user/${around.uid}` : told;
  const system = [defaultSocket, '/run/podman/podman.sock'];
  const users = [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')];
  // Docker before Podman, the machine's before the user's; root has nothing to look for in a user's.
  const candidates =
    around.uid === 0
      ? system
      : [system[0], users[0], system[1], users[1]].filter((path) => path !== undefined);
  const found =
    candidates.find((path) => around.files.socket(path) === 'open') ??
    candidates.find((path) => around.files.socket(path) === 'denied');
  return socketEndpoint(found ?? defaultSocket, 'the usual places');
}

function currentContext(around: Surroundings): string | null {
  const path = join(dockerConfigFolder(around), 'config.json');
  const config = parseJson(
    readOr(around, path, () => null),
    path,
  ) as { currentContext?: unknown } | null;
  const name = config?.currentContext;
  return typeof name === 'string' && name !== '' && name !== 'default' ? name : null;
}

function contextEndpoint(name: string, by: string, around: Surroundings): EngineEndpoint {
  if (name === 'default') {
    return usualSocket(around);
  }
  const contexts = join(dockerConfigFolder(around), 'contexts');
  // Docker's client files a context under the SHA-256 of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const path = join(contexts, 'meta', id, 'meta.json');
  const meta = parseJson(readOr(around, path, refused), path) as ContextMeta | null;
  const docker = meta?.Endpoints?.docker;
  if (docker?.Host === undefined) {
    const why = meta === null ? `there is none in ${contexts}` : 'it names no engine';
    throw new EngineError('rejected', `context "${name}", told by ${by}, cannot be used: ${why}`);
  }
  const folder = join(contexts, 'tls', id, 'docker');
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  return endpointOfUrl(docker.Host, `context "${name}"`, () => {
    const tls = readTls(files, docker.SkipTLSVerify !== true, around);
    return tls.ca === null && tls.cert === null && docker.SkipTLSVerify !== true ? null : tls;
  });
}

function settingsTls({ tls }: EngineSettings, around: Surroundings): EngineTls | null {
  if (tls === null) {
    return null;
  }
  const read = readTls(tls, tls.verify, around);
  for (const [what, path] of [
    ['ca', tls.ca],
    ['cert', tls.cert],
    ['key', tls.key],
  ] as const) {
    if (path !== null && read[what] === null) {
      throw new EngineError('rejected', `engine tls ${what}: there is no file ${path}`);
    }
  }
  return read;
}

function environmentTls(around: Surroundings): EngineTls | null {
  const isSet = (name: string): boolean => (around.env[name] ?? '') !== '';
  if (!isSet('DOCKER_TLS_VERIFY') && !isSet('DOCKER_TLS')) {
    return null;
  }
  const folder = isSet('DOCKER_CERT_PATH')
    ? (around.env['DOCKER_CERT_PATH'] ?? '')
    : dockerConfigFolder(around);
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const tls = readTls(files, isSet('DOCKER_TLS_VERIFY'), around);
  if (isSet('DOCKER_CERT_PATH') && tls.verify && tls.ca === null) {
    throw new EngineError('rejected', `DOCKER_CERT_PATH: there is no file ${files.ca}`);
  }
  return tls;
}

function readTls(
  files: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null },
  verify: boolean,
  around: Surroundings,
): EngineTls {
  const read = (path: string | null): string | null => (path === null ? null : readOr(around, path, refused));
  const key = read(files.key);
  return { ca: read(files.ca), cert: read(files.cert), key: key === null ? null : new Secret(key), verify };
}

function readOr(around: Surroundings, path: string, failed: (error: Error) => null): string | null {
  try {
    return around.files.read(path);
  } catch (thrown) {
    return failed(thrown as Error);
  }
}

function refused(error: Error): never {
  throw new EngineError('rejected', error.message, { cause: error });
}

function parseJson(text: string | null, path: string): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    // Without the parser's own words and without it as a cause: they quote the file, which may hold passwords.
    throw new EngineError('rejected', `${path} is not JSON: mend or remove it`);
  }
}
