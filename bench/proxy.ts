import { createServer, request } from 'node:http';

/** Stands between a daemon and its engine, and counts. */
export interface CountingProxy {
  /** Requests so far, by method and path (ids and versions left out). */
  counts(): ReadonlyMap<string, number>;
  total(): number;
  /** Requests that had no answer from the engine: with any, the counts say nothing. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** What kind of request it is, without what differs from container to container. */
export function kindOf(method: string, path: string): string {
  const plain = (path.split('?')[0] ?? '').replace(/^\/v\d+\.\d+/, '');
  return `${method} ${plain.replace(/\/[0-9a-f]{64}/, '/{id}').replace(/^\/images\/.+\/json$/, '/images/{name}/json')}`;
}

/** Listens on `listenPath` and hands each request on to `enginePath` as it comes, streams included. */
export async function startProxy(listenPath: string, enginePath: string): Promise<CountingProxy> {
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const server = createServer({ requestTimeout: 0 }, (incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const kind = kindOf(method, path);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const onward = request({ socketPath: enginePath, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // A stream of events begins with headers alone: its reader waits for them.
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    onward.on('error', (error) => {
      if (!outgoing.headersSent && !outgoing.destroyed) faults.push(`${kind}: ${error.message}`);
      outgoing.destroy();
    });
    outgoing.on('close', () => onward.destroy());
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody) {
      onward.flushHeaders();
      incoming.pipe(onward);
    } else {
      // Ended in one go: an engine may have answered and closed before a second write.
      incoming.resume();
      onward.end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenPath, resolve);
  });
  return {
    counts: () => new Map(counts),
    total: () => [...counts.values()].reduce((sum, one) => sum + one, 0),
    faults: () => [...faults],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
