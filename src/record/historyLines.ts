import { readSync } from 'node:fs';

/**
 * One line of a file: `bytes` from `from` to `to`, its newline left out, good until the call returns. `isEnded` is false
 * for what stands at the end of the file without a newline. Gives false to be told of no further one.
 */
export type OnLine = (bytes: Buffer, from: number, to: number, isEnded: boolean) => boolean;

const newline = 0x0a;
/** What is longer than this is none of ours: it is told cut, as several lines that parse as nothing. */
const defaultPieceBytes = 1_048_576;

/** Reads an open file from its beginning, in pieces of a megabyte. Tells whether it was read to its end. */
export function eachLine(fd: number, onLine: OnLine, pieceBytes = defaultPieceBytes): boolean {
  const bytes = Buffer.allocUnsafeSlow(pieceBytes);
  let kept = 0;
  let position = 0;
  for (;;) {
    const read = readSync(fd, bytes, kept, pieceBytes - kept, position);
    position += read;
    const end = kept + read;
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(newline, from);
      if (to === -1 || to >= end) break;
      if (!onLine(bytes, from, to, true)) return false;
      from = to + 1;
    }
    const isLast = read === 0;
    if (isLast) return from === end || onLine(bytes, from, end, false);
    if (from === 0 && end === pieceBytes) {
      if (!onLine(bytes, 0, end, false)) return false;
      from = end;
    }
    bytes.copyWithin(0, from, end);
    kept = end - from;
  }
}

/** The same from its end: the last line comes first. `size` is where it ends. */
export function eachLineBackward(
  fd: number,
  size: number,
  onLine: OnLine,
  pieceBytes = defaultPieceBytes,
): boolean {
  const bytes = Buffer.allocUnsafeSlow(pieceBytes);
  // What is kept of a line whose beginning is not read yet stands at the end of the buffer.
  let kept = 0;
  let position = size;
  let isEnded = false;
  while (position > 0) {
    const wanted = Math.min(pieceBytes - kept, position);
    const from = pieceBytes - kept - wanted;
    position -= wanted;
    if (!fill(fd, bytes, from, wanted, position)) return true;
    let to = pieceBytes;
    if (!isEnded && kept === 0 && bytes[to - 1] === newline) {
      isEnded = true;
      to -= 1;
    }
    for (;;) {
      const before = to === from ? -1 : bytes.lastIndexOf(newline, to - 1);
      if (before < from) break;
      if (!onLine(bytes, before + 1, to, isEnded)) return false;
      isEnded = true;
      to = before;
    }
    const rest = to - from;
    if (position === 0) return onLine(bytes, from, to, isEnded);
    if (rest === pieceBytes) {
      if (!onLine(bytes, from, to, false)) return false;
      kept = 0;
    } else {
      bytes.copyWithin(pieceBytes - rest, from, to);
      kept = rest;
    }
  }
  return true;
}

/** Reads so many bytes; false where the file has become shorter meanwhile. */
function fill(fd: number, bytes: Buffer, from: number, wanted: number, position: number): boolean {
  let read = 0;
  while (read < wanted) {
    const more = readSync(fd, bytes, from + read, wanted - read, position + read);
    if (more === 0) return false;
    read += more;
  }
  return true;
}
