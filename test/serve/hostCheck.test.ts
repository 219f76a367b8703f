import { describe, expect, it } from 'vitest';
import { isLoopback, isMeantForUs, namesOf } from '../../src/serve/hostCheck.ts';

const names = namesOf('Node7.Example.org', ['page.example.com', '2001:db8::7']);
const at = '192.0.2.7';

describe('a request', () => {
  it.each([
    'localhost',
    'localhost:7526',
    'LOCALHOST:7526',
    'localhost.',
    '127.0.0.1:7526',
    '127.1.2.3',
    '[::1]:7526',
    '[0:0:0:0:0:0:0:1]',
    '192.0.2.7',
    '192.0.2.7:80',
    'node7',
    'NODE7:7526',
    'node7.example.org:7526',
    'node7.example.org.',
    'page.example.com',
    '[2001:DB8:0::7]:7526',
  ])('for %s is meant for us', (host) => {
    expect(isMeantForUs(host, at, names)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:7526',
    'node7.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.localhost',
    '192.0.2.8',
    '10.0.0.1:7526',
    '[2001:db8::8]',
    '0.0.0.0:7526',
    'localhost:99999999',
    'localhost:7526:7526',
    'user@localhost',
    'localhost/x',
    'localhost evil.example',
    'localhost, evil.example',
    '[::1',
    '[::1]evil.example',
    '[not:an:address]',
    'constructor',
    '127.0.0.256',
    '0x7f.1',
  ])('for %s is not', (host) => {
    expect(isMeantForUs(host, at, names)).toBe(false);
  });

  it('may name the address of its connection, however that is written', () => {
    expect(isMeantForUs('192.0.2.7', '::ffff:192.0.2.7', names)).toBe(true);
    expect(isMeantForUs('[fe80::1]:7526', 'fe80::1%eth0', names)).toBe(true);
    expect(isMeantForUs('192.0.2.7', undefined, names)).toBe(false);
  });

  it('names no node that has no name', () => {
    expect([...namesOf('', [])]).toEqual([]);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.7', false],
  ['::ffff:192.0.2.7', false],
  ['fe80::1%eth0', false],
  ['128.0.0.1', false],
  ['', false],
  [undefined, false],
] as const)('%s is this machine itself: %s', (address, isSo) => {
  expect(isLoopback(address)).toBe(isSo);
});
