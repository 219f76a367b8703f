import { createReadStream } from 'node:fs';
import type { LogStream } from '../model/engine.ts';
import { UserFault } from './fault.ts';

/** Where a log is printed. */
export interface Output {
  /** Prints a piece of what came on this stream of the pilot's, on our own of that name; settles when the next may come. */
  take(stream: LogStream, bytes: Uint8Array): void | Promise<void>;
  /** Prints a whole file; throws `UserFault` with `missing` where it is not there. */
  file(path: string, missing: string, signal: AbortSignal): Promise<void>;
}

/**
 * Our own two streams. A terminal gets no control characters of a pilot's, which could move its cursor or change its
 * title; a pipe or a file gets every byte. `onGone` is called when the reader has gone (`| head`), which is no fault.
 */
export function openOutput(onGone: () => void): Output {
  const to = { stdout: writerTo(process.stdout, onGone), stderr: writerTo(process.stderr, onGone) };
  return {
    take: (stream, bytes) => to[stream](bytes),
    async file(path, missing, signal) {
      try {
        for await (const chunk of createReadStream(path, { signal })) await to.stdout(chunk as Buffer);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserFault(missing);
        throw error;
      }
    },
  };
}

function writerTo(
  stream: NodeJS.WriteStream,
  onGone: () => void,
): (bytes: Uint8Array) => void | Promise<void> {
  let release: () => void = () => undefined;
  stream.on('drain', () => release());
  stream.on('error', () => {
    release();
    onGone();
  });
  const fit = stream.isTTY ? terminalText() : (bytes: Uint8Array): Uint8Array => bytes;
  return (bytes) =>
    stream.write(fit(bytes))
      ? undefined
      : new Promise((resolve) => {
          release = resolve;
        });
}

/** Makes pieces of a pilot's bytes fit for a terminal; what is cut between two pieces is put together again. */
export function terminalText(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder();
  return (bytes) => decoder.decode(bytes, { stream: true }).replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}
