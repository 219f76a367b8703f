import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainCheck, explainSettings } from '../../src/config/explain.ts';
import { loadSettings, parseSettings } from '../../src/config/load.ts';
import { keys } from '../../src/config/schema.ts';

function explained(text: string): string {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(explainCheck('c', result));
  return explainSettings('config.yaml', result);
}

/** Settings as values that can be compared: the parsed expression is a function, and passwords are not for seeing. */
function comparable(text: string): unknown {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(explainCheck('c', result));
  const { pilotLimit, influxdb, ...rest } = result.settings;
  const targets = influxdb.map(({ password, token, ...target }) => ({
    ...target,
    hasPassword: password !== null,
    hasToken: token !== null,
  }));
  return { ...rest, limit: pilotLimit.text, targets };
}

const fixtures = resolve(import.meta.dirname, '../fixtures/config');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.yaml'));

const full = `
max_docks: "min(ncpus, 3) if ncpus > 2 else 1"
docker_image: host:5000/a/b:1
docker_cmd: [sh, -c, "echo 'a: b' # \\"c\\"; true", "true", "1.10", "", "-", "ü", "a\\nb", "{x}", "*y"]
docker_privileged: yes
cpus_per_dock: 0.25
max_dock_mem: 1GiB
max_ttl: 1.5h
pids_limit: 99
cpu_class: low
stop_grace: 0.5
user_group: 5:6
binds: [/a:/b, "/with space:/c:ro,Z", "/a#b:/d", "/very/long/path/to/make/the/list/take/more/than/one/line:/e"]
devices: [/dev/fuse]
capabilities: [SYS_ADMIN, -NET_RAW]
security_opts: [apparmor:x]
influxdb_url:
  - insecure_https://us%40er:hunter2@[::1]:8086/sub#my%20db
  - http://localhost:8086#plain
influxdb:
  - url: https://[::1]:8086/sub
    token: "s3cret-token=="
    org: "1.10"
    bucket: my bucket
    tls: {ca: /ca.pem}
    tags: {site: "north, south", number: 1.10}
  - {url: "http://us%40er:hunter2@h", database: d}
syslog: off
log_format: json
network_mode: none
reserve: {cpus: 0.5, memory: 7% up to 3GB, disk: 12.5%}
owner_slowdown: 0.3 %
max_pause: 90s
dry_run: yes
learn: no
engine: {url: "tcp://h:2376", tls: {ca: /ca}}
`;

describe('planctonctl config', () => {
  it.each([
    ['nothing', ''],
    ['everything', full],
    ['a number', 'max_docks: "3"'],
    ['a bare word', 'max_docks: "True"'],
  ])('prints what loads to the same settings: %s', (_, text) => {
    const printed = explained(text);
    expect(comparable(printed)).toEqual(comparable(text));
    expect(comparable(explained(printed))).toEqual(comparable(text));
    expect(parseSettings(printed).warnings).toEqual([]);
  });

  it.each(samples)('prints what loads to the same settings: %s', (name) => {
    const result = loadSettings(resolve(fixtures, name));
    if (!result.ok) throw new Error('not loaded');
    const again = parseSettings(explainSettings('c', result));
    expect(again).toMatchObject({
      ok: true,
      warnings: [],
      settings: { topLevelKind: result.settings.topLevelKind },
    });
  });

  it('prints every key that there is', () => {
    const printed = [...explained('').matchAll(/^(\w+):/gm)].map(([, key]) => key);
    expect(new Set(printed)).toEqual(new Set(Object.keys(keys)));
  });

  it('says where each value came from', () => {
    const printed = explained('# one\nmax_ttl: 5\nengine:\n  context: far\n');
    expect(printed).toMatch(/^max_ttl: 5 +# config.yaml:2$/m);
    expect(printed).toMatch(/^max_docks: max\(1, ncpus - 2\)|"max\(1, ncpus - 2\)" +# default$/m);
    expect(printed).toMatch(/^engine: +# config.yaml:3$/m);
    expect(printed).toMatch(/^ {2}context: far +# config.yaml:4$/m);
    expect(printed).toMatch(/^ {2}url: null +# default$/m);
  });

  it('shows no password', () => {
    const printed = explained(full);
    expect(printed).not.toContain('hunter2');
    expect(printed).toContain('insecure_https://us%40er:***@[::1]:8086/sub#my%20db');
  });

  it('says that there is no file', () => {
    const result = loadSettings(resolve(fixtures, 'not-there.yaml'));
    expect(result.ok && explainSettings('x.yaml', result)).toMatch(
      /^# x.yaml is not there: every value is a default\n/,
    );
  });
});

describe('planctonctl check', () => {
  it.each([
    ['', 'c: good\n'],
    ['foo: 1', 'warning: c:1:1 foo: unknown key: ignored\nc: good, with 1 warning\n'],
    [
      'foo: 1\nbar: 1\nmax_ttl: x',
      /^error: c:3:10 max_ttl: expected .*\nwarning: c:1:1 foo: .*\nwarning: c:2:1 bar: .*\nc: 1 error, 2 warnings: it would not be put in force\n$/,
    ],
  ])('%j', (text, expected) => {
    expect(explainCheck('c', parseSettings(text))).toMatch(expected);
  });

  it('says that there is no file, or why it cannot be read', () => {
    expect(explainCheck('c', loadSettings(resolve(fixtures, 'not-there.yaml')))).toBe(
      'c is not there: every value is a default\n',
    );
    expect(explainCheck('c', loadSettings(fixtures))).toBe(
      'error: c: is a folder: expected a file\nc: 1 error: it would not be put in force\n',
    );
  });
});
