import * as http from 'node:http';
import type * as https from 'node:https';
import type { InfluxTarget } from '../model/settings.ts';

/** An answer as far as it matters: the body is cut after 64 kB. */
export interface InfluxReply {
  readonly status: number;
  readonly body: string;
}

/** What is posted where, below the target's own path. */
export interface InfluxRequest {
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** Posts to an InfluxDB. Rejects with whatever the network says, or the signal's reason. */
export type Post = (
  target: InfluxTarget,
  request: InfluxRequest,
  signal: AbortSignal,
) => Promise<InfluxReply>;

const longestBodyBytes = 65_536;

/** The target as it may be printed: no user, no password. */
export function printableTarget(target: InfluxTarget): string {
  const host = target.host.includes(':') ? `[${bareHost(target)}]` : target.host;
  return `${target.protocol}://${host}:${target.port}${target.path}#${target.database}`;
}

/** A write of lines whose times are microseconds. */
export function writeRequest(target: InfluxTarget, lines: readonly string[]): InfluxRequest {
  return {
    path: `/write?${new URLSearchParams({ db: target.database, precision: 'u' }).toString()}`,
    contentType: 'text/plain; charset=utf-8',
    body: lines.join('\n'),
  };
}

/** Makes the target's database, when nobody has. */
export function createRequest(target: InfluxTarget): InfluxRequest {
  const name = target.database.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
  return {
    path: '/query',
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ q: `CREATE DATABASE "${name}"` }).toString(),
  };
}

/** One connection per request: between two of them there is half a minute, and an idle one would cost both sides. */
export const postToInflux: Post = (target, { path, contentType, body }, signal) =>
  new Promise((resolve, reject) => {
    const options: https.RequestOptions = {
      host: bareHost(target),
      port: target.port,
      method: 'POST',
      path: target.path + path,
      agent: false,
      headers: {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        ...authorization(target),
      },
      signal,
    };
    const request =
      target.protocol === 'https'
        ? // TLS costs the daemon a megabyte: it is loaded by those who use it.
          process
            .getBuiltinModule('node:https')
            .request({ ...options, rejectUnauthorized: target.verifyCertificate })
        : http.request(options);
    request.on('response', (response) => void readReply(response).then(resolve, reject));
    request.on('error', reject);
    request.end(body);
  });

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
  return { status: response.statusCode ?? 0, body };
}

function authorization(target: InfluxTarget): { authorization?: string } {
  if (target.username === null) return {};
  const pair = `${target.username}:${target.password?.reveal() ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

function bareHost(target: InfluxTarget): string {
  return target.host.replace(/^\[(.*)\]$/, '$1');
}
