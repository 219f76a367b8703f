import { type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';

/** One request to an engine's socket by the shortest way: how tests look behind the adapter's back. */
export interface ApiRequest {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it comes, instead of `body`. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request to the API 1.41 of the engine at `socketPath`; rejects on a status of 400 or more. Gives JSON, or text. */
export async function engineApi(
  socketPath: string,
  path: string,
  { method = 'GET', body, stream, headers = {} }: ApiRequest = {},
): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        path: `/v1.41${path}`,
        method,
        agent: false,
        headers: { ...(text === '' ? {} : { 'Content-Type': 'application/json' }), ...headers },
      },
      resolve,
    );
    outgoing.on('error', reject);
    if (stream === undefined) {
      outgoing.end(text);
    } else {
      stream.pipe(outgoing);
    }
  });
  response.setEncoding('utf8');
  let answer = '';
  for await (const chunk of response) {
    answer += chunk as string;
  }
  if ((response.statusCode ?? 0) >= 400) {
    throw new Error(`${method} ${path}: ${response.statusCode} ${answer.trim()}`);
  }
  return response.headers['content-type']?.includes('json') === true && !answer.trim().includes('\n')
    ? JSON.parse(answer || 'null')
    : answer;
}

/** Whether an engine answers at `socketPath`. */
export async function answers(socketPath: string): Promise<boolean> {
  try {
    await engineApi(socketPath, '/_ping');
    return true;
  } catch {
    return false;
  }
}

/** Removes every container of the engine at `socketPath`, with its volumes. */
export async function removeAllContainers(socketPath: string): Promise<void> {
  const listed = (await engineApi(socketPath, '/containers/json?all=1')) as { Id: string }[];
  for (const { Id } of listed) {
    await engineApi(socketPath, `/containers/${Id}?force=1&v=1`, { method: 'DELETE' });
  }
}
