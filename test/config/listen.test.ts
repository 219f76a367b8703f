import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Settings } from '../../src/model/settings.ts';

function good(text: string): Settings {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join());
  return result.settings;
}

function problem(text: string): string {
  const result = parseSettings(text);
  return result.ok ? 'good' : result.problems.map((one) => formatProblem('c', one)).join('\n');
}

describe('listen', () => {
  it.each([
    ['', '127.0.0.1', 7526],
    ['listen:', '127.0.0.1', 7526],
    ['listen: 8080', '127.0.0.1', 8080],
    ["listen: '8080'", '127.0.0.1', 8080],
    ['listen: 0', '127.0.0.1', 0],
    ['listen: 192.0.2.7', '192.0.2.7', 7526],
    ['listen: 192.0.2.7:80', '192.0.2.7', 80],
    ['listen: localhost:80', '127.0.0.1', 80],
    ['listen: LocalHost', '127.0.0.1', 7526],
    ['listen: 0.0.0.0:7526', '0.0.0.0', 7526],
    ["listen: '*'", '::', 7526],
    ["listen: '*:80'", '::', 80],
    ["listen: '[::1]:80'", '::1', 80],
    ["listen: '[::1]'", '::1', 7526],
    ["listen: '::1'", '::1', 7526],
    ["listen: '::'", '::', 7526],
  ])('%s', (text, host, port) => {
    expect(good(text).listen).toEqual({ host, port });
  });

  it.each(['none', 'None', 'off', 'no', 'false', "'false'"])('%s is nowhere', (word) => {
    expect(good(`listen: ${word}`).listen).toBeNull();
  });

  it.each([
    "''",
    'true',
    'node7',
    'node7.example.org:80',
    "'192.0.2.7:'",
    '192.0.2.7:x',
    '192.0.2.256:80',
    '70000',
    '192.0.2.7:70000',
    '-1',
    '80.5',
    "'[192.0.2.7]:80'",
    "'[::1'",
    "':80'",
    'http://127.0.0.1:80/',
    '[80, 81]',
    '{port: 80}',
  ])('%s is refused', (word) => {
    expect(problem(`listen: ${word}`)).toMatch(
      /^c:1:9 listen: expected an address and a port as in 127\.0\.0\.1:7526, a port, or none, found /,
    );
  });

  it('says why a name is none, and which port is the highest', () => {
    expect(problem('listen: node7:80')).toContain('a name may stand for an address that is not this node’s');
    expect(problem('listen: 65536')).toContain('65535 is the highest port');
  });
});

describe('listen_names', () => {
  it('are taken as they are compared, one of them or a list', () => {
    expect(good('').listenNames).toEqual([]);
    expect(good('listen_names: Node7.Example.ORG.').listenNames).toEqual(['node7.example.org']);
    expect(good("listen_names: [a_b, 192.0.2.7, '[2001:db8::7]']").listenNames).toEqual([
      'a_b',
      '192.0.2.7',
      '2001:db8::7',
    ]);
  });

  it.each(["''", 'node7:80', 'http://node7', '"*"', '-x', 'a..b', 'ü.example', `${'a'.repeat(64)}.org`])(
    '%s is refused',
    (word) => {
      expect(problem(`listen_names: ${word}`)).toMatch(
        /listen_names\[0\]: expected a host name or an IP address/,
      );
    },
  );
});

describe('listen_logs', () => {
  it.each([
    ['', 'none'],
    ['listen_logs: local', 'local'],
    ['listen_logs: yes', 'all'],
    ['listen_logs: true', 'all'],
    ['listen_logs: no', 'none'],
    ['listen_logs: false', 'none'],
  ])('%j is %s', (text, readers) => {
    expect(good(text).listenLogs).toBe(readers);
  });

  it('is nothing else', () => {
    expect(problem('listen_logs: everybody')).toMatch(
      /^c:1:14 listen_logs: expected local, yes or no, found "everybody"/,
    );
  });
});
