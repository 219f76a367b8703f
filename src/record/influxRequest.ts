import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import type * as https from 'node:https';
import type { InfluxTarget } from '../model/settings.ts';

/*
 * Our own few lines of HTTP and not a client library: none that is kept speaks all three versions, and those that do
 * for one bring undici or gRPC with them, which cost the daemon 13 to 27 MB. Line protocol is `influxLine.ts`'s, by
 * InfluxData's own library.
 */

/** An answer as far as it matters: the body is cut after 64 kB. */
export interface InfluxReply {
  readonly status: number;
  readonly body: string;
  /** How long the server asks to be left alone (`Retry-After`), in milliseconds; absent where it does not. */
  readonly retryAfterMs?: number;
}

/** What is posted where, below the target's own path. */
export interface InfluxRequest {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  /** The body travels compressed. */
  readonly gzip?: boolean;
}

/** Posts to an InfluxDB. Rejects with whatever the network says, or the signal's reason. */
export type Post = (
  target: InfluxTarget,
  request: InfluxRequest,
  signal: AbortSignal,
) => Promise<InfluxReply>;

const longestBodyBytes = 65_536;

/** The target as it may be printed: no user, no password, no token. */
export function printableTarget(target: InfluxTarget): string {
  const host = target.host.includes(':') ? `[${bareHost(target)}]` : target.host;
  return `${target.protocol}://${host}:${target.port}${target.path}#${target.database}`;
}

/** A write of lines whose times are microseconds. */
export function writeRequest(target: InfluxTarget, lines: readonly string[], gzip = false): InfluxRequest {
  return {
    path: writePath(target),
    contentType: 'text/plain; charset=utf-8',
    body: lines.join('\n'),
    ...(gzip ? { gzip } : {}),
  };
}

function writePath({ api, database, org }: InfluxTarget): string {
  const query = (pairs: Readonly<Record<string, string>>): string => new URLSearchParams(pairs).toString();
  switch (api) {
    case 1:
      return `/write?${query({ db: database, precision: 'u' })}`;
    case 2:
      return `/api/v2/write?${query({ ...(org === null ? {} : { org }), bucket: database, precision: 'us' })}`;
    case 3:
      return `/api/v3/write_lp?${query({ db: database, precision: 'microsecond' })}`;
  }
}

/** Makes the target's database, when nobody has: 1.x alone. In 2.x that needs more than a name, 3.x does it by itself. */
export function createRequest(target: InfluxTarget): InfluxRequest {
  const name = target.database.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
  return {
    path: '/query',
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ q: `CREATE DATABASE "${name}"` }).toString(),
  };
}

/** One connection per request: between two of them there is half a minute, and an idle one would cost both sides. */
export const postToInflux: Post = async (target, request, signal) => {
  const body = request.gzip === true ? await gzipped(request.body) : Buffer.from(request.body);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const options: https.RequestOptions = {
      host: bareHost(target),
      port: target.port,
      method: 'POST',
      path: target.path + request.path,
      agent: false,
      headers: {
        'content-type': request.contentType,
        'content-length': body.length,
        ...(request.gzip === true ? { 'content-encoding': 'gzip' } : {}),
        ...authorization(target),
      },
      signal,
    };
    const sent =
      target.protocol === 'https'
        ? // TLS costs the daemon a megabyte: it is loaded by those who use it.
          process.getBuiltinModule('node:https').request({ ...options, ...trust(target) })
        : http.request(options);
    sent.on('response', (response) => void readReply(response).then(resolve, reject));
    sent.on('error', reject);
    sent.end(body);
  });
};

function gzipped(text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    process
      .getBuiltinModule('node:zlib')
      .gzip(text, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

function trust({ verifyCertificate, caFile }: InfluxTarget): https.RequestOptions {
  // Read for each request: whoever renews the file does not need to tell the daemon.
  return {
    rejectUnauthorized: verifyCertificate,
    ...(caFile === null || !verifyCertificate ? {} : { ca: readFileSync(caFile) }),
  };
}

async function readReply(response: http.IncomingMessage): Promise<InfluxReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the response, and with it the connection.
    if (bytes >= longestBodyBytes) break;
  }
  const body = Buffer.concat(chunks).subarray(0, longestBodyBytes).toString('utf8');
  const retryAfterMs = waitAsked(response.headers['retry-after'], Date.now());
  return {
    status: response.statusCode ?? 0,
    body,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/** What `Retry-After` says (RFC 9110, 10.2.3: seconds, or a date) in milliseconds from `nowWallMs`; null for nothing. */
export function waitAsked(header: string | undefined, nowWallMs: number): number | null {
  if (header === undefined) return null;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowWallMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function authorization(target: InfluxTarget): { authorization?: string } {
  if (target.token !== null)
    return { authorization: `${target.api === 2 ? 'Token' : 'Bearer'} ${target.token.reveal()}` };
  if (target.username === null) return {};
  const pair = `${target.username}:${target.password?.reveal() ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

function bareHost(target: InfluxTarget): string {
  return target.host.replace(/^\[(.*)\]$/, '$1');
}
