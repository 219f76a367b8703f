import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TapeFrame } from '../../src/model/tape.ts';
import { framesIn, TapeEncoder } from '../../src/record/tapeCodec.ts';
import { anyFrame, framesFrom } from './tapeFrames.ts';

/** The bytes of some blocks, and where each record ends: the number of frames that are whole up to any byte. */
function blocksOf(blocks: readonly (readonly TapeFrame[])[]): { bytes: Uint8Array; ends: readonly number[] } {
  const encoder = new TapeEncoder();
  const bytes: number[] = [];
  const ends: number[] = [];
  for (const block of blocks) {
    encoder.startBlock();
    for (const frame of block) {
      bytes.push(...encoder.encode(frame));
      ends.push(bytes.length);
    }
  }
  return { bytes: Uint8Array.from(bytes), ends };
}

const someBlocks = fc.array(fc.array(anyFrame, { maxLength: 8 }), { maxLength: 4 });

describe('the tape', () => {
  it('gives back what was written, whatever it was', () => {
    fc.assert(
      fc.property(someBlocks, (blocks) => {
        expect([...framesIn(blocksOf(blocks).bytes)]).toEqual(blocks.flat());
      }),
    );
  });

  it('rounds to its units what is between them, and says that nobody is there', () => {
    const [frame] = framesFrom(1, () => ({
      ownerCpus: 1.23456,
      ownerMemoryBytes: 2 ** 30 + 1000,
      userIdleMs: Number.POSITIVE_INFINITY,
      temperatureC: 41.3,
    }));
    const [read] = framesIn(blocksOf([[frame as TapeFrame]]).bytes);
    expect(read).toMatchObject({
      ownerCpus: 1.235,
      ownerMemoryBytes: 2 ** 30,
      userIdleMs: Number.POSITIVE_INFINITY,
      temperatureC: 41.5,
    });
  });

  it('loses the last record alone where it is cut, at whatever byte', () => {
    const { bytes, ends } = blocksOf([framesFrom(7), framesFrom(5, (index) => ({ ownerCpus: index / 7 }))]);
    const whole = [...framesIn(bytes)];
    for (let length = 0; length <= bytes.length; length += 1) {
      const left = ends.filter((end) => end <= length).length;
      expect([...framesIn(bytes.subarray(0, length))]).toEqual(whole.slice(0, left));
    }
  });

  it('has all that is written after a cut, at whatever byte that was', () => {
    const { bytes, ends } = blocksOf([framesFrom(4, (index) => ({ ownerCpus: index }))]);
    const later = framesFrom(3, (index) => ({ ownerCpus: 3 - index, programs: ['xterm'] }));
    const after = blocksOf([later]).bytes;
    const whole = [...framesIn(bytes)];
    for (let length = 0; length <= bytes.length; length += 1) {
      const both = Uint8Array.from([...bytes.subarray(0, length), ...after]);
      const left = ends.filter((end) => end <= length).length;
      expect([...framesIn(both)]).toEqual([...whole.slice(0, left), ...later]);
    }
  });

  it('passes over whatever else gets into it, and never fails', () => {
    const after = blocksOf([framesFrom(2)]).bytes;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const read = [...framesIn(Uint8Array.from([...noise, ...after]))];
        expect(read.slice(-2)).toEqual(framesFrom(2));
      }),
    );
  });

  it('leaves out the names of programs that there is no room for', () => {
    const programs = Array.from({ length: 9 }, (_, index) => `program-${index}`);
    const [read] = framesIn(blocksOf([framesFrom(1, () => ({ programs }))]).bytes);
    expect(read?.programs).toEqual(programs.slice(0, 6));
    const [long] = framesIn(blocksOf([framesFrom(1, () => ({ programs: ['x'.repeat(70)] }))]).bytes);
    expect(long?.programs).toEqual(['?']);
  });
});
