import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Status } from '../src/model/status.ts';

const patienceMs = 2000;

/** What a daemon tells of itself now, as `planctonctl status --json` does, without a program's start for each answer. */
export async function askDaemon(socketPath: string, signal: AbortSignal): Promise<Status> {
  return new Promise((resolve, reject) => {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const asked = request(
      { socketPath, path: '/status', agent: false, headers: { Host: 'plancton' }, signal: soon },
      (answer) => void json(answer).then((status) => resolve(status as Status), reject),
    );
    asked.on('error', reject);
    asked.end();
  });
}
