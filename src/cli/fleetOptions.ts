import { Unfit } from '../config/fields.ts';
import { loadSettings } from '../config/load.ts';
import { readConfigFile } from '../config/readFile.ts';
import { parseServerUrl } from '../config/urls.ts';
import type { FleetSource } from '../model/fleet.ts';
import type { Places } from '../model/places.ts';
import { Secret } from '../model/secret.ts';
import { UserFault } from './fault.ts';

/** What `planctonctl fleet` is told, as the user wrote it. */
export interface FleetOptions {
  readonly since?: string;
  readonly state?: string;
  readonly node?: string;
  readonly kind?: string;
  readonly sort?: string;
  readonly limit?: string;
  readonly forget?: string;
  readonly timeout?: string;
  readonly json?: boolean;
  readonly url?: string;
  readonly type?: string;
  readonly database?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
}

/** Where secrets may come from beside files: a command line is seen by every user of a node. */
export type FleetEnvironment = Readonly<
  Partial<Record<'PLANCTON_FLEET_TOKEN' | 'PLANCTON_FLEET_PASSWORD', string>>
>;

/** The database to ask: that of the options, else that of the configuration. Throws `UserFault` where there is none. */
export function sourceOf(options: FleetOptions, places: Places, environment: FleetEnvironment): FleetSource {
  if (options.url !== undefined) return sourceOfOptions(options, options.url, environment);
  for (const name of ['type', 'database', 'tokenFile', 'ca', 'insecure'] as const)
    if (options[name] !== undefined)
      throw new UserFault(`--${name === 'tokenFile' ? 'token-file' : name} goes with --url`);
  const file = places.configFile;
  const result = loadSettings(file);
  if (!result.ok) {
    const [first] = result.problems;
    throw new UserFault(
      `${file} cannot be used: ${first?.message ?? ''} (planctonctl check tells all of it; --url names a database without it)`,
    );
  }
  if (result.settings.fleet !== null) return result.settings.fleet;
  throw new UserFault(
    `no database is known: ${file} has neither fleet nor influxdb, and there is no --url to name one`,
  );
}

function sourceOfOptions(options: FleetOptions, url: string, environment: FleetEnvironment): FleetSource {
  const { type = 'influxdb', database = '', tokenFile, ca, insecure = false } = options;
  if (type !== 'influxdb' && type !== 'prometheus')
    throw new UserFault(`--type: expected influxdb or prometheus, not ${JSON.stringify(type)}`);
  if (type === 'influxdb' && database === '')
    throw new UserFault('--database: which database, or bucket, of the InfluxDB is meant?');
  if (type === 'prometheus' && database !== '') throw new UserFault('--database: a Prometheus has none');
  const server = serverOf(url);
  if (server.password !== null)
    throw new UserFault(
      '--url: a password on a command line is seen by every user: write it into PLANCTON_FLEET_PASSWORD',
    );
  const token = tokenOf(tokenFile, environment);
  if (token !== null && server.username !== null)
    throw new UserFault('--url: expected either a user or a token, found both');
  const password = environment.PLANCTON_FLEET_PASSWORD ?? '';
  return {
    type,
    ...server,
    database,
    password: server.username === null || password === '' ? null : new Secret(password),
    token,
    verifyCertificate: !insecure,
    caFile: ca ?? null,
  };
}

function serverOf(url: string): ReturnType<typeof parseServerUrl> {
  try {
    return parseServerUrl(url);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new UserFault(`--url: expected http[s]://[user@]host[:port][/path]: ${error.message}`);
  }
}

function tokenOf(file: string | undefined, environment: FleetEnvironment): Secret | null {
  const token = (file === undefined ? environment.PLANCTON_FLEET_TOKEN : tokenIn(file))?.trim() ?? '';
  if (token === '') return null;
  // What would end a header's line ends here.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UserFault('a token is of visible ASCII characters');
  return new Secret(token);
}

function tokenIn(file: string): string {
  const found = readConfigFile(file);
  if (found.is === 'text' && found.text.trim() !== '') return found.text;
  const why =
    found.is === 'unreadable' ? found.problem.message : found.is === 'absent' ? 'is not there' : 'is empty';
  throw new UserFault(`--token-file: ${file} ${why}`);
}
