import type { ScalarTag } from 'yaml';

/*
 * The original read its file by YAML 1.1 (https://yaml.org/type/int.html, float.html), in which numbers have more ways to
 * be written than in YAML 1.2: `2_000_000_000`, `010` (octal), `0x1_F`, `0b101`, `1:30` (sixties).
 */

const integerOfBase = /^[-+]?(?:0b[01][01_]*|0[0-7_]*[0-7]|0x[\dA-Fa-f][\dA-Fa-f_]*)$/;
const sixties = /^[-+]?[1-9][\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const grouped = /^[-+]?\d[\d_]*(?:\.[\d_]*(?:[eE][-+]\d+)?)?$/;

/** Numbers as YAML 1.1 has them, as a tag that comes before those of YAML 1.2. */
export const yaml11Number: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: new RegExp([integerOfBase, sixties, grouped].map(({ source }) => source).join('|')),
  resolve: (text) => {
    const isNegative = text.startsWith('-');
    const value = valueOf(text.replace(/^[-+]/, '').replaceAll('_', ''));
    return isNegative ? -value : value;
  },
};

function valueOf(digits: string): number {
  if (digits.includes(':')) return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  // `0b` and `0x` are JavaScript's too; a leading 0 alone is not.
  return /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
}

/** What to know of a number that a reader of today takes for another: null where there is nothing. */
export function unexpectedReading(written: string, value: number): string | null {
  if (/^[-+]?0[0-7_]*[0-7]$/.test(written) && value !== 0)
    return `a number that begins with 0 is octal: read as ${value}`;
  return sixties.test(written) ? `numbers with colons count in sixties: read as ${value}` : null;
}
