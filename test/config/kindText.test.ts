import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainSettings } from '../../src/config/explain.ts';
import { type LoadResult, parseSettings } from '../../src/config/load.ts';
import { pack, unpack } from '../../src/config/passing.ts';

type Good = Extract<LoadResult, { ok: true }>;

function load(text: string): Good {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(`${JSON.stringify(result.problems)}\n${text}`);
  return result;
}

const list = `# kinds
max_dock_mem: 3GB
max_ttl: 1h
pilots:
  - name: short
    image: registry.example.org/grid/pilot:2.1
    command: [run, "a b", "1.10"]
    env:
      SITE: NORTH
      API_TOKEN: hunter2
      ssh_key: hunter2
      MY_PASSWORD: hunter2
      NIL: "null"
      "no": 010
    memory: 1GiB
    gpus: all
    ulimits: {nofile: 1024:4096}
    labels: {org.example.team: "a: b"}
    outcomes: {75: no-work}
    backoff: {first: 5s}
  - {name: plain, image: busybox, gpus: ["0", GPU-1], init: yes, max: 2}
`;

describe('planctonctl config with kinds', () => {
  it('prints each kind whole, and where each value came from', () => {
    const printed = explainSettings('c', load(list)).split('\n');
    const found = (text: string): string[] =>
      printed.filter((line) => line.trimStart().startsWith(text)).map((line) => line.replace(/ +#/, ' #'));
    expect(found('pilots:')).toEqual(['pilots: # c:4']);
    expect(found('- name:')).toEqual(['  - name: short # c:5', '  - name: plain # c:21']);
    expect(found('memory:')).toEqual([
      '    memory: 1073741824 # c:15',
      '    memory: 3000000000 # c:2',
      '  memory: "5%" # default',
    ]);
    expect(found('ttl:')).toEqual(['    ttl: 3600 # c:3', '    ttl: 3600 # c:3']);
    expect(found('SITE')).toEqual(['      SITE: NORTH # c:8']);
    expect(found('share:')).toEqual(['    share: 1 # default', '    share: 1 # default']);
    expect(found('first:')).toEqual(['      first: 5 # c:20', '      first: 60 # default']);
    expect(found('docker_')).toEqual([
      'docker_image: null # default',
      'docker_cmd: null # default',
      'docker_privileged: false # default',
    ]);
  });

  it('shows no variable that is called as a secret', () => {
    const printed = explainSettings('c', load(list));
    expect(printed).not.toContain('hunter2');
    for (const name of ['API_TOKEN', 'ssh_key', 'MY_PASSWORD'])
      expect(printed).toContain(`      ${name}: "***" `);
  });

  it('has no line for kinds that nobody wrote', () => {
    const printed = explainSettings('c', load('docker_image: a'));
    expect(printed).toMatch(/^pilots: null +# default$/m);
    expect(printed).toMatch(/^docker_image: a +# c:1$/m);
  });

  it.each([
    ['a list', list.replaceAll('hunter2', '"***"')],
    [
      'a list and a kind of the top',
      `docker_image: a\nuser_group: "5"\n${list.replaceAll('hunter2', '"***"')}`,
    ],
    ['only a command at the top', 'docker_cmd: [x]\npilots: [{name: a, image: i}]'],
    ['no kind', 'pilots: []\nmax_docks: 3\nmax_ttl: 7'],
    ['no kind but that of the top', 'pilots: []\ndocker_image: i'],
    ['a kind that is called default', 'pilots: [{name: default, image: i, cpus: 3}]'],
    ['what pilots are told', 'hs06: 5\nhost_rundir: /run/x\npilot_logs: {all: 5GB}'],
  ])('prints what loads to the same settings: %s', (_, text) => {
    expect(comparable(load(explainSettings('c', load(text))))).toEqual(comparable(load(text)));
  });
});

function comparable({ settings: { pilotLimit, ...rest } }: Good): unknown {
  return { ...rest, limit: pilotLimit.text };
}

/** Texts that YAML has its own ideas of. */
const trickyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    'no',
    'null',
    '~',
    '1.10',
    '010',
    '1:30',
    '0x1f',
    '-',
    '#',
    'a: b',
    '*a',
    '&a',
    '!x',
    '<<',
    '"',
    "'",
    '|',
    '>',
    '%',
    '@',
    '`',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\x7f',
    'a\nb',
    ' a ',
    '{x}',
    '[x]',
    '***',
    'true',
    '.inf',
    '2026-01-01',
    '=',
    '?',
    '? a',
  ),
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const word = (first: string, more: string, maxLength = 8): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...first.split('')), fc.array(fc.constantFrom(...more.split('')), { maxLength }))
    .map(([head, tail]) => head + tail.join(''));
const letters = 'abcxyzABCXYZ_';
const listOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { maxLength: 3 });
const path = word('/', 'abc-# ä', 6).map((text) => `/x${text}`);
const seconds = fc.oneof(
  fc.integer({ min: 60, max: 86_400 }),
  fc.integer({ min: 60_000, max: 9e6 }).map((ms) => ms / 1000),
);
const variable = word(letters, `${letters}019`).filter(
  (name) => !/TOKEN|PASS|SECRET|KEY|CREDENTIAL/i.test(name),
);
const label = fc.oneof(
  word(letters, `${letters}019./-`),
  fc.constantFrom('no', 'null', 'true', '010', '0x1f', '1.0', 'y', '7'),
);

const kind = fc.record(
  {
    image: fc.constantFrom(
      'busybox',
      'host:5000/a/b:1.10',
      'a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    ),
    command: maybe(listOf(trickyText)),
    env: maybe(fc.dictionary(variable, trickyText, { maxKeys: 4 })),
    env_file: maybe(path),
    cpus: maybe(fc.constantFrom(0.01, 0.25, 1, 64)),
    memory: maybe(fc.integer({ min: 6 * 2 ** 20, max: 2 ** 40 })),
    swap: maybe(fc.integer({ min: 0, max: 2 ** 40 })),
    shm_size: maybe(fc.integer({ min: 4096, max: 2 ** 40 })),
    pids_limit: maybe(fc.integer({ min: 16, max: 4_194_304 })),
    gpus: maybe(fc.constantFrom<unknown>(0, 1, 64, 'all', ['0'], ['GPU-1', '010'])),
    devices: maybe(fc.constantFrom([], ['/dev/fuse'], ['/dev/a:/dev/b:rw'])),
    binds: maybe(
      fc.uniqueArray(path, { maxLength: 2 }).map((paths) => paths.map((each) => `${each}:${each}:ro`)),
    ),
    tmpfs: maybe(fc.constantFrom([], ['/tmp'], ['/tmp:size=64m,mode=1777', '/run'])),
    network_mode: maybe(fc.constantFrom('host', 'none', 'container:x')),
    init: maybe(fc.boolean()),
    log_rate: maybe(fc.constantFrom('none', 1, 1000, '1.5MiB', '5MB/s')),
    privileged: maybe(fc.boolean()),
    user: maybe(fc.constantFrom('0:0', '20:20', '1000', 'nobody:nogroup')),
    capabilities: maybe(fc.constantFrom([], ['SYS_ADMIN', '-NET_RAW'])),
    security_opts: maybe(fc.constantFrom([], ['apparmor=x', 'no-new-privileges'])),
    read_only: maybe(fc.boolean()),
    ulimits: maybe(
      fc.constantFrom({}, { nofile: 3 }, { nproc: '10:20', core: 'unlimited' }, { stack: '5:-1' }),
    ),
    labels: maybe(fc.dictionary(label, trickyText, { maxKeys: 4 })),
    share: maybe(fc.constantFrom(0.001, 0.5, 3, 1e6)),
    max: maybe(fc.integer({ min: 0, max: 1e9 })),
    ttl: maybe(seconds),
    ttl_jitter: maybe(fc.constantFrom('0%', '12.5%', '100%', '0.3 %')),
    stop_signal: maybe(fc.constantFrom('INT', 'SIGRTMIN+3', 'SIGRTMAX-2', 1, 64)),
    stop_grace: maybe(seconds),
    pull: maybe(fc.constantFrom('auto', 'always', 'missing', 'never')),
    enabled: maybe(fc.boolean()),
    schedule: maybe(fc.constantFrom([], ['sat'], ['mon-fri 18:00-08:00', 'sun UTC'])),
    outcomes: maybe(
      fc.dictionary(
        fc.integer({ min: 0, max: 255 }).map(String),
        fc.constantFrom('finished', 'failed', 'no-work'),
      ),
    ),
    fizzle: maybe(seconds),
    backoff: maybe(fc.constantFrom({}, { first: 3 }, { max: '2h' }, { first: 1.5, max: 1.5 })),
  },
  { requiredKeys: ['image'] },
);
const file = fc.record(
  {
    pilots: fc
      .array(kind, { maxLength: 4 })
      .map((kinds) => kinds.map((each, index) => ({ name: `k${index}`, ...each }))),
    docker_image: fc.constantFrom('busybox', 'host/x:1'),
    docker_cmd: listOf(trickyText),
    max_dock_mem: fc.constantFrom(0, '3GB'),
    max_ttl: fc.constantFrom(0, '2h'),
    capabilities: fc.constantFrom([], ['MKNOD']),
    max_docks: fc.constantFrom(3, 'ncpus - 1'),
    docks_per_loop: fc.constantFrom(0, 4),
  },
  { requiredKeys: [] },
);

describe('any list of kinds', () => {
  it('is printed as it loads, and passes to the daemon whole', () => {
    fc.assert(
      fc.property(file, (written) => {
        // JSON is YAML, but for some control characters that no YAML text may hold as they are
        const text = JSON.stringify(written).replaceAll(
          /[\x7f-\x9f\u2028\u2029\ufeff]/g,
          (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        const loaded = load(text);
        const printed = explainSettings('c', loaded);
        const again = load(printed);
        expect(comparable(again)).toEqual(comparable(loaded));
        expect(explainSettings('c', again).replaceAll(/ +#.*$/gm, '')).toBe(
          printed.replaceAll(/ +#.*$/gm, ''),
        );
        const passed = unpack(pack(loaded, '1'), '1') as Good;
        expect(comparable(passed)).toEqual(comparable(loaded));
      }),
      { numRuns: 150 },
    );
  });
});
