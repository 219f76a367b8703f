import { join } from 'node:path';
import { Secret } from '../model/secret.ts';
import { askHelper, type Credentials } from './credentialHelper.ts';
import { dockerConfigFolder } from './findEndpoint.ts';
import type { NodeFiles } from './nodeFiles.ts';
import { defaultRegistryKey } from '../model/reference.ts';

/** Where credentials for registries come from. */
export interface RegistryAuth {
  /**
   * The value of `X-Registry-Auth` for a registry, named as Docker's configuration does (`host[:port]`, or
   * `https://index.docker.io/v1/`); null where there are no credentials for it. Rejects with an Error of one line,
   * without a secret, when the configuration cannot be read or a credential helper fails.
   */
  headerFor(registryKey: string, signal: AbortSignal): Promise<Secret | null>;
}

/** No credentials for any registry. */
export const noRegistryAuth: RegistryAuth = { headerFor: () => Promise.resolve(null) };

/** What is used of Docker's `config.json`. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry | null>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** Where Docker's configuration is looked for, and what a helper gets as its environment. */
export interface AuthSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly files: Pick<NodeFiles, 'read'>;
}

/** Credentials from Docker's configuration, read anew at each pull: its helpers first, then what it keeps itself. */
export function createRegistryAuth(around: AuthSurroundings): RegistryAuth {
  return {
    headerFor: async (registryKey, signal) => {
      const config = readConfig(around);
      const found = await credentialsFor(config, registryKey, around, signal);
      return found === null ? null : headerOf(found, registryKey);
    },
  };
}

async function credentialsFor(
  config: DockerConfig,
  registryKey: string,
  around: AuthSurroundings,
  signal: AbortSignal,
): Promise<Credentials | null> {
  const helpers = Object.entries(config.credHelpers ?? {});
  const own = helpers.find(([server]) => hostOf(server) === hostOf(registryKey))?.[1];
  const helper = own ?? config.credsStore ?? '';
  const told = helper === '' ? null : await askHelper(helper, registryKey, around.env, signal);
  return told ?? keptCredentials(config, registryKey);
}

/** Credentials kept in the configuration itself: `user:password` in base64, the two apart, or an identity token. */
function keptCredentials(config: DockerConfig, registryKey: string): Credentials | null {
  const entries = Object.entries(config.auths ?? {});
  const entry = entries.find(([server]) => hostOf(server) === hostOf(registryKey))?.[1];
  if (entry === undefined || entry === null) {
    return null;
  }
  const [name = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const username = entry.username ?? name;
  const token = entry.identitytoken ?? '';
  if (token !== '') {
    return { username, secret: new Secret(token), isToken: true };
  }
  // Docker's client pads the password with zero bytes in places.
  const password = entry.password ?? rest.join(':').replace(/\0+$/, '');
  return username === '' ? null : { username, secret: new Secret(password), isToken: false };
}

/** The header as engines decode it: base64 of the URL alphabet, with its padding. */
function headerOf(credentials: Credentials, registryKey: string): Secret {
  const secret = credentials.secret.reveal();
  const fields = credentials.isToken
    ? { identitytoken: secret }
    : { username: credentials.username, password: secret };
  const json = JSON.stringify({ ...fields, serveraddress: registryKey });
  return new Secret(Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_'));
}

function readConfig(around: AuthSurroundings): DockerConfig {
  const path = join(dockerConfigFolder(around), 'config.json');
  const text = around.files.read(path);
  try {
    const config: unknown = text === null ? {} : JSON.parse(text);
    return typeof config === 'object' && config !== null ? config : {};
  } catch {
    // Without the parser's own words and without it as a cause: they quote the file, which holds passwords.
    throw new Error(`${path} is not JSON: mend or remove it`);
  }
}

/** The host of a server however it is written: with a scheme, with a path, or bare; Docker Hub by any of its names. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'docker.io' || host === 'registry-1.docker.io' ? hostOf(defaultRegistryKey) : host;
}
