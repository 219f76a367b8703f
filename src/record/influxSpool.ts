import * as fs from 'node:fs';
import { join } from 'node:path';

/** The file calls that it makes; a test lets some of them fail. */
export type SpoolCalls = Pick<
  typeof fs,
  'appendFileSync' | 'mkdirSync' | 'readFileSync' | 'readdirSync' | 'rmSync' | 'truncateSync'
>;

interface Segment {
  readonly number: number;
  lines: number;
  bytes: number;
}

/** A segment is read whole, and is the least that goes when the spool is full. */
const segmentBytes = 262_144;

/**
 * Lines that wait to be sent, on the disk, oldest first: files of up to 256 kB in a folder of their own. A line is there
 * before it is sent, and its file goes when all in it is dealt with; so whoever dies at whatever moment, it is sent again
 * by the next daemon, at worst twice, and a point that is written twice is there once. There is no fsync: what a process
 * wrote outlives it in the kernel's memory, only a crash of the node itself may take the last seconds.
 */
export class InfluxSpool {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #calls: SpoolCalls;
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #lines = 0;
  #lastNumber = 0;
  /** Lines are added to the last segment, as long as nobody reads it. */
  #isOpen = false;
  /** Lines of the first segment that are dealt with, and that are taken. */
  #done = 0;
  #taken = 0;

  /** Finds what a daemon of before left there. Throws what the file system throws. */
  constructor(folder: string, mostBytes: number, calls: SpoolCalls = fs) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    this.#calls = calls;
    calls.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const number of segmentNumbers(calls.readdirSync(folder))) this.#find(number);
  }

  /** How many lines wait, the taken ones included, and how many bytes they have. */
  get length(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get mostBytes(): number {
    return this.#mostBytes;
  }

  /**
   * Adds lines at the end and tells how many of the oldest had to go for them. Throws what the file system throws; then
   * none of them is there.
   */
  push(lines: readonly string[]): number {
    const text = Buffer.from(`${lines.join('\n')}\n`);
    const last = this.#segments.at(-1);
    const fits = this.#isOpen && last !== undefined && last.bytes + text.length <= segmentBytes;
    const segment = fits ? last : { number: this.#lastNumber + 1, lines: 0, bytes: 0 };
    this.#append(segment, text);
    if (!fits) {
      this.#segments.push(segment);
      this.#lastNumber = segment.number;
      this.#isOpen = true;
    }
    segment.lines += lines.length;
    segment.bytes += text.length;
    this.#lines += lines.length;
    this.#bytes += text.length;
    return this.#makeRoom();
  }

  /** The oldest lines, of one segment and at most so many lines and bytes; they are the batch now. None where none wait. */
  take(mostLines: number, mostBytes: number): string[] {
    for (let [first] = this.#segments; first !== undefined; [first] = this.#segments) {
      if (this.#segments.length === 1) this.#isOpen = false;
      const waiting = this.#read(first).slice(this.#done);
      const batch = upTo(waiting, mostLines, mostBytes);
      this.#taken = batch.length;
      if (batch.length > 0) return batch;
      this.#forget(0);
    }
    return [];
  }

  /** The batch has been dealt with: it goes. */
  confirm(): void {
    const [first] = this.#segments;
    this.#done += this.#taken;
    this.#lines -= this.#taken;
    this.#taken = 0;
    if (first !== undefined && this.#done >= first.lines) this.#forget(0);
  }

  /** The batch has not been dealt with: it waits again, in its old place. */
  release(): void {
    this.#taken = 0;
  }

  /** What a crash cut short is no line: the beginning of a time would be another time. */
  #find(number: number): void {
    const path = this.#path(number);
    const bytes = this.#calls.readFileSync(path);
    const whole = bytes.lastIndexOf(10) + 1;
    this.#lastNumber = Math.max(this.#lastNumber, number);
    if (whole < bytes.length) this.#calls.truncateSync(path, whole);
    const lines = linesIn(bytes.toString('utf8', 0, whole)).length;
    if (lines === 0) {
      this.#calls.rmSync(path, { force: true });
      return;
    }
    this.#segments.push({ number, lines, bytes: whole });
    this.#lines += lines;
    this.#bytes += whole;
  }

  #append(segment: Segment, text: Buffer): void {
    const path = this.#path(segment.number);
    try {
      this.#calls.appendFileSync(path, text, { mode: 0o600 });
    } catch (error) {
      this.#takeBack(path, segment.bytes);
      throw error;
    }
  }

  /** A disk that fills up takes the beginning of a line. */
  #takeBack(path: string, bytes: number): void {
    try {
      if (bytes === 0) this.#calls.rmSync(path, { force: true });
      else this.#calls.truncateSync(path, bytes);
    } catch {
      // Nothing is added behind what is torn: it is cut off when the segment is found again.
      this.#isOpen = false;
      this.#lastNumber += 1;
    }
  }

  /** The lines of a segment, none where somebody removed it. */
  #read(segment: Segment): string[] {
    try {
      return linesIn(this.#calls.readFileSync(this.#path(segment.number)).toString('utf8', 0, segment.bytes));
    } catch {
      return [];
    }
  }

  #makeRoom(): number {
    let dropped = 0;
    // What is being sent is never dropped: without an answer nobody knows what became of it.
    const oldest = (): number => (this.#taken > 0 ? 1 : 0);
    while (this.#bytes > this.#mostBytes && this.#segments.length > oldest() + 1)
      dropped += this.#forget(oldest());
    return dropped;
  }

  /** Removes a segment, and tells how many of its lines were not dealt with. */
  #forget(index: number): number {
    const [gone] = this.#segments.splice(index, 1);
    if (gone === undefined) return 0;
    const left = index === 0 ? gone.lines - this.#done : gone.lines;
    if (index === 0) {
      this.#done = 0;
      this.#taken = 0;
    }
    if (this.#segments.length === 0) this.#isOpen = false;
    this.#bytes -= gone.bytes;
    this.#lines -= left;
    try {
      this.#calls.rmSync(this.#path(gone.number), { force: true });
    } catch {
      // It is sent again by the next daemon, which is no harm.
    }
    return left;
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.lines`);
  }
}

function segmentNumbers(names: readonly string[]): readonly number[] {
  return names
    .flatMap((name) => {
      const [, number] = /^([1-9]\d{0,14})\.lines$/.exec(name) ?? [];
      return number === undefined ? [] : [Number(number)];
    })
    .toSorted((a, b) => a - b);
}

/** A crash of the node may leave zeros where its file system had promised bytes. */
function linesIn(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.includes('\0'));
}

function upTo(lines: readonly string[], mostLines: number, mostBytes: number): string[] {
  let bytes = 0;
  let count = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (count > 0 && (count >= mostLines || bytes > mostBytes)) break;
    count += 1;
  }
  return lines.slice(0, count);
}
