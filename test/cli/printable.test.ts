import { expect, it } from 'vitest';
import { printable as forBootstrap } from '../../src/cli/bootstrap/refusal.ts';
import { printable } from '../../src/cli/printable.ts';
import { escapeUnprintable } from '../../src/record/oneLine.ts';

it.each([0, 0x1b, 0x7f, 0x9b, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069])(
  'no text of others brings U+%i to a terminal or a log',
  (code) => {
    const text = `a${String.fromCharCode(code)}b`;
    expect([printable(text), forBootstrap(text)]).toEqual(['a b', 'a?b']);
    expect(escapeUnprintable(text)).toBe(`a\\u${code.toString(16).padStart(4, '0')}b`);
  },
);

it('what people write stays as it is, and a run of others is one blank', () => {
  for (const text of ['naïve – 日本 😀 עברית', 'a\u200db']) {
    expect([printable(text), forBootstrap(text), escapeUnprintable(text)]).toEqual([text, text, text]);
  }
  expect(printable('a\r\n\u202e\tb')).toBe('a b');
});
