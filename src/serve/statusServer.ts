import { chmodSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import type { Log } from '../model/log.ts';

/** Longest path of a unix socket in bytes (unix(7): 108 with the closing zero); the kernel's callers cut it silently. */
export const longestSocketPath = 107;

/** Why a path cannot be a unix socket's; null when it can. */
export function socketPathFault(path: string): string | null {
  const length = Buffer.byteLength(path);
  if (length <= longestSocketPath) return null;
  return `${path} has ${length} bytes, a unix socket's path has at most ${longestSocketPath}: choose a shorter folder`;
}

/**
 * Answers `GET` of each of these on a unix socket that only we and root may open. It tells and changes nothing. A socket that a
 * dead daemon left is replaced: the caller holds the place of the one daemon. Rejects when it cannot listen.
 */
export async function serveStatus(
  path: string,
  answers: Readonly<Record<string, () => unknown>>,
  log: Log,
): Promise<{ close(): void }> {
  const fault = socketPathFault(path);
  if (fault !== null) throw new Error(fault);
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    const answer = method === 'GET' && Object.hasOwn(answers, url) ? answers[url] : undefined;
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.stringify(answer());
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.requestTimeout = 5000;
  server.keepAliveTimeout = 1;
  // Libuv removes the path that it listened at, whosever socket is there by then: ours is made elsewhere, and moved.
  const draft = join(dirname(path), `s${process.pid}.sock`);
  remove(draft);
  await listen(server, draft);
  try {
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    server.close();
    remove(draft);
    // The place that matters to whoever reads it.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
  const ours = inodeOf(path);
  server.on('error', (error) => log.warn(`status socket ${path}: ${error.message}`));
  return {
    close() {
      server.close();
      server.closeAllConnections();
      if (inodeOf(path) === ours) remove(path);
    },
  };
}

/** The socket is made with nobody else's rights from the first instant, not only after a chmod. */
async function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  } finally {
    process.umask(before);
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}
