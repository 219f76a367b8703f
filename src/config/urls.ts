import { Secret } from '../model/secret.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { Unfit } from './fields.ts';

/**
 * One entry of `influxdb_url`: `http[s]://[user:pass@]host:port[/path]#database`; `insecure_https` skips certificate
 * checks. Null without a `#`: such an entry names no database and is dropped. Errors: `Unfit`, which never quotes the entry.
 */
export function parseInfluxUrl(raw: string): InfluxTarget | null {
  const hash = raw.lastIndexOf('#');
  if (hash < 0) return null;
  const database = decode(raw.slice(hash + 1).trim(), 'the database');
  if (database === '') throw new Unfit('no database after #');
  const [, scheme = ''] = /^\s*(http|https|insecure_https):\/\//i.exec(raw) ?? [];
  if (scheme === '') throw new Unfit('it does not begin with http://, https:// or insecure_https://');
  if (raw.indexOf('#') !== hash) throw new Unfit('more than one # (in a password it is written %23)');
  const protocol = scheme.toLowerCase() === 'http' ? 'http' : 'https';
  return {
    key: 'influxdb_url',
    api: 1,
    ...serverIn(`${protocol}${raw.slice(raw.indexOf('://'), hash).trimEnd()}`, protocol),
    database,
    org: null,
    token: null,
    verifyCertificate: scheme.toLowerCase() !== 'insecure_https',
    caFile: null,
    tags: {},
  };
}

/** Where a server is, and who says that he is allowed there. */
export type InfluxServer = Pick<
  InfluxTarget,
  'protocol' | 'host' | 'port' | 'path' | 'username' | 'password'
>;

/** `influxdb[].url`: `http[s]://[user:pass@]host[:port][/path]`. Errors: `Unfit`, which never quotes it. */
export function parseServerUrl(raw: string): InfluxServer {
  const text = raw.trim();
  const [, scheme = ''] = /^(https?):\/\//i.exec(text) ?? [];
  if (scheme === '') throw new Unfit('it does not begin with http:// or https://');
  if (text.includes('#')) throw new Unfit('nothing may follow a # (the database has a key of its own)');
  return serverIn(text, scheme.toLowerCase() === 'http' ? 'http' : 'https');
}

/** A server as a URL of this scheme; the password is `***`. */
export function writeServerUrl(server: InfluxServer, scheme: string): string {
  const user = server.username === null ? '' : encodeURIComponent(server.username);
  const password = server.password === null ? '' : `:${server.password.toString()}`;
  const login = user + password === '' ? '' : `${user}${password}@`;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${scheme}://${login}${host}:${server.port}${server.path}`;
}

function serverIn(text: string, protocol: InfluxTarget['protocol']): InfluxServer {
  const url = parseUrl(text);
  if (url.search !== '') throw new Unfit('nothing may follow a ?');
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port),
    path: url.pathname.replace(/\/+$/, ''),
    username: url.username === '' ? null : decode(url.username, 'the user name'),
    password: url.password === '' ? null : new Secret(decode(url.password, 'the password')),
  };
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw new Unfit(
      'the host or port is not valid (in a password, / ? # @ : are written %2F %3F %23 %40 %3A)',
    );
  }
  const url = new URL(text);
  if (url.port === '0') throw new Unfit('port 0 cannot be reached');
  return url;
}

/** A % that begins no code is one, as it was for the original. */
function decode(text: string, which: string): string {
  try {
    return text.replaceAll(/(?:%[\da-fA-F]{2})+/g, (codes) => decodeURIComponent(codes));
  } catch {
    throw new Unfit(`${which} has codes (%…) that are no UTF-8 (a % itself is written %25)`);
  }
}

/** The longest path of a unix socket, sun_path's 108 bytes less the closing zero (unix(7)); longer ones are silently cut. */
const longestSocketPath = 107;

/** `engine.url`: `unix:///path`, `tcp://host:port`, `http://…`, `https://…`. Errors: `Unfit`. */
export function parseEngineUrl(raw: string): string {
  const text = raw.trim();
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(text) ?? [];
  if (text.startsWith('/')) throw new Unfit('a socket is written unix:// and its path');
  switch (scheme) {
    case 'unix':
      checkSocketPath(text.slice('unix://'.length));
      return text;
    case 'tcp':
    case 'http':
    case 'https':
      checkEngineAddress(text, scheme);
      return text;
    case 'ssh':
      throw new Unfit('ssh is not spoken; forward the socket to a local one (ssh -L)');
    default:
      throw new Unfit('it does not begin with unix://, tcp://, http:// or https://');
  }
}

function checkSocketPath(path: string): void {
  if (!path.startsWith('/'))
    throw new Unfit("the socket's path does not begin with / (three slashes in all)");
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPath) {
    throw new Unfit(`the socket's path has ${bytes} bytes, and ${longestSocketPath} are the most`);
  }
}

function checkEngineAddress(text: string, scheme: 'tcp' | 'http' | 'https'): void {
  const address = scheme === 'tcp' ? text.replace('tcp:', 'http:') : text;
  if (!URL.canParse(address)) throw new Unfit('the host or port is not valid');
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    throw new Unfit('an engine takes no user and password here');
  if (url.search !== '' || url.hash !== '') throw new Unfit('nothing may follow a ? or #');
  if (scheme === 'tcp' && !/:\d+\/?$/.test(text))
    throw new Unfit('the port is missing (2375, or 2376 with TLS)');
}
