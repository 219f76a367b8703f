import type { LogPart } from './logFrames.ts';

/** The last bytes of a log, of both streams in their order. */
export interface LastBytes {
  add(part: LogPart): void;
  /** What is held, in as few pieces as may be; to be asked once, when no more is added. */
  parts(): Iterable<LogPart>;
}

const tags = { stdout: 1, stderr: 2 } as const;

/**
 * Holds the last `mostBytes` that it was given, whatever pieces they come in, in a ring: each byte has one beside it that
 * tells its stream, so that a log of many tiny pieces takes no more than one of few.
 */
export function createLastBytes(mostBytes: number): LastBytes {
  // The kernel gives zeroed memory page by page as it is used: a short log takes little.
  const bytes = Buffer.alloc(mostBytes);
  const streams = Buffer.alloc(mostBytes);
  let size = 0;
  /** Where the next byte goes. */
  let next = 0;

  const put = (piece: Buffer, tag: number): void => {
    piece.copy(bytes, next);
    streams.fill(tag, next, next + piece.length);
    next = (next + piece.length) % mostBytes;
  };

  return {
    add: (part) => {
      if (mostBytes === 0) return;
      const piece = part.bytes.subarray(Math.max(0, part.bytes.length - mostBytes));
      const untilEnd = mostBytes - next;
      put(piece.subarray(0, untilEnd), tags[part.stream]);
      if (piece.length > untilEnd) put(piece.subarray(untilEnd), tags[part.stream]);
      size = Math.min(size + piece.length, mostBytes);
    },
    *parts() {
      const start = size < mostBytes ? 0 : next;
      yield* runs(bytes.subarray(start, size), streams.subarray(start, size));
      yield* runs(bytes.subarray(0, start), streams.subarray(0, start));
    },
  };
}

/** Neighbours of the same stream, together. */
function* runs(bytes: Buffer, streams: Buffer): Iterable<LogPart> {
  for (let at = 0; at < bytes.length; ) {
    const isOut = streams[at] === tags.stdout;
    const other = streams.indexOf(isOut ? tags.stderr : tags.stdout, at);
    const end = other < 0 ? bytes.length : other;
    yield { stream: isOut ? 'stdout' : 'stderr', bytes: bytes.subarray(at, end) };
    at = end;
  }
}
