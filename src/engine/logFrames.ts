import type { LogStream } from '../model/engine.ts';
import { oneLine } from './faults.ts';

/** A piece of a log. */
export interface LogPart {
  readonly stream: LogStream;
  readonly bytes: Buffer;
}

/** Takes an engine's log stream apart: bytes as they come, cut anywhere. */
export interface LogReader {
  /** The pieces that are in `chunk`, as few as may be; they are parts of it, which is changed for that, not copies. */
  read(chunk: Buffer): Iterable<LogPart>;
  /** To be called when the stream has ended; throws an Error when it ended within a frame. */
  end(): void;
}

const headerBytes = 8;
/** What an engine says of its own failure is cut to this. */
const mostWords = 1000;
/** The first byte of a frame (Docker's API, "Stream format" of attaching to a container). */
const streams: Readonly<Record<number, LogStream>> = { 0: 'stdout', 1: 'stdout', 2: 'stderr' };
const ofTheEngine = 3;

/** Neighbours of one stream within a chunk, from one byte to before another. */
interface Ready {
  readonly stream: LogStream;
  readonly begin: number;
  end: number;
}

/** The log of a container that has a terminal: bytes without frames, all of one stream. */
export function createPlainReader(): LogReader {
  return { read: (chunk) => [{ stream: 'stdout', bytes: chunk }], end: () => undefined };
}

/**
 * The log of a container without a terminal: frames, each of a header (stream, three zero bytes, length as 32 bits,
 * big-endian) and so many bytes. A frame's bytes are given as they come, so that no frame is held, however long it says
 * that it is. Throws an Error on what is no such frame, and on what the engine says in one about its own failure.
 */
export function createFrameReader(): LogReader {
  const header = Buffer.alloc(headerBytes);
  let filled = 0;
  let left = 0;
  let words = '';

  /** Takes what `chunk` has of a header from `at` on; gives where it goes on. */
  const takeHeader = (chunk: Buffer, at: number): number => {
    const taken = chunk.copy(header, filled, at, Math.min(chunk.length, at + headerBytes - filled));
    filled += taken;
    if (filled === headerBytes) {
      if (header.readUInt8(0) > ofTheEngine || header.readUIntBE(1, 3) !== 0) {
        throw new Error('the engine sends its log in a form that is not known here');
      }
      left = header.readUInt32BE(4);
      filled = left === 0 ? 0 : filled;
    }
    return at + taken;
  };

  /** Listens to the engine's own words; throws them once they are whole. */
  const hear = (bytes: Buffer): void => {
    words = `${words}${bytes.toString('utf8')}`.slice(0, mostWords);
    if (left === 0) throw new Error(`the engine says: ${oneLine(words)}`);
  };

  function* read(chunk: Buffer): Iterable<LogPart> {
    let at = 0;
    let ready = null as Ready | null;
    while (at < chunk.length) {
      if (left === 0) {
        at = takeHeader(chunk, at);
        continue;
      }
      const length = Math.min(left, chunk.length - at);
      const stream = streams[header.readUInt8(0)];
      left -= length;
      filled = left === 0 ? 0 : filled;
      if (stream === undefined) {
        if (ready !== null) yield pieceOf(chunk, ready);
        ready = null;
        hear(chunk.subarray(at, at + length));
      } else if (ready?.stream === stream) {
        // Moved up to what is before it, over its header: a piece for each line would cost more than all the rest.
        chunk.copyWithin(ready.end, at, at + length);
        ready.end += length;
      } else {
        if (ready !== null) yield pieceOf(chunk, ready);
        ready = { stream, begin: at, end: at + length };
      }
      at += length;
    }
    if (ready !== null) yield pieceOf(chunk, ready);
  }

  return {
    read,
    end: () => {
      if (filled > 0) throw new Error('the log broke off in the middle of what the engine was telling');
    },
  };
}

function pieceOf(chunk: Buffer, { stream, begin, end }: Ready): LogPart {
  return { stream, bytes: chunk.subarray(begin, end) };
}
