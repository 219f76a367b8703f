import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A question as a server had it. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** What it is to answer; a body that is no text is JSON. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server on 127.0.0.1 that answers as it is told to, and remembers what it was asked; undefined: never an answer. */
export async function answering(
  answer: (asked: Asked) => Answer | undefined,
): Promise<{ readonly port: number; readonly asked: readonly Asked[]; close(): void }> {
  const all: Asked[] = [];
  const server = createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://h');
    const asked = { path, query, authorization: request.headers.authorization };
    all.push(asked);
    const told = answer(asked);
    if (told === undefined) return;
    const { status = 200, body = '', headers = {} } = told;
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked: all,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
