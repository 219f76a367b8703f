import * as fs from 'node:fs';
import { readLater } from './laterFile.ts';

const pieceBytes = 262_144;
/** What stands before an id, which ends its line. */
const idMark = Buffer.from('"id":"');
/** What stands behind it. */
const lineEnd = Buffer.from('"}\n');
/** No id of an engine is longer. */
const longestId = 128;

/**
 * Which of these ids have a record in a file of the journal. Reads by the thread pool, a piece at a time: a gigabyte of
 * journal may have to come from the disk. One id is looked for as it is, several by the end of each line. Rejects with
 * what the file system throws.
 */
export async function idsInFile(path: string, wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  // Rotated away meanwhile: it is found under its next number.
  if (!fs.existsSync(path)) return found;
  const [only] = wanted;
  const wholeOf = (id: string): Buffer => Buffer.concat([idMark, Buffer.from(id), lineEnd]);
  const single = wanted.size === 1 && only !== undefined ? { id: only, whole: wholeOf(only) } : null;
  const overlap = idMark.length + longestId + lineEnd.length;
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const bytes = Buffer.allocUnsafeSlow(pieceBytes);
    let kept = 0;
    for (;;) {
      const read = await readLater(fd, bytes, kept, bytes.length - kept, null);
      if (read === 0 || found.size === wanted.size) return found;
      const piece = bytes.subarray(0, kept + read);
      if (single === null) addIdsIn(piece, wanted, found);
      else if (piece.includes(single.whole)) found.add(single.id);
      kept = Math.min(piece.length, overlap);
      bytes.copyWithin(0, piece.length - kept, piece.length);
    }
  } finally {
    fs.closeSync(fd);
  }
}

function addIdsIn(piece: Buffer, wanted: ReadonlySet<string>, found: Set<string>): void {
  for (let end = piece.indexOf(lineEnd); end !== -1; end = piece.indexOf(lineEnd, end + 1)) {
    const tail = piece.subarray(Math.max(0, end - idMark.length - longestId), end);
    const mark = tail.lastIndexOf(idMark);
    const id = mark === -1 ? '' : tail.toString('latin1', mark + idMark.length);
    if (wanted.has(id)) found.add(id);
  }
}
