import { expect, it } from 'vitest';
import { pilotMeant } from '../../src/cli/pilotNames.ts';

const of = (...suffixes: string[]): string[] => suffixes.map((suffix) => `plancton-worker-${suffix}`);
const names = of('abc123', 'abd456', 'xyz789');

it.each([
  ['plancton-worker-abc123', 'plancton-worker-abc123'],
  ['abc123', 'plancton-worker-abc123'],
  ['abc', 'plancton-worker-abc123'],
  ['x', 'plancton-worker-xyz789'],
  ['plancton-worker-x', 'plancton-worker-xyz789'],
  ['nobody', null],
  ['', null],
])('%s means %s', (written, meant) => {
  expect(pilotMeant(written, names)).toBe(meant);
});

it('what fits several is refused with their names, unless it is the whole of one', () => {
  expect(() => pilotMeant('ab', names)).toThrow(
    'ab may be any of plancton-worker-abc123, plancton-worker-abd456: write more of it',
  );
  expect(pilotMeant('ab', of('ab', 'abc'))).toBe('plancton-worker-ab');
  const many = of('a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7');
  expect(() => pilotMeant('a', many)).toThrow(/plancton-worker-a5, and 2 more: write more of it$/);
});
