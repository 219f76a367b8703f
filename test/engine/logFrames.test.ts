import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, createPlainReader, type LogReader } from '../../src/engine/logFrames.ts';

function frame(type: number, text: string, length = Buffer.byteLength(text)): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(length, 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** What a reader tells of these chunks, streams told apart. */
function told(chunks: readonly Buffer[], reader: LogReader = createFrameReader()) {
  const text = { stdout: '', stderr: '' };
  for (const chunk of chunks) {
    for (const { stream, bytes } of reader.read(chunk)) text[stream] += bytes.toString('latin1');
  }
  reader.end();
  return text;
}

describe('frames of a log', () => {
  it('are told apart, wherever they are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.stringMatching(/^[ -~]{0,20}$/)));
    fc.assert(
      fc.property(frames, fc.array(fc.nat(30)), (frames, cuts) => {
        const whole = Buffer.concat(frames.map(([type, text]) => frame(type, text)));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(whole.subarray(at));
        const wanted = (type: number) => frames.map(([of, text]) => (of === type ? text : '')).join('');
        expect(told(chunks)).toEqual({ stdout: wanted(1), stderr: wanted(2) });
      }),
    );
  });

  it('are given as they come, and no byte is held', () => {
    const reader = createFrameReader();
    const begin = frame(1, 'begin', 0xffff_ffff);
    expect([...reader.read(begin)].map(({ bytes }) => bytes.toString())).toEqual(['begin']);
    const more = Buffer.from('more');
    const [part] = reader.read(more);
    expect(part?.bytes.buffer).toBe(more.buffer);
    expect(part?.bytes.toString()).toBe('more');
  });

  it('of one stream come in one piece', () => {
    const chunk = Buffer.concat(['a\n', 'b\n', '', 'c'].map((text) => frame(1, text)));
    const whole = Buffer.concat([chunk, frame(2, 'x'), frame(1, 'd')]);
    expect([...createFrameReader().read(whole)].map(({ bytes }) => bytes.toString())).toEqual([
      'a\nb\nc',
      'x',
      'd',
    ]);
  });

  it('that break off are noticed', () => {
    expect(() => told([frame(1, 'abc', 4)])).toThrow(/broke off/);
    expect(() => told([frame(1, 'abc').subarray(0, 5)])).toThrow(/broke off/);
    expect(told([frame(1, '')])).toEqual({ stdout: '', stderr: '' });
  });

  it('that are none are noticed', () => {
    expect(() => told([Buffer.from('hello, world')])).toThrow(/a form that is not known/);
    expect(() => told([frame(4, 'x')])).toThrow(/a form that is not known/);
  });

  it('may tell of a failure of the engine', () => {
    const whole = Buffer.concat([frame(1, 'all is well'), frame(3, 'Error grabbing logs: bad\nfile\n')]);
    const pieces = createFrameReader().read(whole)[Symbol.iterator]();
    expect(String(pieces.next().value?.bytes)).toBe('all is well');
    expect(() => pieces.next()).toThrow(/^the engine says: Error grabbing logs: bad file$/);
  });

  it('are not looked for where there is a terminal', () => {
    const chunks = [Buffer.from('\u0001\0\0\0'), Buffer.from('text')];
    expect(told(chunks, createPlainReader())).toEqual({ stdout: '\u0001\0\0\0text', stderr: '' });
  });
});
