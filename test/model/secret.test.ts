import { expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';

it.each([
  ['hunter2', 'user hunter2 failed', 'user *** failed'],
  ['hunter2', 'xhunter2x', 'x***x'],
  ['a b/c', 'http://u:a%20b%2Fc@h and a b/c', 'http://u:***@h and ***'],
  ['w', 'the password is wrong: w', 'the password is wrong: ***'],
  ['w', 'http://u:w@host/w?p=w', 'http://u:***@host/***?p=***'],
  ['ab', 'grab "ab", ab_c, äab', 'grab "***", ab_c, äab'],
  ['$1', 'it costs $1.', 'it costs ***.'],
  ['.', 'a. b', 'a. b'],
  ['', 'nothing', 'nothing'],
])('%s is taken out of “%s”', (value, text, hidden) => {
  expect(new Secret(value).hideIn(text)).toBe(hidden);
});
