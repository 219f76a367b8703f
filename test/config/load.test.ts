import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoadResult, loadSettings, parseSettings } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Settings } from '../../src/model/settings.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/config');
const facts = { ncpus: 8, ram_bytes: 16e9, swap_bytes: 0, max_dock_mem: 2e9, max_dock_swap: 0 };

function good(text: string): Settings {
  const result = parseSettings(text);
  expect(problemsOf(result)).toEqual([]);
  if (!result.ok) throw new Error('not loaded');
  return result.settings;
}

function problemsOf(result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map((problem) => formatProblem('c', problem));
}

function warningsOf(result: LoadResult): string[] {
  return result.warnings.map((problem) => formatProblem('c', problem));
}

const defaultKind = {
  name: 'default',
  image: 'busybox',
  command: ['/bin/sleep', '60'],
  env: {},
  envFile: null,
  cpus: 1,
  memoryBytes: 2_000_000_000,
  swapBytes: 0,
  shmBytes: null,
  pidsLimit: 4096,
  gpus: null,
  privileged: false,
  user: '0:0',
  binds: [],
  devices: [],
  tmpfs: [],
  capabilitiesAdded: [],
  capabilitiesDropped: [],
  securityOptions: [],
  ulimits: [],
  labels: {},
  readOnly: false,
  networkMode: 'bridge',
  init: null,
  logRateBytes: null,
  pull: 'auto',
  enabled: true,
  schedule: [],
  share: 1,
  max: null,
  ttlMs: 43_200_000,
  ttlReachesRunning: true,
  ttlJitter: 0,
  stopSignal: 'SIGTERM',
  stopGraceMs: 10_000,
  outcomes: {},
  fizzleMs: 0,
  backOff: { firstMs: 60_000, mostMs: 3_600_000 },
};

describe('defaults', () => {
  const defaults = {
    influxdb: [],
    updateConfigMs: 60_000,
    imageExpirationMs: 43_200_000,
    mainSleepMs: 30_000,
    graceKillMs: 120_000,
    graceSpawnMs: 60_000,
    startsPerLoop: 4,
    adoptUnlabelled: false,
    cpuClass: 'idle',
    reserve: {
      cpus: { share: 1, atMost: 0 },
      memory: { share: 0.05, atMost: null },
      disk: { share: 0.05, atMost: 1e9 },
    },
    ownerSlowdown: 0.01,
    maxPauseMs: 600_000,
    dryRun: false,
    learn: true,
    engine: { url: null, context: null, tls: null },
    logFormat: 'text',
    syslog: 'auto',
    listen: { host: '127.0.0.1', port: 7526 },
    listenNames: [],
    listenLogs: 'none',
    pilotLimit: { text: 'max(1, ncpus - 2)', isDefault: true },
    topLevelKind: defaultKind,
    kinds: [defaultKind],
    hs06: null,
    hostRunFolder: null,
    logRetention: { perPilotBytes: 10_000_000, allBytes: 1_000_000_000, ageMs: 2_592_000_000 },
  };

  it.each([
    ['an empty file', ''],
    ['only a comment', '# nothing\n'],
    ['only a marker', '---\n'],
    ['a null', 'null\n'],
    ['an empty mapping', '{}'],
    ['a byte order mark', '\uFEFF'],
    [
      'keys without values',
      'max_docks:\ndocker_image: ~\nbinds: null\nengine:\ndocker_cmd:\nmax_dock_mem:\n',
    ],
  ])('%s', (_, text) => {
    const result = parseSettings(text);
    expect(result).toMatchObject({ ok: true, settings: defaults, warnings: [] });
    expect(result.ok && [...result.origins.values()].every((origin) => origin === 'default')).toBe(true);
  });

  it('of max_docks give at least one pilot; what is written is taken as it is', () => {
    const few = [1, 2, 3, 8].map((ncpus) => ({ ...facts, ncpus }));
    expect(few.map((node) => good('').pilotLimit.evaluate(node))).toEqual([1, 1, 1, 6]);
    const written = good('max_docks: ncpus - 2').pilotLimit;
    expect(written.isDefault).toBe(false);
    expect(few.map((node) => written.evaluate(node))).toEqual([0, 0, 1, 6]);
  });
});

describe('configurations that sites used', () => {
  it.each(readdirSync(fixtures).filter((name) => name.endsWith('.yaml')))('%s loads', (name) => {
    expect(problemsOf(loadSettings(resolve(fixtures, name)))).toEqual([]);
  });

  it('names keys of other times', () => {
    expect(warningsOf(loadSettings(resolve(fixtures, 'cern-alien-dev.yaml')))).toEqual([
      'c:5:1 rigidity: unknown key: ignored',
      'c:6:1 morbidity: unknown key: ignored',
      'c:7:1 cputhresh: unknown key: ignored',
      'c:9:1 dock_condor_conf: unknown key: ignored',
      'c:14:1 parrot_wrapper_path: unknown key: ignored',
      'c:16:1 pilot_dock: unknown key: ignored (did you mean docker_image?)',
      'c:17:1 pilot_privileged: unknown key: ignored (did you mean docker_privileged?)',
      'c:19:1 local_configs: unknown key: ignored',
    ]);
  });

  it('reads what they say', () => {
    const test = loadSettings(resolve(fixtures, 'cern-test.yaml'));
    expect(test).toMatchObject({
      ok: true,
      warnings: [],
      settings: {
        updateConfigMs: 10_000,
        topLevelKind: {
          command: ['/bin/sh', '-c', 'while [[ 1 ]]; do cat /dummyfile; sleep 5; done'],
          ttlMs: 500_000,
          binds: [{ source: '/tmp/dummyfile', target: '/dummyfile', mode: null }],
          devices: [{ source: '/dev/fuse', target: '/dev/fuse', permissions: 'rw' }],
          capabilitiesAdded: ['SYS_ADMIN'],
          securityOptions: ['apparmor=docker-cvmfs'],
        },
      },
    });
    expect(test.ok && test.origins.get('max_ttl')).toEqual({ line: 10 });
    const dev = loadSettings(resolve(fixtures, 'to-infn-dev.yaml'));
    expect(dev).toMatchObject({ ok: true, settings: { topLevelKind: { devices: [{ permissions: 'rw' }] } } });
    expect(warningsOf(dev)).toEqual([expect.stringMatching(/^c:\d+:1 secopt: .*security_opts/)]);
  });
});

describe('ways to write a value', () => {
  it.each([
    ['max_ttl: 30', 30_000],
    ['max_ttl: "30"', 30_000],
    ['max_ttl: 90s', 90_000],
    ['max_ttl: 15m', 900_000],
    ['max_ttl: 1.5h', 5_400_000],
    ['max_ttl: 2 d', 172_800_000],
    ['max_ttl: 1w', 604_800_000],
  ])('%s', (text, ms) => {
    expect(good(text).topLevelKind.ttlMs).toBe(ms);
  });

  it.each([
    ['max_dock_mem: 2750000000', 2_750_000_000],
    ['max_dock_mem: 2e9', 2e9],
    ['max_dock_mem: "2e9"', 2e9],
    ['max_dock_mem: 2GB', 2e9],
    ['max_dock_mem: 1.5GiB', 1.5 * 2 ** 30],
    ['max_dock_mem: 6MiB', 6 * 2 ** 20],
    ['max_dock_mem: 10000 kB', 1e7],
  ])('%s', (text, bytes) => {
    expect(good(text).topLevelKind.memoryBytes).toBe(bytes);
  });

  it.each([
    ['True', true],
    ['"True"', true],
    ['yes', true],
    ['"no"', false],
    ['Off', false],
    ['1', true],
    ['false', false],
  ])('docker_privileged: %s', (text, truth) => {
    expect(good(`docker_privileged: ${text}`).topLevelKind.privileged).toBe(truth);
  });

  it.each([
    ['/bin/sleep  60', ['/bin/sleep', '60']],
    ['[sleep, 1.10, True, 0755]', ['sleep', '1.10', 'True', '0755']],
    ['[sh, -c, "a b"]', ['sh', '-c', 'a b']],
    ['[]', []],
  ])('docker_cmd: %s', (text, command) => {
    expect(good(`docker_cmd: ${text}`).topLevelKind.command).toEqual(command);
  });

  it.each([
    ['on', 'on'],
    ['true', 'on'],
    ['False', 'off'],
    ['auto', 'auto'],
    ['no', 'off'],
  ])('syslog: %s', (text, mode) => {
    expect(good(`syslog: ${text}`).syslog).toBe(mode);
  });

  it.each([
    ['4', 4],
    ['"4"', 4],
    ['2.9', 2],
    ['0', 0],
    ['ncpus / 3 * 3', 6],
    ['ram_bytes // max_dock_mem', 5],
    ['-3 + ncpus * 0', 0],
  ])('max_docks: %s with 3 GB for a pilot gives %i', (text, limit) => {
    const { pilotLimit, topLevelKind: kind } = good(`max_docks: ${text}\nmax_dock_mem: 3GB`);
    expect(pilotLimit.evaluate({ ...facts, max_dock_mem: kind.memoryBytes })).toBe(limit);
  });

  it.each([
    ['/dev/fuse', { source: '/dev/fuse', target: '/dev/fuse', permissions: 'rwm' }],
    ['/dev/fuse:r', { source: '/dev/fuse', target: '/dev/fuse', permissions: 'r' }],
    ['/dev/a:/dev/b', { source: '/dev/a', target: '/dev/b', permissions: 'rwm' }],
    ['[{PathOnHost: /dev/a}]', { source: '/dev/a', target: '/dev/a', permissions: 'rwm' }],
  ])('devices: %s', (text, device) => {
    expect(good(`devices: ${text}`).topLevelKind.devices).toEqual([device]);
  });

  it('binds, capabilities, security options, users, networks', () => {
    const { topLevelKind: kind } = good(
      'binds: [/a:/b, "/c:/d:ro,Z"]\ncapabilities: [sys_admin, +CAP_MKNOD, -NET_RAW, ALL]\n' +
        'security_opts: [apparmor:x, "label:type:t", no-new-privileges]\nuser_group: 1000\nnetwork_mode: none\n' +
        'docker_image: "host:5000/a/b:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"\n',
    );
    expect(kind).toMatchObject({
      binds: [
        { source: '/a', target: '/b', mode: null },
        { source: '/c', target: '/d', mode: 'ro,Z' },
      ],
      capabilitiesAdded: ['SYS_ADMIN', 'MKNOD', 'ALL'],
      capabilitiesDropped: ['NET_RAW'],
      securityOptions: ['apparmor=x', 'label=type:t', 'no-new-privileges'],
      user: '1000',
      networkMode: 'none',
      image: 'host:5000/a/b:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    });
  });

  it('the engine section', () => {
    expect(good('engine: {url: "tcp://h:2376", tls: {ca: /ca, verify: no}}').engine).toEqual({
      url: 'tcp://h:2376',
      context: null,
      tls: { ca: '/ca', cert: null, key: null, verify: false },
    });
    expect(good('engine: {context: remote}').engine.context).toBe('remote');
    expect(good('engine: {tls: {}}').engine.tls).toEqual({ ca: null, cert: null, key: null, verify: true });
  });

  it('anchors, aliases and merged keys', () => {
    const { topLevelKind: kind } = good('x: &base {max_ttl: 5}\n<<: *base\nbinds: &b [/a:/b]\ndevices: []\n');
    expect(kind).toMatchObject({ ttlMs: 5000, binds: [{ source: '/a' }] });
  });
});

describe('influxdb_url', () => {
  it('is taken apart', () => {
    const [first, second, third] = good(
      'influxdb_url:\n - http://localhost:8086#db\n - insecure_https://me:p%40ss@[::1]:443/sub/#my%20db\n - https://h#d\n',
    ).influxdb;
    expect(first).toEqual({
      key: 'influxdb_url',
      api: 1,
      protocol: 'http',
      host: 'localhost',
      port: 8086,
      path: '',
      database: 'db',
      org: null,
      username: null,
      password: null,
      token: null,
      verifyCertificate: true,
      caFile: null,
      tags: {},
    });
    expect(second).toMatchObject({
      protocol: 'https',
      host: '::1',
      port: 443,
      path: '/sub',
      database: 'my db',
      username: 'me',
    });
    expect(second?.password?.reveal()).toBe('p@ss');
    expect(second?.verifyCertificate).toBe(false);
    expect(third).toMatchObject({ port: 443, verifyCertificate: true });
  });

  it.each([
    ['100%sure', '100%sure'],
    ['%zz%', '%zz%'],
    ['a%C3%BC%40', 'aü@'],
  ])('takes a %% in a password as one where it begins no code: %s', (written, password) => {
    const [target] = good(`influxdb_url: "http://me:${written}@h:1#d"`).influxdb;
    expect(target?.password?.reveal()).toBe(password);
  });

  it('drops entries without a database, with a warning that shows none of them', () => {
    const result = parseSettings('influxdb_url: [http://u:hunter2@h:1, http://h:1#d]');
    expect(result.ok && result.settings.influxdb).toHaveLength(1);
    expect(warningsOf(result)).toEqual([
      'c:1:16 influxdb_url[0]: this entry has no #database after the port: left out',
    ]);
  });

  it.each([
    'http://u:hunter2@h:x#d',
    'u:hunter2@h:8086#d',
    'ftp://u:hunter2@h#d',
    'http://u:hun#ter2@h:1#d',
    'http://u:hunter2@h:1#',
    'http://u:hunter2%ff@h:1#d',
    'http://h:1?u=u&p=hunter2#d',
    'http://u:hunter2@h:0#d',
    'http://u:hunter2/@h:1#d',
  ])('%s is refused, and not shown', (url) => {
    const result = parseSettings(`influxdb_url: "${url}"`);
    expect(problemsOf(result)).toEqual([
      expect.stringMatching(/^c:1:15 influxdb_url\[0\]: expected http\[s\]:/),
    ]);
    expect(JSON.stringify(result)).not.toMatch(/hun|ter2/);
  });

  it.each([
    'influxdb_url: "http://u:hunter2@h#d" "x"',
    'influxdb_url http://u:hunter2@h#d',
    'http://u:hunter2@h#d: 1',
    'docker_image: http://u:hunter2@h#d',
    'engine: {url: "http://u:hunter2@h"}',
    '  - http://u:hunter2@h#d\nx: 1',
    'influxdb_url: [http://u:hunter2@h#d',
    'influxdb_url: *hunter2',
    'influxdb_url: "\\hunter2"',
    'influxdb_url: &hunter2 &hunter2 x',
    '%hunter2\n---\na: 1',
    'a: !hunter2 b',
    'influxdb_url: |hunter2\n  x',
  ])('a slip around it shows no password: %s', (text) => {
    const result = parseSettings(text);
    const lines = [...problemsOf(result), ...warningsOf(result)];
    expect(lines).not.toEqual([]);
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});

describe('faults', () => {
  it('are all named at once, in the order of the file, each with its place', () => {
    const result = parseSettings(
      [
        'max_ttl: -1',
        'cpus_per_dock: 0',
        'binds:',
        '  - /a:/b',
        '  - x',
        'max_dokcs: 3',
        'engine:',
        '  url: 3',
        '  tlss: {}',
        'max_docks: ncpus +',
        'docker_privileged: perhaps',
      ].join('\n'),
    );
    expect(problemsOf(result)).toEqual([
      'c:1:10 max_ttl: expected a time of 0 s to 100000 years, in seconds or as in 90s, 15m, 12h, 2d, found -1',
      'c:2:16 cpus_per_dock: expected a number of CPUs from 0.01 to 10000, found 0',
      'c:5:5 binds[1]: expected a bind such as /host:/container or /host:/container:ro, found "x": the path on the host does not begin with /',
      'c:8:8 engine.url: expected unix:///path, tcp://host:port, http://… or https://…, found 3',
      'c:10:12 max_docks: expected a number of pilots, 0 or more, or an expression, found "ncpus +": in "ncpus +", column 8: expected a number, a name or "(", found the end',
      'c:11:20 docker_privileged: expected true or false, found "perhaps"',
    ]);
    expect(warningsOf(result)).toEqual([
      'c:6:1 max_dokcs: unknown key: ignored (did you mean max_docks?)',
      'c:9:3 engine.tlss: unknown key: ignored (did you mean tls?)',
    ]);
  });

  it.each([
    'updateconfig: .nan',
    'updateconfig: no',
    'max_ttl: off',
    'max_ttl: 1e13',
    'main_sleep: .inf',
    'main_sleep: -.inf',
    'grace_kill: 1e300',
    'grace_kill: -0.1',
    'max_ttl: ten',
    'max_ttl: [1]',
    'max_ttl: true',
    'max_ttl: ""',
    'max_ttl: 10 minutes',
    'max_ttl: 2026-01-01',
    'max_dock_mem: 6MB',
    'max_dock_mem: 100',
    'max_dock_mem: no',
    'cpus_per_dock: 0',
    'cpus_per_dock: 0.0',
    'max_dock_mem: 2G',
    'max_dock_mem: 1e300',
    'max_dock_swap: -1',
    'cpus_per_dock: 0.001',
    'cpus_per_dock: 1e9',
    'cpus_per_dock: .nan',
    'docks_per_loop: 1.5',
    'docks_per_loop: -1',
    'stop_grace: 2d',
    'max_docks: -1',
    'max_docks: .inf',
    'max_docks: 1e300',
    'max_docks: true',
    'max_docks: [1]',
    'max_docks: ""',
    'max_docks: foo',
    'max_docks: 1 / 0',
    'max_docks: 10 ** 300',
    'docker_image: 3',
    'docker_image: ""',
    'docker_image: busyBox',
    'docker_image: a b',
    'docker_cmd: {a: 1}',
    'docker_cmd: 3',
    'docker_cmd: [[a]]',
    'user_group: "a b"',
    'user_group: "1:2:3"',
    'user_group: true',
    'user_group: 4294967296',
    'user_group: -1',
    'binds: [a:/b]',
    'binds: [/a]',
    'binds: ["/a:b"]',
    'binds: ["/a:/"]',
    'binds: ["/a:/b:rx"]',
    'binds: ["/a:/b:rw,ro"]',
    'binds: ["/a:/b:rw:x"]',
    'binds: [/a:/x, /b:/x/]',
    'binds: {a: b}',
    'devices: [fuse]',
    'devices: ["/dev/fuse:/dev/fuse:x"]',
    'devices: ["/dev/fuse:/dev/fuse:rr"]',
    'devices: [{PathInContainer: /dev/fuse}]',
    'devices: [{PathOnHost: /dev/fuse, Typo: 1}]',
    'devices: [/dev/a:/dev/c, /dev/b:/dev/c]',
    'capabilities: [SYS_ADMINN]',
    'capabilities: [3]',
    'capabilities: [SYS_ADMIN, -SYS_ADMIN]',
    'security_opts: [a b]',
    'security_opts: [3]',
    'network_mode: [x]',
    'network_mode: "a b"',
    'log_format: jsn',
    'syslog: maybe',
    'adopt_unlabelled: 2',
    'influxdb_url: 3',
    'engine: 3',
    'engine: []',
    'engine: {url: /var/run/docker.sock}',
    'engine: {url: "unix://relative"}',
    `engine: {url: "unix:///${'x'.repeat(107)}"}`,
    'engine: {url: "tcp://host"}',
    'engine: {url: "ssh://host"}',
    'engine: {url: "tcp://h:1", context: x}',
    'engine: {tls: {ca: relative}}',
    'engine: {tls: {cert: /c}}',
    'engine: {tls: {verify: maybe}}',
    'engine: {url: "unix:///s", tls: {}}',
  ])('%s', (text) => {
    const [problem = '', ...more] = problemsOf(parseSettings(text));
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^c:1:\\d+ ${/^\w+/.exec(text)?.[0]}`));
    expect(problem).not.toContain('Invalid input');
  });

  it('of a capability come with the nearest name', () => {
    expect(problemsOf(parseSettings('capabilities: [SYS_ADMINN]'))[0]).toContain('did you mean SYS_ADMIN?');
  });

  it('the longest socket path that is not cut is taken', () => {
    expect(good(`engine: {url: "unix:///${'x'.repeat(106)}"}`).engine.url).toHaveLength(114);
  });
});

describe('warnings', () => {
  it.each([
    ['docker_cmd: sh -c "sleep 1"', 'c:1:13 docker_cmd: quotes mean nothing'],
    ['security_opts: [what=ever]', 'c:1:17 security_opts[0]: not a security option'],
    [
      'max_docks: ram_bytes / swap_bytes',
      'c:1:12 max_docks: cannot be worked out on a node with 1 CPUs and no swap',
    ],
    ['max-ttl: 3', 'c:1:1 max-ttl: unknown key: ignored (did you mean max_ttl?)'],
    ['MAX_TTL: 3', 'c:1:1 MAX_TTL: unknown key: ignored (did you mean max_ttl?)'],
    ['a: !!python/object x', 'c:1:4: an unknown tag'],
    ['__proto__: {max_ttl: 3}', 'c:1:1 __proto__: unknown key: ignored'],
    ['constructor: 1', 'c:1:1 constructor: unknown key: ignored'],
  ])('%s', (text, warning) => {
    const result = parseSettings(text);
    expect(result.ok).toBe(true);
    expect(warningsOf(result)).toContainEqual(expect.stringContaining(warning));
  });
});

describe('what is not a configuration', () => {
  it.each([
    ['a list', '- a\n- b', 'c:1:1: expected keys with values, as in "max_docks: 4", found a list'],
    ['a word', 'hello', 'c:1:1: expected keys with values, as in "max_docks: 4", found text'],
    ['two documents', 'max_ttl: 1\n---\nmax_ttl: 2', 'c:2:1: not YAML: a second document'],
    ['a tab', 'engine:\n\turl: x', 'c:2:1: not YAML: a tab indents'],
    ['an open bracket', 'binds: [a', 'c:1:10: not YAML'],
    ['an open quote', 'docker_image: "a', 'c:1:17: not YAML'],
    ['an alias without anchor', 'max_ttl: *x', 'c:1:10: this alias'],
    ['a zero byte', 'max_ttl: 1\nx: \u0000', 'c:2:4: a control character'],
    ['deep brackets', '['.repeat(900_000), 'c:1:51: nested too deeply'],
    ['deep dashes', '- '.repeat(400_000), 'c:1:101: nested too deeply'],
    [
      'many keys',
      Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n'),
      'more entries by here',
    ],
    [
      'a billion laughs',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join()}]`)
        .join('\n')}`,
      'c:1:1: its aliases',
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(parseSettings(text))).toContainEqual(expect.stringContaining(expected));
  });

  it('any text gives settings or problems with places, and never throws', () => {
    const piece = fc.constantFrom(
      ...'max_ttl: |binds:|engine:|  url: |- |[|]|{|}|*a|&a |!!int |"|\n|\n  |\t|: |---\n|1|/a:/b|null|#x|? |<<: |%'.split(
        '|',
      ),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 30 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseSettings(text);
        expect(result.ok || result.problems.length > 0).toBe(true);
        for (const line of problemsOf(result)) expect(line).toMatch(/^c:\d+:\d+[: ]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the fingerprint', () => {
  it('tells contents apart', () => {
    const prints = ['', 'max_ttl: 1', 'max_ttl: 2', 'max_ttl: [', 'max_ttl: 1'].map(
      (text) => parseSettings(text).fingerprint,
    );
    expect(new Set(prints).size).toBe(4);
    expect(prints[1]).toBe(prints[4]);
  });
});
