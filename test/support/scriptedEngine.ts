import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A request as the scripted engine got it. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Resolves when the client has closed the connection. */
  readonly closed: Promise<unknown>;
}

/** An HTTP server on a unix socket that answers as a test tells it: for what no engine does when asked to. */
export interface ScriptedEngine {
  readonly socket: string;
  readonly requests: readonly ScriptedRequest[];
  stop(): Promise<void>;
}

/** Answers of `GET /version` and `GET /info` that make a connection. */
export const handshake = {
  version: { Version: '20.10', ApiVersion: '1.41', MinAPIVersion: '1.12' },
  info: { NCPU: 2, MemTotal: 1e9 },
};

/** Starts a server that gives every request to `answer`. */
export async function startScriptedEngine(
  answer: (request: ScriptedRequest, response: ServerResponse) => void,
): Promise<ScriptedEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-scripted-'));
  const socket = join(folder, 'engine.sock');
  const requests: ScriptedRequest[] = [];
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const closed = once(response, 'close');
    const url = new URL(incoming.url ?? '/', 'http://engine');
    const request = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: await text(incoming),
      closed,
    };
    requests.push(request);
    answer(request, response);
  };
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
