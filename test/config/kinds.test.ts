import { describe, expect, it } from 'vitest';
import { type LoadResult, parseSettings } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { type Kind, plainKind } from '../../src/model/kind.ts';
import type { Settings } from '../../src/model/settings.ts';
import { zonesNamed } from '../support/wallTime.ts';

function good(text: string): Settings {
  const result = parseSettings(text);
  expect(problemsOf(result)).toEqual([]);
  if (!result.ok) throw new Error('not loaded');
  return result.settings;
}

function problemsOf(result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map((problem) => formatProblem('c', problem));
}

function warningsOf(text: string): string[] {
  return parseSettings(text).warnings.map((problem) => formatProblem('c', problem));
}

/** The only kind of a list with one entry, which has these keys besides a name and an image. */
function kindWith(keys: string, before = ''): Kind {
  const { kinds } = good(`${before}\npilots: [{name: a, image: i, ${keys}}]`);
  const [kind, ...more] = kinds;
  expect(more).toEqual([]);
  if (kind === undefined) throw new Error('no kind');
  return kind;
}

const facts = { ncpus: 8, ram_bytes: 16e9, swap_bytes: 0, max_dock_mem: 0, max_dock_swap: 0 };

describe('which kinds there are', () => {
  const namesOf = (text: string): string[] => good(text).kinds.map(({ name }) => name);

  it.each([
    ['nothing at all', '', ['default']],
    ['keys at the top', 'docker_image: a\nmax_ttl: 5', ['default']],
    ['pilots without a value', 'pilots:', ['default']],
    ['a list', 'pilots: [{name: a, image: i}, {name: b, image: i}]', ['a', 'b']],
    ['a list and keys that kinds inherit', 'max_ttl: 5\npilots: [{name: a, image: i}]', ['a']],
    ['a list and an image', 'pilots: [{name: a, image: i}]\ndocker_image: d', ['default', 'a']],
    ['a list and a command', 'docker_cmd: x\npilots: [{name: a, image: i}]', ['default', 'a']],
    ['a list and an image without a value', 'docker_image:\npilots: [{name: a, image: i}]', ['a']],
    ['one entry without a list', 'pilots: {name: a, image: i}', ['a']],
    ['a kind of the list that is called default', 'pilots: [{name: default, image: i}]', ['default']],
    ['an empty list and an image', 'docker_image: d\npilots: []', ['default']],
  ])('%s', (_, text, names) => {
    expect(namesOf(text)).toEqual(names);
  });

  it('without a list it is the one of old: no fizzle, no bound on its log, no jitter', () => {
    const [kind, ...more] = good('max_ttl: 5').kinds;
    expect(more).toEqual([]);
    expect(kind).toEqual({
      ...plainKind,
      name: 'default',
      image: 'busybox',
      command: ['/bin/sleep', '60'],
      cpus: 1,
      memoryBytes: 2_000_000_000,
      ttlMs: 5000,
      ttlReachesRunning: true,
    });
    expect(kind).toMatchObject({ fizzleMs: 0, logRateBytes: null, ttlJitter: 0 });
    expect(good('docker_image: busybox\nmax_ttl: 5\npilots: [{name: a, image: i}]').kinds[0]).toEqual(kind);
  });

  it('an empty list starts nothing, and there is a disabled kind in its place', () => {
    const settings = good('pilots: []\nmax_docks: 3');
    expect(settings.kinds).toMatchObject([{ name: 'default', enabled: false }]);
    expect(settings.pilotLimit).toMatchObject({ text: '0', isDefault: false });
    expect(warningsOf('pilots: []')).toEqual(['c:1:9 pilots: there is no kind in it: nothing is started']);
    expect(warningsOf('docker_image: d\npilots: []')).toEqual([]);
  });

  it('kinds that are all disabled start nothing either, and keep the limit', () => {
    const text = 'max_docks: 3\npilots:\n  - {name: a, image: i, enabled: no}';
    expect(good(text).pilotLimit.text).toBe('3');
    expect(warningsOf(text)).toEqual(['c:3:3 pilots: no kind is enabled: nothing is started']);
  });
});

describe('an entry', () => {
  it('has these defaults', () => {
    expect(kindWith('')).toEqual({
      ...plainKind,
      name: 'a',
      image: 'i',
      command: [],
      cpus: 1,
      memoryBytes: 2_000_000_000,
      logRateBytes: 5_000_000,
      ttlJitter: 0.1,
      fizzleMs: 60_000,
    });
  });

  const top = [
    'cpus_per_dock: 2',
    'max_dock_mem: 3GB',
    'max_dock_swap: 1GB',
    'pids_limit: 99',
    'docker_privileged: yes',
    'max_ttl: 2h',
    'stop_grace: 33',
    'user_group: 7:8',
    'network_mode: host',
    'binds: [/a:/b]',
    'devices: [/dev/fuse]',
    'capabilities: [SYS_ADMIN, -NET_RAW]',
    'security_opts: [label=disable]',
  ].join('\n');

  it('is as the top says where it says nothing', () => {
    const { topLevelKind } = good(top);
    const { command, logRateBytes, ttlJitter, fizzleMs } = kindWith('');
    expect(kindWith('', top)).toEqual({
      ...topLevelKind,
      name: 'a',
      image: 'i',
      command,
      logRateBytes,
      ttlJitter,
      fizzleMs,
      ttlReachesRunning: false,
    });
    expect(kindWith('cpus: , binds: null', top)).toMatchObject({ cpus: 2, binds: [{ target: '/b' }] });
  });

  it('is as it says itself where it says something', () => {
    const own =
      'cpus: 0.5, memory: 1GiB, swap: 0, pids_limit: 16, privileged: no, ttl: 60, stop_grace: 1, user: 1000, ' +
      'network_mode: none, binds: [], devices: [], capabilities: [], security_opts: []';
    expect(kindWith(own, top)).toEqual({
      ...kindWith(''),
      cpus: 0.5,
      memoryBytes: 2 ** 30,
      pidsLimit: 16,
      ttlMs: 60_000,
      stopGraceMs: 1000,
      user: '1000',
      networkMode: 'none',
    });
  });

  it.each<[string, Partial<Kind>]>([
    ['command: [sleep, 1.10, 0755, yes]', { command: ['sleep', '1.10', '0755', 'yes'] }],
    ['command: sleep  60', { command: ['sleep', '60'] }],
    [
      'env: {A: 1.10, B: 0x10, C: true, D: "", E: a=b, f_1: 12:30}',
      { env: { A: '1.10', B: '0x10', C: 'true', D: '', E: 'a=b', f_1: '12:30' } },
    ],
    ['env: [A=1.10, B=, "C=a = b"]', { env: { A: '1.10', B: '', C: 'a = b' } }],
    ['env_file: /etc/x.env', { envFile: '/etc/x.env' }],
    ['shm_size: 1GiB', { shmBytes: 2 ** 30 }],
    ['gpus: 2', { gpus: { count: 2, ids: [] } }],
    ['gpus: all', { gpus: { count: 'all', ids: [] } }],
    ['gpus: [0, GPU-1f]', { gpus: { count: 0, ids: ['0', 'GPU-1f'] } }],
    ['gpus: 0', { gpus: null }],
    ['tmpfs: /tmp', { tmpfs: [{ target: '/tmp', options: '' }] }],
    [
      'tmpfs: ["/tmp:size=64m,mode=1777,noexec"]',
      { tmpfs: [{ target: '/tmp', options: 'size=64m,mode=1777,noexec' }] },
    ],
    ['init: no', { init: false }],
    ['log_rate: 1kB/s', { logRateBytes: 1000 }],
    ['log_rate: 1.5MiB', { logRateBytes: 1.5 * 2 ** 20 }],
    ['log_rate: none', { logRateBytes: null }],
    ['read_only: yes', { readOnly: true }],
    [
      'ulimits: {nofile: 1024:4096, nproc: 10:20, core: 0, memlock: unlimited, stack: "1:-1"}',
      {
        ulimits: [
          { name: 'nofile', soft: 1024, hard: 4096 },
          { name: 'nproc', soft: 10, hard: 20 },
          { name: 'core', soft: 0, hard: 0 },
          { name: 'memlock', soft: -1, hard: -1 },
          { name: 'stack', soft: 1, hard: -1 },
        ],
      },
    ],
    [
      'labels: {org.example.team: physics, 007: 1.10}',
      { labels: { 'org.example.team': 'physics', 7: '1.10' } },
    ],
    ['labels: [a=b]', { labels: { a: 'b' } }],
    ['share: 0.5', { share: 0.5 }],
    ['max: 0', { max: 0 }],
    ['ttl_jitter: 25%', { ttlJitter: 0.25 }],
    ['stop_signal: int', { stopSignal: 'SIGINT' }],
    ['pull: never', { pull: 'never' }],
    [
      'outcomes: {0: finished, 75: no-work, 017: failed}',
      { outcomes: { 0: 'finished', 75: 'no-work', 15: 'failed' } },
    ],
    ['fizzle: 0', { fizzleMs: 0 }],
    ['fizzle: 5m', { fizzleMs: 300_000 }],
    ['backoff: {first: 5}', { backOff: { firstMs: 5000, mostMs: 3_600_000 } }],
    ['backoff: {max: 2h}', { backOff: { firstMs: 60_000, mostMs: 7_200_000 } }],
    ['schedule: sat', { schedule: [{ days: [6], beginMinute: 0, endMinute: 1440, zone: null }] }],
  ])('%s', (keys, changed) => {
    expect(kindWith(keys)).toEqual({ ...kindWith(''), ...changed });
  });

  it('has a name that is text as it is written', () => {
    expect(
      good('pilots: [{name: 1.10, image: i}, {name: 0x1f, image: i}]').kinds.map(({ name }) => name),
    ).toEqual(['1.10', '0x1f']);
  });

  it('may be made of another one by an anchor, with values as they are written', () => {
    const { kinds } = good(
      'pilots:\n  - &base {name: a, image: i, env: &e {V: 1.10, W: 010}, command: [x, 1.10], ttl: 5m}\n' +
        '  - {<<: *base, name: b, ttl: 6m}\n  - {<<: [*base], name: c, env: {<<: *e, W: 2.0}}\n',
    );
    const env = { V: '1.10', W: '010' };
    expect(kinds).toMatchObject([
      { name: 'a', ttlMs: 300_000, env, command: ['x', '1.10'] },
      { name: 'b', ttlMs: 360_000, env, command: ['x', '1.10'] },
      { name: 'c', ttlMs: 300_000, env: { V: '1.10', W: '2.0' } },
    ]);
  });
});

describe('what lies around kinds', () => {
  it('max_docks speaks of the memory at the top of the file', () => {
    const list = 'pilots: [{name: a, image: i, memory: 8GB, swap: 1GB}]\n';
    const limit = good(`${list}max_docks: ram_bytes // max_dock_mem`).pilotLimit;
    expect(limit.evaluate(facts)).toBe(8);
    expect(
      good(`${list}max_dock_mem: 4GB\nmax_docks: ram_bytes // max_dock_mem`).pilotLimit.evaluate(facts),
    ).toBe(4);
    expect(good(`${list}max_dock_swap: 3\nmax_docks: max_dock_swap`).pilotLimit.evaluate(facts)).toBe(3);
  });

  it('the clocks of the zones that schedules of kinds name are known', () => {
    const text =
      'schedule: sat UTC\npilots: [{name: a, image: i, schedule: [sun Asia/Tokyo, mon]}, {name: b, image: i, schedule: mon Europe/Rome}]';
    expect(good(text).signs.zones).toEqual(zonesNamed('UTC', 'Asia/Tokyo', 'Europe/Rome'));
  });

  it('what pilots are told and leave', () => {
    expect(good('')).toMatchObject({
      hs06: null,
      hostRunFolder: null,
      logRetention: { perPilotBytes: 10_000_000, allBytes: 1_000_000_000, ageMs: 30 * 86_400_000 },
    });
    expect(
      good('hs06: 512.5\nhost_rundir: /run/p\npilot_logs: {per_pilot: 0, all: 2GB, age: 1w}'),
    ).toMatchObject({
      hs06: 512.5,
      hostRunFolder: '/run/p',
      logRetention: { perPilotBytes: 0, allBytes: 2_000_000_000, ageMs: 7 * 86_400_000 },
    });
  });

  it('where each value came from, that of the top where it is taken from there', () => {
    const result = parseSettings(
      'max_ttl: 5\nmax_dock_mem:\npilots:\n  - name: a\n    image: i\n    cpus: 2\n',
    );
    const originOf = (key: string): unknown => result.ok && result.origins.get(key);
    expect(
      ['cpus', 'ttl', 'memory', 'share', 'backoff.first'].map((key) => originOf(`pilots[0].${key}`)),
    ).toEqual([{ line: 6 }, { line: 1 }, 'default', 'default', 'default']);
    expect(originOf('pilots')).toEqual({ line: 3 });
  });
});
