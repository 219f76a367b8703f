import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import type { Agent as TlsAgent } from 'node:https';
import type { EngineEndpoint } from './endpoint.ts';
import { type Asked, answered } from './faults.ts';

/*
 * Why not dockerode (5.0, tried): an answer that breaks off in its middle never settles its promise; inspecting an image
 * takes no abort signal, so that a hung engine costs a socket per try; a redirection or the environment's DOCKER_* change
 * what it does. Bundled without its heavy parts it takes 1 to 2 MB more than this for the same CPU time (one event stream,
 * a listing each 30 s: 45.2 MB here, 46 to 48 there, 44.4 for bare node:http).
 */

/** An answer longer than this is none of an engine's: a listing takes about 1 kB per container. */
const bodyLimitBytes = 64_000_000;
/** What an engine says of a refusal is cut to this. */
const refusalLimitBytes = 64_000;

/** One request: `path` begins with a slash; its parts are percent-encoded by whoever builds it (see `pathOf`). */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole answer of an engine that is a success: 2xx, or 304 for "it is so already". */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
}

/** Speaks HTTP to one endpoint. Any other status than a success rejects with `EngineError`, a broken connection with Node's error. */
export interface Wire {
  /** Sends a request and reads its whole answer. */
  send(request: WireRequest, asked: Asked, signal: AbortSignal): Promise<WireAnswer>;
  /** Sends a request and gives the answer's body as it comes, once its headers are there. */
  open(request: WireRequest, asked: Asked, signal: AbortSignal): Promise<IncomingMessage>;
}

/** A path of the API: each part percent-encoded, so that no name can turn it into another. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** A wire to `endpoint` that puts `/v<apiVersion>` before each path; none before the version is settled (null). */
export function createWire(endpoint: EngineEndpoint, apiVersion: string | null): Wire {
  const target = targetOf(endpoint);
  const prefix = apiVersion === null ? '' : `/v${apiVersion}`;

  const open: Wire['open'] = async (request, asked, signal) => {
    const response = await exchange(target, request, prefix, signal);
    const status = response.statusCode ?? 0;
    // Redirections are none of the API's: a path that is no name of anything got one.
    if (status >= 300 && status !== 304) {
      throw answered(status, messageOf(await readBegin(response)), asked);
    }
    return response;
  };

  return {
    open,
    send: async (request, asked, signal) => {
      const response = await open(request, asked, signal);
      return { status: response.statusCode ?? 0, text: await readAll(response) };
    },
  };
}

type Target = { readonly secure: boolean; readonly options: RequestOptions };

function targetOf(endpoint: EngineEndpoint): Target {
  // A connection for each request: none is ever reused after its engine has gone, and they are few.
  if (endpoint.kind === 'unix') {
    const agent = new Agent({ keepAlive: false });
    return {
      secure: false,
      options: { agent, socketPath: endpoint.socketPath, headers: { Host: 'engine' } },
    };
  }
  const { host, port, tls } = endpoint;
  if (tls === null) {
    return { secure: false, options: { agent: new Agent({ keepAlive: false }), host, port } };
  }
  // TLS costs the daemon a megabyte: it is loaded by those who use it.
  const https = process.getBuiltinModule('node:https');
  const agent: TlsAgent = new https.Agent({
    keepAlive: false,
    rejectUnauthorized: tls.verify,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key.reveal() }),
  });
  return { secure: true, options: { agent, host, port } };
}

/** Sends one request; resolves when the headers of its answer are there. */
function exchange(
  target: Target,
  request: WireRequest,
  prefix: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const query = new URLSearchParams(request.query).toString();
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  const options: RequestOptions = {
    ...target.options,
    method: request.method,
    path: `${prefix}${request.path}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...request.headers,
      ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
      ...(request.method === 'POST' ? { 'Content-Length': Buffer.byteLength(body) } : {}),
    },
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = target.secure
      ? process.getBuiltinModule('node:https').request(options, resolve)
      : requestHttp(options, resolve);
    // Kept for good: after the answer has begun, a reset is told here as well as on the answer.
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > bodyLimitBytes) {
      response.destroy();
      throw new Error(`an answer of more than ${bodyLimitBytes} bytes`);
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The beginning of an answer, however long it is. */
async function readBegin(response: IncomingMessage): Promise<string> {
  let text = Buffer.alloc(0);
  for await (const chunk of response) {
    text = Buffer.concat([text, chunk as Buffer]);
    if (text.length >= refusalLimitBytes) break;
  }
  return text.subarray(0, refusalLimitBytes).toString('utf8');
}

/** The engine's own words: `message` of a JSON body, else the body. */
function messageOf(body: string): string {
  try {
    const message: unknown = (JSON.parse(body) as { message?: unknown }).message;
    return typeof message === 'string' ? message : body;
  } catch {
    return body;
  }
}
