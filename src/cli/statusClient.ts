import { connect } from 'node:net';
import { join } from 'node:path';
import type { Places } from '../model/places.ts';
import type { Status } from '../model/status.ts';

const deadlineMs = 2000;
const mostBytes = 16_000_000;

/** What a daemon can be asked for. */
export type Asked = '/status' | '/why' | '/ps' | '/kinds' | '/top';

/** How long an answer may take, and what breaks it off. */
export interface Asking {
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks the daemon for its status; null when it does not answer. */
export async function askStatus(places: Places, asking: Asking = {}): Promise<Status | null> {
  return (await ask(places, '/status', asking)) as Status | null;
}

/**
 * Asks the daemon for one of its answers; null when it does not answer (it is down, too busy, or not ours to ask). One request
 * of HTTP/1.0 by hand: Node's HTTP client would add 8 ms to a command that has 150 (measured).
 */
export async function ask(places: Places, what: Asked, asking: Asking = {}): Promise<unknown> {
  return (await askAny(places, what, asking)).body;
}

/** The same, with whether there was an answer at all: a daemon of another version has none to some questions. */
export async function askAny(
  places: Places,
  what: Asked,
  { patienceMs = deadlineMs, signal }: Asking = {},
): Promise<{ readonly isAnswered: boolean; readonly body: unknown }> {
  if (signal?.aborted === true) return { isAnswered: false, body: null };
  return new Promise((resolve) => {
    const socket = connect(join(places.runFolder, 'plancton.sock'));
    let answer = '';
    socket.setEncoding('utf8');
    // Of the whole answer, not of each piece: one that trickles is none.
    const giveUp = (): void => void socket.destroy();
    const timer = setTimeout(giveUp, patienceMs);
    signal?.addEventListener('abort', giveUp);
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > mostBytes) socket.destroy();
    });
    // An error is followed by `close`, where whatever came is looked at.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve({ isAnswered: answer.startsWith('HTTP/'), body: bodyOf(answer) });
    });
    socket.end(`GET ${what} HTTP/1.0\r\nHost: plancton\r\n\r\n`);
  });
}

function bodyOf(answer: string): unknown {
  const [head, body] = splitOnce(answer, '\r\n\r\n');
  if (body === undefined || !/^HTTP\/1\.[01] 200 /.test(head)) return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function splitOnce(text: string, by: string): [string, string?] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + by.length)];
}
