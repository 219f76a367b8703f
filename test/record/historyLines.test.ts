import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachLine, eachLineBackward } from '../../src/record/historyLines.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-lines-'));
  file = join(folder, 'file');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** The lines as they are told, with `…` for one without a newline. */
function told(content: string, pieceBytes: number, way: 'forward' | 'backward', most = Infinity): string[] {
  fs.writeFileSync(file, content);
  const fd = fs.openSync(file, 'r');
  const lines: string[] = [];
  const onLine = (bytes: Buffer, from: number, to: number, isEnded: boolean): boolean => {
    lines.push(`${bytes.toString('utf8', from, to)}${isEnded ? '' : '…'}`);
    return lines.length < most;
  };
  try {
    if (way === 'forward') eachLine(fd, onLine, pieceBytes);
    else eachLineBackward(fd, fs.fstatSync(fd).size, onLine, pieceBytes);
    return lines;
  } finally {
    fs.closeSync(fd);
  }
}

const content = fc.array(fc.stringMatching(/^[ab]{0,12}$/), { maxLength: 12 });

it.each(['forward', 'backward'] as const)('every line is told once, in order, %s', (way) => {
  fc.assert(
    fc.property(
      content,
      fc.stringMatching(/^[ab]{0,12}$/),
      fc.integer({ min: 15, max: 40 }),
      (lines, rest, piece) => {
        const text = `${lines.map((line) => `${line}\n`).join('')}${rest}`;
        const expected = rest === '' ? lines : [...lines, `${rest}…`];
        const found = told(text, piece, way);
        expect(way === 'forward' ? found : found.toReversed()).toEqual(expected);
      },
    ),
  );
});

it.each([
  ['forward', ['a', 'b']],
  ['backward', ['d…', 'c']],
] as const)('no further line is told when no more is wanted, %s', (way, expected) => {
  expect(told('a\nb\nc\nd', 64, way, 2)).toEqual(expected);
});

it.each(['forward', 'backward'] as const)(
  'one that is longer than anything of ours is told in parts, %s',
  (way) => {
    const found = told(`first\n${'x'.repeat(1000)}\nlast\n`, 32, way);
    const inOrder = way === 'forward' ? found : found.toReversed();
    expect(inOrder[0]).toBe('first');
    expect(inOrder.at(-1)).toBe('last');
    expect(inOrder.join('').replaceAll('…', '')).toBe(`first${'x'.repeat(1000)}last`);
  },
);
