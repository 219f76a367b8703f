import type { Engine } from '../model/engine.ts';
import { errorLine } from './oneLine.ts';

/** How long reading a log may go without a word, and how long it may take in all. */
export interface StreamBounds {
  readonly silenceMs: number;
  readonly mostMs: number;
}

/**
 * Reads all that a container has written; gives an empty text when that was all, or why there is no more. Never waits for
 * an engine for longer than the bounds, whether or not it heeds its signal. Rejects only with what `onBytes` does, and
 * when it is settled nothing is given to that any more.
 */
export async function readWhole(
  engine: Pick<Engine, 'logs'>,
  id: string,
  onBytes: (bytes: Uint8Array) => Promise<void> | undefined,
  { silenceMs, mostMs }: StreamBounds,
  signal: AbortSignal,
): Promise<string> {
  // Not AbortSignal.any: in Node 20 a long-lived source signal keeps every signal derived from it.
  const abort = new AbortController();
  let giveUp: (why: string) => void = () => undefined;
  const givenUp = new Promise<string>((resolve) => {
    giveUp = resolve;
  });
  const failures: unknown[] = [];
  let isOver = false;
  let chunks = 0;
  let writing: Promise<void> | undefined;

  const onChunk = (_stream: string, bytes: Uint8Array): Promise<void> | undefined => {
    if (isOver) return undefined;
    chunks += 1;
    writing = onBytes(bytes)?.catch((error: unknown) => {
      failures.push(error);
      throw error;
    });
    return writing;
  };
  let chunksBefore = 0;
  // A timer for each of a million lines would cost more than they do.
  const beat = setInterval(() => {
    if (chunks === chunksBefore) giveUp(`nothing more came within ${silenceMs / 1000} s`);
    chunksBefore = chunks;
  }, silenceMs);
  const most = setTimeout(() => giveUp(`it was not read within ${mostMs / 1000} s`), mostMs);
  const onAbort = (): void => giveUp('given up on request');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();

  try {
    const read = engine.logs(id, { follow: false, tailBytes: null }, onChunk, abort.signal).then(
      () => '',
      (error: unknown) => errorLine(error),
    );
    const why = await Promise.race([read, givenUp]);
    isOver = true;
    // What is being written must be there before anything else is done with it.
    await writing?.catch(() => undefined);
    if (failures.length > 0) throw failures[0];
    return why;
  } finally {
    isOver = true;
    abort.abort();
    clearInterval(beat);
    clearTimeout(most);
    signal.removeEventListener('abort', onAbort);
  }
}
