import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadResult, loadSettings, parseSettings } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

function problemsOf(result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map((problem) => formatProblem('c', problem));
}

function warningsOf(result: LoadResult): string[] {
  return result.warnings.map((problem) => formatProblem('c', problem));
}

const entry = (keys: string): string => `pilots:\n  - name: a\n    image: i\n    ${keys}\n`;

describe('faults in kinds', () => {
  it('are all named at once, with line and column, in the order of the file', () => {
    const text = [
      'max_ttl: -1',
      'pilots:',
      '  - name: Long',
      '    memory: 2G',
      '    env:',
      '      1A: x',
      '      PLANCTON_X: y',
      '      B: [hunter2]',
      '      C:',
      '    binds: [x]',
      '    docker_cmd: sleep',
      '    shares: 2',
      '  - image: i',
      '    ulimits: {nofiles: 3, core: 2:1}',
      '    outcomes: {300: failed, 1: nowork}',
      '  -',
      '  - short',
    ].join('\n');
    const result = parseSettings(text);
    expect(problemsOf(result)).toEqual([
      expect.stringMatching(/^c:1:10 max_ttl: expected a time/),
      expect.stringMatching(/^c:3:5 pilots\[0\]\.image: expected an image .*, found nothing$/),
      expect.stringMatching(
        /^c:3:11 pilots\[0\]\.name: expected the name of a kind, found "Long": at most 32/,
      ),
      expect.stringMatching(/^c:4:13 pilots\[0\]\.memory: expected a size .*, found "2G"$/),
      'c:6:11 pilots[0].env.1A: no name of a variable: letters, digits and _, the first of them no digit',
      'c:7:19 pilots[0].env.PLANCTON_X: Plancton itself sets this variable',
      'c:8:10 pilots[0].env.B: expected text, found a list',
      'c:9:9 pilots[0].env.C: expected text, found null: for an empty value write ""',
      expect.stringMatching(/^c:10:13 pilots\[0\]\.binds\[0\]: expected a bind/),
      'c:11:5 pilots[0].docker_cmd: in an entry of pilots this is called command',
      'c:13:5 pilots[1].name: expected the name of a kind, found nothing',
      'c:14:24 pilots[1].ulimits.nofiles: no limit that engines know (did you mean nofile?)',
      'c:14:33 pilots[1].ulimits.core: the soft limit 2 is above the hard one, 1',
      'c:15:21 pilots[1].outcomes.300: expected an exit code from 0 to 255',
      'c:15:32 pilots[1].outcomes.1: expected finished, failed, no-work, found "nowork" (did you mean no-work?)',
      expect.stringMatching(/^c:16:4 pilots\[2\]: expected a mapping with name, image and more, found null$/),
      expect.stringMatching(
        /^c:17:5 pilots\[3\]: expected a mapping with name, image and more, found "short"$/,
      ),
    ]);
    expect(warningsOf(result)).toEqual([
      'c:12:5 pilots[0].shares: unknown key: ignored (did you mean share?)',
    ]);
  });

  it.each([
    ['docker_image', 'image'],
    ['docker_cmd', 'command'],
    ['docker_privileged', 'privileged'],
    ['cpus_per_dock', 'cpus'],
    ['max_dock_mem', 'memory'],
    ['max_dock_swap', 'swap'],
    ['max_ttl', 'ttl'],
    ['user_group', 'user'],
  ])('%s is the name at the top of the file for %s', (atTop, name) => {
    expect(problemsOf(parseSettings(entry(`${atTop}: 1`)))).toEqual([
      `c:4:5 pilots[0].${atTop}: in an entry of pilots this is called ${name}`,
    ]);
  });

  it.each([
    'memory: 6MB',
    'memory: 0',
    'cpus: 0',
    'swap: -1',
    'shm_size: 1',
    'pids_limit: 3',
    'gpus: -1',
    'gpus: 1.5',
    'gpus: some',
    'gpus: ["a,b"]',
    'command: 3',
    'env: 3',
    'env: {MACHINEFEATURES: /x}',
    'env: {JOBFEATURES: /x}',
    'env: {PLANCTON_KIND: x}',
    'env: {"a b": 1}',
    'env: {"": 1}',
    'env: {__proto__: 1}',
    'env: {A: {b: c}}',
    'env: {A: "\\0"}',
    'env: [A]',
    'env: [=A]',
    'env: [A=1, A=2]',
    'env_file: x.env',
    'binds: [/a:/b, /c:/b/]',
    'devices: [/dev/a:/dev/c, /dev/b:/dev/c]',
    'tmpfs: [tmp]',
    'tmpfs: [/]',
    'tmpfs: ["/tmp:size=64MB"]',
    'tmpfs: ["/tmp:sise=64m"]',
    'tmpfs: ["/tmp:a:b"]',
    'tmpfs: [/tmp, /tmp]',
    'network_mode: "a b"',
    'init: perhaps',
    'log_rate: 0',
    'log_rate: fast',
    'log_rate: 5MB/min',
    'privileged: perhaps',
    'user: "1:2:3"',
    'capabilities: [SYS_ADMINN]',
    'capabilities: [SYS_ADMIN, -SYS_ADMIN]',
    'security_opts: [a b]',
    'read_only: 2',
    'ulimits: 3',
    'ulimits: [nofile]',
    'ulimits: {as: 3}',
    'ulimits: {nofile: 1:2:3}',
    'ulimits: {nofile: -2}',
    'ulimits: {nofile: "-1:5"}',
    'ulimits: {nofile: 1.5}',
    'ulimits: {nofile: }',
    'labels: {io.plancton.kind: x}',
    'labels: {IO.Plancton.x: x}',
    'labels: [io.plancton.instance=x]',
    'labels: {"a b": x}',
    'share: 0',
    'share: -1',
    'share: .inf',
    'max: 1.5',
    'ttl: 0',
    'ttl_jitter: 0.1',
    'ttl_jitter: 101%',
    'stop_signal: SIGTREM',
    'stop_signal: 0',
    'stop_signal: SIGRTMIN+31',
    'stop_signal: SIGRTMAX+1',
    'stop_grace: 2d',
    'pull: sometimes',
    'enabled: maybe',
    'schedule: fry',
    'outcomes: {x: failed}',
    'outcomes: {256: failed}',
    'outcomes: {1: evicted}',
    'outcomes: [1]',
    'fizzle: -1',
    'backoff: 3',
    'backoff: {first: 0}',
    'backoff: {first: 2h}',
    'backoff: {first: 2m, max: 1m}',
  ])('%s', (keys) => {
    const [problem = '', ...more] = problemsOf(parseSettings(entry(keys)));
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^c:4:\\d+ pilots\\[0\\]\\.${/^\w+/.exec(keys)?.[0]}`));
    expect(problem).not.toMatch(/Invalid input|\n/);
  });

  it('no two kinds have one name', () => {
    const two = 'pilots:\n  - {name: a, image: i}\n  - {name: a, image: i}\n';
    expect(problemsOf(parseSettings(two))).toEqual(['c:3:12 pilots[1].name: another kind is called a']);
    const withDefault = 'docker_image: d\npilots:\n  - {name: default, image: i}\n';
    expect(problemsOf(parseSettings(withDefault))).toEqual([
      'c:3:12 pilots[0].name: the kind that docker_image and docker_cmd at the top of the file make is called default',
    ]);
  });

  it('a folder in memory is in no place of a bind, be it one of the top', () => {
    const problem = 'another entry has the same place in the container, /b';
    expect(problemsOf(parseSettings(`binds: [/a:/b]\n${entry('tmpfs: [/b]')}`))).toEqual([
      `c:5:13 pilots[0].tmpfs[0]: ${problem}`,
    ]);
    expect(problemsOf(parseSettings(`binds: [/a:/b]\n${entry('tmpfs: [/b]\n    binds: []')}`))).toEqual([]);
  });

  it('kinds by their names are no list', () => {
    expect(problemsOf(parseSettings('pilots:\n  short: {image: i}'))).toEqual([
      'c:2:3 pilots: expected a list, as in "- name: short", found a mapping',
    ]);
  });

  it('an entry that stands alone has its place', () => {
    expect(problemsOf(parseSettings('pilots:\n  name: a\n  image: i\n  share: 0'))).toEqual([
      expect.stringMatching(/^c:4:10 pilots\[0\]\.share: /),
    ]);
  });

  it('entries without a value do not shift the place of those behind them', () => {
    expect(problemsOf(parseSettings(entry('binds: [~, /a:/b, x]')))).toEqual([
      expect.stringMatching(/^c:4:23 pilots\[0\]\.binds\[2\]: /),
    ]);
  });

  it.each([
    'env: {"http://u:hunter2@h": x}',
    'env: [hunter2 x]',
    'env: hunter2',
    'env: {A B: hunter2}',
    'env: {A: [hunter2]}',
  ])('no secret is shown: %s', (keys) => {
    const result = parseSettings(entry(keys));
    expect(problemsOf(result)).toHaveLength(1);
    expect([...problemsOf(result), ...warningsOf(result)].join()).not.toContain('hunter2');
  });

  it.each([
    ['hs06: 0', 'hs06'],
    ['hs06: fast', 'hs06'],
    ['host_rundir: run', 'host_rundir'],
    ['pilot_logs: 3', 'pilot_logs'],
    ['pilot_logs: {per_pilot: x}', 'pilot_logs.per_pilot'],
    ['pilot_logs: {age: -1}', 'pilot_logs.age'],
  ])('%s', (text, key) => {
    expect(problemsOf(parseSettings(text))).toEqual([
      expect.stringMatching(new RegExp(`^c:1:\\d+ ${key}: `)),
    ]);
  });
});

describe('a hostile list of kinds', () => {
  const many = (count: number, keys = ''): string =>
    `pilots:\n${Array.from({ length: count }, (_, index) => `  - {name: k${index}, image: i${keys}}`).join('\n')}`;

  it('has at most 64 entries', () => {
    expect(problemsOf(parseSettings(many(64)))).toEqual([]);
    expect(problemsOf(parseSettings(many(65)))).toEqual([
      'c:2:3 pilots: expected at most 64 entries, found 65',
    ]);
    const nothings = `pilots: [${'x, '.repeat(10_000)}]`;
    expect(problemsOf(parseSettings(nothings))).toEqual([
      'c:1:9 pilots: expected at most 64 entries, found 10000',
    ]);
  });

  it('has at most 256 entries in each of its lists', () => {
    const list = (count: number): string =>
      `[${Array.from({ length: count }, (_, index) => `A${index}=`).join()}]`;
    expect(problemsOf(parseSettings(entry(`env: ${list(256)}`)))).toEqual([]);
    expect(problemsOf(parseSettings(entry(`env: ${list(257)}`)))).toEqual([
      'c:4:10 pilots[0].env: expected at most 256 entries, found 257',
    ]);
  });

  it('has at most 128 KiB of variables in one kind', () => {
    expect(problemsOf(parseSettings(entry(`env: {A: ${'x'.repeat(131_000)}}`)))).toEqual([]);
    expect(problemsOf(parseSettings(entry(`env: {A: ${'x'.repeat(131_072)}}`)))).toEqual([
      'c:4:10 pilots[0].env: 131075 bytes in all: 131072 are the most',
    ]);
  });

  it('is told as a few faults, whatever aliases make of it', () => {
    const binds = `[${'x, '.repeat(255)}]`;
    const faults = problemsOf(parseSettings(`x: &b ${binds}\n${many(20, ', binds: *b')}`));
    expect(faults).toHaveLength(301);
    expect(faults.at(-1)).toMatch(/^c:4:\d+: here and below are 4800 more, which are not listed$/);
    const laughs = parseSettings(`x: &b ${binds}\ny: &c [${'*b, '.repeat(200)}]\n${many(64, ', binds: *c')}`);
    expect(problemsOf(laughs)).toEqual([expect.stringMatching(/^c:1:1: its aliases/)]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('%s is a key like any other', (name) => {
    expect(warningsOf(parseSettings(entry(`${name}: {share: 3}`)))).toEqual([
      `c:4:5 pilots[0].${name}: unknown key: ignored`,
    ]);
    expect(problemsOf(parseSettings(entry(`labels: {${name}: x}`))).length).toBe(
      name === '__proto__' ? 1 : 0,
    );
  });
});

describe('warnings of kinds', () => {
  it.each([
    ['command: sh -c "a"', 'c:4:14 pilots[0].command: quotes mean nothing'],
    ['security_opts: [what=ever]', 'c:4:21 pilots[0].security_opts[0]: not a security option'],
    ['stop_signal: KILL', 'c:4:18 pilots[0].stop_signal: no program sees SIGKILL'],
    ['stop_grace: 13h', 'c:4:17 pilots[0].stop_grace: stop_grace is longer than ttl'],
    ['ttl: 30s', 'c:4:10 pilots[0].ttl: ttl is not longer than fizzle'],
    ['ttl: 5s', 'c:4:10 pilots[0].ttl: stop_grace is longer than ttl'],
    ['pids-limit: 30', 'c:4:5 pilots[0].pids-limit: unknown key: ignored (did you mean pids_limit?)'],
    ['environment: {}', 'c:4:5 pilots[0].environment: unknown key: ignored (did you mean env?)'],
  ])('%s', (keys, warning) => {
    const result = parseSettings(entry(keys));
    expect(result.ok).toBe(true);
    expect(warningsOf(result)).toContainEqual(expect.stringContaining(warning));
  });

  it('a key of an entry that stands at the top', () => {
    expect(warningsOf(parseSettings('memory: 2GB\nshare: 3\nenv: {A: b}'))).toEqual([
      'c:1:1 memory: unknown key: ignored (did you mean max_dock_mem?)',
      'c:2:1 share: unknown key: ignored (it belongs in an entry of pilots)',
      'c:3:1 env: unknown key: ignored (it belongs in an entry of pilots)',
    ]);
  });

  it('a limit that not even the largest node lifts above what its kinds may have', () => {
    const two = 'pilots: [{name: a, image: i, max: 5}, {name: b, image: i, max: 4}]';
    const told = (limit: string): string[] => warningsOf(parseSettings(`max_docks: ${limit}\n${two}`));
    expect(told('8')).toEqual([
      'c:1:12 max_docks: gives 8 at most, while the kinds’ max add up to 9: they never all have theirs',
    ]);
    expect(told('min(ncpus, 4)')).toHaveLength(1);
    for (const limit of ['9', 'ncpus', '0']) expect(told(limit)).toEqual([]);
    expect(warningsOf(parseSettings(two))).toEqual([]);
  });

  it('the only kind of old has none of them', () => {
    expect(warningsOf(parseSettings('max_ttl: 5\nstop_grace: 60'))).toEqual([]);
  });

  it('a file of secrets that is not there, or not for one pair of eyes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plancton-kinds-'));
    try {
      const file = join(folder, 'config.yaml');
      const secrets = join(folder, 'x.env');
      const told = (): string[] => {
        const result = loadSettings(file);
        expect(result.ok).toBe(true);
        return warningsOf(result);
      };
      writeFileSync(file, entry(`env_file: ${secrets}`));
      expect(told()).toEqual([
        'c:4:15 pilots[0].env_file: there is no such file, and without it no pilot of this kind can be made',
      ]);
      writeFileSync(secrets, 'TOKEN=x\n');
      chmodSync(secrets, 0o644);
      expect(told()).toEqual([expect.stringContaining('every user of this node may read this file')]);
      chmodSync(secrets, 0o640);
      expect(told()).toEqual([]);
      rmSync(secrets);
      mkdirSync(secrets);
      expect(told()).toEqual(['c:4:15 pilots[0].env_file: this is not a regular file']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
