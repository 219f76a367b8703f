import { describe, expect, it } from 'vitest';
import { explainCheck, explainSettings } from '../../src/config/explain.ts';
import type { Keys } from '../../src/config/key.ts';
import { commandWithoutSecrets, withoutPasswords } from '../../src/config/hidden.ts';
import { parseSettings } from '../../src/config/load.ts';
import { keys } from '../../src/config/schema.ts';

const url = 'http://u:hunter2@h#d';
/** The URL by itself, within what some key takes, and behind it. */
const texts = [
  url,
  `mon-fri ${url}`,
  `/a:/b:${url}`,
  `/${url}`,
  `4 - ${url}`,
  `${url} 4`,
  `-${url}`,
  `x=${url}`,
];
const values: readonly unknown[] = [
  ...texts,
  ...texts.map((text) => [text]),
  { x: url },
  { [url]: 1 },
  [{ PathOnHost: url }],
  [{ PathOnHost: '/a', CgroupPermissions: url }],
  [{ PathOnHost: '/a', [url]: '/b' }],
];
/** What an entry of a list of sections needs beside the key that is tried. */
const needed: Record<string, object> = {
  pilots: { name: 'a', image: 'i' },
  influxdb: { url: 'http://h:8086', database: 'd' },
};

/** Every key with every value, nested ones within what is around them. */
function filesOf(table: Keys, around: (inner: object) => object): [string, object][] {
  return Object.entries(table).flatMap(([name, key]) => {
    const inKey = (inner: unknown): object => around({ [name]: inner });
    return [
      ...values.map((value): [string, object] => [name, inKey(value)]),
      ...filesOf(key.children ?? {}, inKey),
      ...filesOf(key.entries ?? {}, (inner) => inKey([{ ...needed[name], ...inner }])),
    ];
  });
}

function told(text: string): string {
  const result = parseSettings(text);
  return explainCheck('c', result) + (result.ok ? explainSettings('c', result) : '');
}

describe('a password in a URL', () => {
  const files = filesOf(keys, (inner) => inner);

  it('is told of no key, wherever it stands', () => {
    expect(files.length).toBeGreaterThan(100 * values.length);
    const leaks = files.filter(([, file]) => told(JSON.stringify(file)).includes('hunter2'));
    expect(leaks.map(([name, file]) => `${name}: ${JSON.stringify(file)}`)).toEqual([]);
  });

  it.each([['an alias', `influxdb_url: &a http://u:hunter2@h\nmax_docks: *a`]])(
    'is not told of %s',
    (_, text) => {
      expect(told(text)).not.toContain('hunter2');
    },
  );

  it('leaves the column of a fault in an expression, and words that quote nothing', () => {
    expect(told(`max_docks: ${url}`)).toContain('a password: not understood at column 5\n');
    expect(told(`engine: {url: "${url}"}`)).toContain(': an engine takes no user and password here\n');
    expect(told('max_docks: 3 $')).toContain('in "3 $", column 3: "$" is not understood');
  });
});

describe('a command', () => {
  it('is printed without its secrets, at the top and in a kind', () => {
    const command = '[p, "--password=hunter2", "http://u:hunter2@h", --token, hunter2]';
    const printed = told(`docker_cmd: ${command}\npilots: [{name: a, image: i, command: ${command}}]`);
    expect(printed).not.toContain('hunter2');
    const shown = '[p, "--password=***", "http://u:***@h", "--token", "***"]';
    expect(printed).toContain(`\ndocker_cmd: ${shown}`);
    expect(printed).toContain(`\n    command: ${shown}`);
  });

  it.each([
    [
      ['--api-token', 'hunter2', 'next'],
      ['--api-token', '***', 'next'],
    ],
    [
      ['-secret', '-hunter2'],
      ['-secret', '***'],
    ],
    [['--use-keytab', '--queue', 'short'], undefined],
    [
      ['MY_KEY=hunter2 and more', 'pilot'],
      ['MY_KEY=***', 'pilot'],
    ],
    [["x TOKEN='hunter2 x' pilot --password hunter2 -a; y"], ['x TOKEN=*** pilot --password *** -a; y']],
    [['x --secret "hunter2 x" --token --y z=1'], ['x --secret *** --token --y z=1']],
    [['echo', 'the password is kept', 'a=b', 'passwd', 'c'], undefined],
  ])('%j is %j without its secrets', (words, shown) => {
    expect(commandWithoutSecrets(words)).toEqual(shown ?? words);
  });
});

describe('text', () => {
  it.each([
    ['http://u:hunter2@h/x', 'http://u:***@h/x'],
    ['http://u:hun@ter/2@h', 'http://u:***@h'],
    ['http://:hunter2@h', 'http://:***@h'],
    ['a http://u:1@h b@c', 'a http://u:***@h b@c'],
    ['docker://host:5000/a@sha256:b', undefined],
    ['http://host:8086/x', undefined],
    ['git@host:a', undefined],
  ])('%s is %s without passwords', (text, shown) => {
    expect(withoutPasswords(text)).toBe(shown ?? text);
  });
});
