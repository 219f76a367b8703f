import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeFolder } from '../daemon/stateStore.ts';
import type { Places } from '../model/places.ts';
import { UserFault } from './fault.ts';
import { nodeEnvironment, nodeFlags } from './nodeFlags.ts';
import { placeWords } from './placeWords.ts';

/** How long a daemon may take until it says that it is ready. */
const readyDeadlineMs = 60_000;

/** The descriptor on which a daemon in the background says `ready`, `running PID`, or what went wrong. */
export const readyDescriptor = 3;

/**
 * Starts a daemon in the background and waits until it is in place; gives its PID. One that runs already is success.
 * Throws `UserFault` with what the daemon said when it could not begin.
 */
export async function startDaemon(places: Places): Promise<{ pid: number; already: boolean }> {
  makeFolder(places.logFolder);
  // What the runtime itself prints at a crash must not be lost; the log proper is the daemon's own.
  const errors = openSync(join(places.logFolder, 'plancton.stderr'), 'a', 0o600);
  const program = join(import.meta.dirname, 'daemonMain.cjs');
  const child = spawn(process.execPath, [...nodeFlags, program, ...placeWords(places), 'nodaemon'], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', errors, errors, 'pipe'],
    env: {
      ...process.env,
      ...nodeEnvironment,
      PLANCTON_READY: String(readyDescriptor),
    },
  });
  const said = await firstWords(child.stdio[readyDescriptor] as Readable, child);
  child.unref();
  const running = /^running (\d+)$/.exec(said);
  if (running !== null) return { pid: Number(running[1]), already: true };
  if (said === 'ready' && child.pid !== undefined) return { pid: child.pid, already: false };
  throw new UserFault(
    said === '' ? `the daemon ended without a word; see ${join(places.logFolder, 'plancton.stderr')}` : said,
  );
}

/** Reads the pipe until it is closed, or the deadline. */
async function firstWords(pipe: Readable, child: { kill(): boolean }): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      child.kill();
      reject(new UserFault(`the daemon was not ready after ${readyDeadlineMs / 1000} s and was ended`));
    }, readyDeadlineMs);
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    pipe.on('close', () => {
      clearTimeout(timer);
      resolve(text.trim());
    });
  });
}
