import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '../model/log.ts';
import type { ListenAddress } from '../model/settings.ts';
import { errorLine } from '../record/oneLine.ts';
import { isLoopback, isMeantForUs } from './hostCheck.ts';
import { type Reply, type Route, safeHeaders, type Stream, textReply } from './reply.ts';

/** What one client, and all of them together, may take of the daemon. */
export interface WebLimits {
  readonly connections: number;
  /** From one address. */
  readonly connectionsEach: number;
  /** The whole header of a request must be there within so long; a whole answer must have been taken within the other. */
  readonly requestMs: number;
  readonly answerMs: number;
  readonly headerBytes: number;
}

const defaultLimits: WebLimits = {
  connections: 64,
  connectionsEach: 32,
  requestMs: 5000,
  answerMs: 30_000,
  headerBytes: 8192,
};
/** How long an idle connection is kept for a further request: a page asks for several things at once. */
const idleMs = 5000;
const mostHeaders = 64;

/** What a web server is made of. */
export interface WebServerParts {
  readonly address: ListenAddress;
  /** Names by which it may be asked for, in small letters. */
  readonly names: () => ReadonlySet<string>;
  /** By path; nothing else is there. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly log: Log;
  readonly limits?: WebLimits;
}

/** A server that listens. */
export interface WebServer {
  /** Where: the port that was had for port 0. */
  readonly address: ListenAddress;
  /** Lets go of the port and of every connection at once. */
  close(): void;
}

/**
 * Answers browsers and Prometheus. It only tells: whatever is not `GET` or `HEAD` of a path that it knows, asked by a name
 * of this node, is refused. Paths are looked up and never become names of files. Rejects when it cannot listen.
 */
export async function serveWeb(parts: WebServerParts): Promise<WebServer> {
  const { address, log, limits = defaultLimits } = parts;
  const desk: Desk = { ...parts, limits, failing: new Set(), busy: new WeakSet() };
  const options = { maxHeaderSize: limits.headerBytes, connectionsCheckingInterval: limits.requestMs };
  const server = createServer(options, (request, response) => void answer(desk, request, response));
  server.maxConnections = limits.connections;
  server.maxHeadersCount = mostHeaders;
  server.headersTimeout = limits.requestMs;
  server.requestTimeout = limits.requestMs;
  server.keepAliveTimeout = idleMs;
  // One that connects and says nothing is let go as well.
  server.timeout = limits.requestMs + idleMs;
  server.on('connection', countEach(limits.connectionsEach));
  await listening(server, address);
  server.on('error', (error) => log.warn(`page and metrics: ${error.message}`));
  const had = server.address() as AddressInfo;
  return {
    address: { host: address.host, port: had.port },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listening(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 64 }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** Ends a connection that its address has too many of. */
function countEach(most: number): (socket: Socket) => void {
  const counts = new Map<string, number>();
  return (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
    if (count > most) socket.destroy();
  };
}

interface Desk extends WebServerParts {
  readonly limits: WebLimits;
  /** Connections on which something is being answered. */
  readonly busy: WeakSet<Socket>;
  /** Paths that could not be answered when they were last asked for: that is told once. */
  readonly failing: Set<string>;
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // What comes behind the header is nobody's: it is neither waited for nor kept.
  request.resume();
  response.on('error', () => undefined);
  const { busy, failing, limits, log } = desk;
  const { socket } = request;
  // Who asks on before he has his answer (pipelining) would have thousands made at once, between two ticks; no browser does.
  if (busy.has(socket)) {
    socket.destroy();
    return;
  }
  busy.add(socket);
  response.once('close', () => busy.delete(socket));
  const refusal = refusalOf(desk, request);
  if (refusal !== null) {
    send(response, limits, refusal, true);
    return;
  }
  const path = pathOf(request);
  try {
    const reply = await replyTo(desk, request);
    failing.delete(path);
    if (response.destroyed) return;
    if (!('begin' in reply)) send(response, limits, reply, false);
    else if (request.method === 'HEAD') response.writeHead(200, safeHeaders).end();
    else reply.begin(response);
  } catch (error) {
    if (!failing.has(path)) log.warn(`cannot answer ${path}: ${errorLine(error)}`);
    failing.add(path);
    if (!response.headersSent) send(response, limits, textReply(500, 'this cannot be told just now'), true);
  }
}

/** Why a request is not answered at all; null when it is. */
function refusalOf({ names }: WebServerParts, request: IncomingMessage): Reply | null {
  const { headers, method, socket } = request;
  if (!isMeantForUs(headers.host, socket.localAddress, names()))
    return textReply(
      403,
      'this node is not asked for by that name: use its address or its own name, or add the name to listen_names',
    );
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate')
    return textReply(403, 'a page from elsewhere has nothing to ask here');
  if (method !== 'GET' && method !== 'HEAD')
    return textReply(405, 'this only tells: GET or HEAD', { allow: 'GET, HEAD' });
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  return hasBody ? textReply(400, 'a question has no body') : null;
}

async function replyTo({ routes }: WebServerParts, request: IncomingMessage): Promise<Reply | Stream> {
  const path = pathOf(request);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return textReply(404, 'there is nothing of this name');
  const query = new URLSearchParams((request.url ?? '').slice(path.length));
  const {
    accept = '',
    'accept-encoding': acceptEncoding = '',
    'if-none-match': ifNoneMatch = '',
  } = request.headers;
  const isLocal = isLoopback(request.socket.remoteAddress);
  return route({ query, accept, acceptEncoding, ifNoneMatch, isLocal });
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function send(response: ServerResponse, limits: WebLimits, reply: Reply, isLast: boolean): void {
  const { status = 200, type, body, headers } = reply;
  response.writeHead(status, {
    ...safeHeaders,
    'content-type': type,
    // Who has it already is told so, and not how long it is.
    ...(status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(isLast ? { connection: 'close' } : {}),
    ...headers,
  });
  // Who takes an answer byte by byte would keep it, and a connection, for as long as he likes.
  const deadline = setTimeout(() => response.destroy(), limits.answerMs).unref();
  response.once('close', () => clearTimeout(deadline));
  response.end(body);
}
