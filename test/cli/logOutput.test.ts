import { expect, it } from 'vitest';
import { terminalText } from '../../src/cli/logOutput.ts';

const pieces = (...bytes: readonly (readonly number[])[]): string => {
  const fit = terminalText();
  return bytes.map((piece) => fit(Uint8Array.from(piece))).join('');
};

it('a terminal gets lines and tabs, and no other control character of a pilot’s', () => {
  const text = 'a\tb\r\n\u001B]0;title\u0007\u009Bc\u0000';
  expect(pieces([...Buffer.from(text)])).toBe('a\tb\n]0;titlec');
});

it('a character that is cut between two pieces is one again', () => {
  const euro = [...Buffer.from('€')];
  expect(pieces(euro.slice(0, 1), euro.slice(1))).toBe('€');
});
