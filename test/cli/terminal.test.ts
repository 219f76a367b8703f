import { expect, it } from 'vitest';
import { canDraw, knowsUtf8, painter, wantsColour } from '../../src/cli/terminal.ts';

const [terminal, pipe] = [{ isTTY: true }, {}];

it.each([
  ['a terminal', terminal, { TERM: 'xterm' }, true],
  ['a pipe', pipe, { TERM: 'xterm' }, false],
  ['a terminal of paper', terminal, { TERM: 'dumb' }, false],
  ['a terminal of no name', terminal, {}, false],
  ['NO_COLOR', terminal, { TERM: 'xterm', NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', terminal, { TERM: 'xterm', NO_COLOR: '' }, true],
  ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true],
  ['an empty FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '' }, false],
  ['FORCE_COLOR=0 on a terminal', terminal, { TERM: 'xterm', FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR=false on a terminal', terminal, { TERM: 'xterm', FORCE_COLOR: 'false' }, false],
  ['both', terminal, { TERM: 'xterm', NO_COLOR: '1', FORCE_COLOR: '1' }, false],
])('%s', (_, outlet, env, isColoured) => {
  expect(wantsColour(outlet, env)).toBe(isColoured);
  expect(painter(outlet, env)('red', 'a')).toBe(isColoured ? '\u001B[31ma\u001B[39m' : 'a');
});

it('draws on terminals that have a cursor to be moved', () => {
  expect(canDraw(terminal, { TERM: 'xterm' })).toBe(true);
  expect(canDraw(terminal, { TERM: 'dumb' })).toBe(false);
  expect(canDraw(pipe, { TERM: 'xterm' })).toBe(false);
});

it.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'en_US.UTF-8', LC_ALL: '', LC_CTYPE: 'de_DE.ISO-8859-1' }, false],
])('%o knows UTF-8: %s', (env, knows) => {
  expect(knowsUtf8(env)).toBe(knows);
});
