import type { TapeFrame } from '../model/tape.ts';
import { frameOf, numberCount, type RawFrame, rawOf } from './tapeFields.ts';

/*
 * The tape's format. A file is a row of blocks; each begins with six bytes, FF "tape" and the version, and goes on with
 * records until the next one. A record is
 *
 *   length   1 byte, 1 to 239: of the payload
 *   payload  what is other than in the record before; in the first one of a block, than in one of zeros and no texts
 *   check    2 bytes: CRC-16/CCITT-FALSE of length and payload, high byte first
 *
 * and a payload is
 *
 *   changes  varint: bit 0 and 1 for the texts, from bit 2 on for the numbers, in the order of `tapeFields.ts`
 *   texts    those that changed: length (1 byte) and UTF-8
 *   numbers  those that changed: their differences, as zigzag varints (7 bits a byte, the lowest first)
 *
 * What ends in the middle of a record (a daemon that was killed, a full disk) loses that record alone: its length or its
 * check is wrong, and who reads goes on at the next block, which depends on nothing before it.
 */

const version = 1;
const head: readonly number[] = [0xff, 0x74, 0x61, 0x70, 0x65, version];
const longest = 239;
const noFrame: RawFrame = { numbers: Array.from({ length: numberCount }, () => 0), texts: ['', ''] };
const textCount = 2;

/** Writes blocks. */
export class TapeEncoder {
  #before: RawFrame | null = null;

  /** The next frame begins a block. */
  startBlock(): void {
    this.#before = null;
  }

  /** The bytes of one more frame, those of the block that it begins included. */
  encode(frame: TapeFrame): readonly number[] {
    const raw = rawOf(frame);
    const bytes = [...(this.#before === null ? head : []), ...record(raw, this.#before ?? noFrame)];
    this.#before = raw;
    return bytes;
  }
}

function record(now: RawFrame, before: RawFrame): readonly number[] {
  let changes = 0;
  const texts: number[] = [];
  const numbers: number[] = [];
  for (const [index, text] of now.texts.entries()) {
    if (text === before.texts[index]) continue;
    changes += 2 ** index;
    const bytes = Buffer.from(text);
    texts.push(bytes.length, ...bytes);
  }
  for (const [index, number] of now.numbers.entries()) {
    const difference = number - (before.numbers[index] ?? 0);
    if (difference === 0) continue;
    changes += 2 ** (textCount + index);
    pushVarint(numbers, difference > 0 ? 2 * difference : -2 * difference - 1);
  }
  const payload: number[] = [];
  pushVarint(payload, changes);
  const whole = [payload.length + texts.length + numbers.length, ...payload, ...texts, ...numbers];
  const check = crc16(whole, 0, whole.length);
  return [...whole, check >> 8, check & 0xff];
}

/** Numbers may be beyond 32 bits, where bitwise operators end. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function crc16(bytes: ArrayLike<number>, from: number, to: number): number {
  let crc = 0xffff;
  for (let at = from; at < to; at += 1) {
    crc ^= (bytes[at] ?? 0) << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** Every frame of a file that is whole, in the order in which they were written. Never throws. */
export function* framesIn(bytes: Uint8Array): Generator<TapeFrame> {
  let before: RawFrame | null = null;
  let at = 0;
  while (at < bytes.length) {
    if (isHead(bytes, at)) {
      before = noFrame;
      at += head.length;
      continue;
    }
    const length = bytes[at] ?? 0;
    const next: RawFrame | null = before === null ? null : recordAt(bytes, at, length, before);
    if (next === null) {
      // A torn record; its bytes may hold the beginning of the block after it.
      before = null;
      at = nextHead(bytes, at + 1);
      continue;
    }
    before = next;
    at += length + 3;
    yield frameOf(next);
  }
}

function isHead(bytes: Uint8Array, at: number): boolean {
  return head.every((byte, index) => bytes[at + index] === byte);
}

function nextHead(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && !isHead(bytes, at)) at += 1;
  return at;
}

function recordAt(bytes: Uint8Array, at: number, length: number, before: RawFrame): RawFrame | null {
  const end = at + 1 + length;
  if (length === 0 || length > longest || end + 2 > bytes.length) return null;
  const check = ((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0);
  if (crc16(bytes, at, end) !== check) return null;
  const from = { at: at + 1 };
  let changes = takeVarint(bytes, from);
  const texts = before.texts.map((text) => {
    const isOther = changes % 2 === 1;
    changes = Math.floor(changes / 2);
    return isOther ? takeText(bytes, from) : text;
  });
  const numbers = [...before.numbers];
  for (let index = 0; changes > 0; index += 1, changes = Math.floor(changes / 2)) {
    if (changes % 2 === 0) continue;
    const zigzag = takeVarint(bytes, from);
    // Of a later version's numbers those that are known here are taken.
    if (index < numberCount)
      numbers[index] = (numbers[index] ?? 0) + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
  }
  return from.at === end ? { numbers, texts: [texts[0] ?? '', texts[1] ?? ''] } : null;
}

function takeVarint(bytes: Uint8Array, from: { at: number }): number {
  let [value, factor] = [0, 1];
  for (;;) {
    const byte = bytes[from.at] ?? 0;
    from.at += 1;
    value += (byte % 128) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
}

function takeText(bytes: Uint8Array, from: { at: number }): string {
  const length = bytes[from.at] ?? 0;
  const begin = from.at + 1;
  from.at = begin + length;
  return Buffer.from(bytes.subarray(begin, from.at)).toString('utf8');
}
