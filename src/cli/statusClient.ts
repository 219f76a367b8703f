import { request } from 'node:http';
import { join } from 'node:path';
import type { Places } from '../model/places.ts';
import type { Status } from '../model/status.ts';

const deadlineMs = 2000;

/** Asks the daemon for its status; null when it does not answer (it is down, too busy, or not ours to ask). */
export async function askStatus(places: Places): Promise<Status | null> {
  return new Promise((resolve) => {
    const socketPath = join(places.runFolder, 'plancton.sock');
    const asked = request({ socketPath, path: '/status', agent: false, timeout: deadlineMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => resolve(null));
      answer.on('end', () => resolve(parsed(Buffer.concat(chunks).toString())));
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', () => resolve(null));
    asked.end();
  });
}

function parsed(text: string): Status | null {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return null;
  }
}
