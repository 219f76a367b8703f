import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, cellsOf } from '../../src/cli/cells.ts';
import { changes } from '../../src/cli/topPaint.ts';
import { Screen } from '../support/screen.ts';

const lineOf = (text: string): readonly Cell[] => cellsOf([{ text }], 12, true);
const textOf = (line: readonly Cell[]): string => line.map(({ text }) => text).join('');

describe('what a terminal is told', () => {
  it('is what has changed, and nothing else', () => {
    const before = ['PILOT  7 s', 'same', 'goes'].map(lineOf);
    const next = ['PILOT  8 s', 'same'].map(lineOf);
    expect(changes(before, next, false)).toBe('\u001B[1;8H8\u001B[3;1H\u001B[K');
    expect(changes(next, next, false)).toBe('');
  });

  it('has colours only where they are wanted', () => {
    const line = cellsOf([{ text: 'a' }, { text: 'bc', style: 'red' }], 80, true);
    expect(changes([], [line], false)).toBe('\u001B[1;1Habc');
    expect(changes([], [line], true)).toBe('\u001B[1;1Ha\u001B[31mbc\u001B[39m');
    // Another colour is a change.
    expect(changes([lineOf('abc')], [line], true)).toBe('\u001B[1;2H\u001B[31mbc\u001B[39m');
  });

  it('makes any screen of any other', () => {
    const line = fc
      .array(fc.constantFrom('a', 'b', ' ', '漢', 'e\u0301'), { maxLength: 10 })
      .map((all) => all.join(''));
    const frames = fc.array(fc.array(line, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(frames, (all) => {
        const screen = new Screen();
        let before: readonly (readonly Cell[])[] = [];
        for (const texts of all) {
          const next = texts.map(lineOf);
          screen.take(changes(before, next, false));
          before = next;
          const wanted = next.map((one) => textOf(one).trimEnd());
          while (wanted.at(-1) === '') wanted.pop();
          expect(screen.lines()).toEqual(wanted);
        }
      }),
    );
  });
});

describe('places of a terminal', () => {
  it('are counted as a terminal counts them', () => {
    expect(lineOf('漢字漢字漢字漢字')).toHaveLength(12);
    expect(lineOf('e\u0301e\u0301')).toHaveLength(2);
    expect(cellsOf([{ text: '漢a' }], 2, true)).toHaveLength(2);
    expect(cellsOf([{ text: '漢é’' }], 9, false).map(({ text }) => text)).toEqual(['?', '?', "'"]);
  });
});
