import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A whole answer. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is asked for beside a path. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly host?: string;
}

/** Asks a server at this port of the loopback address, on a connection of its own. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answered> {
  const { method = 'GET', headers = {}, body, host = '127.0.0.1' } = asked;
  const asking = request({ host, port, path, method, headers, agent: false });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** A connection on which a test says what it likes. */
export async function plainConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

/** All that comes on a connection until the other side ends it. */
export async function untilItEnds(socket: Socket): Promise<string> {
  let said = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (said += chunk));
  await once(socket, 'close');
  return said;
}
