import { describe, expect, it } from 'vitest';
import { explainSettings } from '../../src/config/explain.ts';
import { type LoadResult, parseSettings } from '../../src/config/load.ts';
import { pack, unpack } from '../../src/config/passing.ts';

const facts = { ncpus: 8, ram_bytes: 16e9, swap_bytes: 0, max_dock_mem: 2e9, max_dock_swap: 0 };

type Good = Extract<LoadResult, { ok: true }>;

function load(text: string): Good {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

function warningsOf(text: string): string[] {
  return load(text).warnings.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
}

/** What PyYAML's `safe_load` makes of each. */
const asPyYaml = [
  ['2_000_000_000', 2_000_000_000],
  ['2__000_000_0_', 20_000_000],
  ['+12_000_000', 12_000_000],
  ['0x77359400', 2_000_000_000],
  ['0x7735_9400', 2_000_000_000],
  ['0b111011100110101100101000000000', 1_000_000_000],
  ['190:20:30:00', 41_113_800],
  ['2.0e+9', 2e9],
  ['2_000_000_000.0', 2e9],
  ['2000000000.', 2e9],
] as const;

describe('numbers of YAML 1.1', () => {
  it.each(asPyYaml)('max_dock_mem: %s is %d', (text, bytes) => {
    expect(load(`max_dock_mem: ${text}`).settings.topLevelKind.memoryBytes).toBe(bytes);
  });

  it.each([
    ['010', 8, 'a number that begins with 0 is octal: read as 8'],
    ['0_17', 15, 'a number that begins with 0 is octal: read as 15'],
    ['1:30', 90, 'numbers with colons count in sixties: read as 90'],
    ['1:30.5', 90.5, 'numbers with colons count in sixties: read as 90.5'],
    ['12:30:45', 45_045, 'numbers with colons count in sixties: read as 45045'],
  ])('grace_spawn: %s is %d, which is told', (text, seconds, told) => {
    expect(load(`grace_spawn: ${text}`).settings.graceSpawnMs).toBe(seconds * 1000);
    expect(warningsOf(`grace_spawn: ${text}`)).toEqual([`1:14 grace_spawn: ${told}`]);
  });

  it.each([
    ['0x10', 16],
    ['+0x1F', 31],
    ['0b101', 5],
    ['00', 0],
    ['08', 8],
    ['09.5', 9.5],
    ['1_000.5', 1000.5],
    ['1.5e+3', 1500],
    ['1e3', 1000],
    ['"1e3"', 1000],
    ['"5L"', 5],
    ['5l', 5],
    ['"0x10"', 16],
    ['"0o17"', 15],
    ['" 30 "', 30],
    ['"2_000"', 2000],
    ['"010"', 10],
  ])('grace_spawn: %s is %d', (text, seconds) => {
    expect(load(`grace_spawn: ${text}`).settings.graceSpawnMs).toBe(seconds * 1000);
    expect(warningsOf(`grace_spawn: ${text}`)).toEqual([]);
  });

  it.each(['0x', '_1', '1.5L', '0b2', '"1:30"', '"0x1G"', '1_000 minutes', '5Lm'])(
    'grace_spawn: %s is none',
    (text) => {
      expect(parseSettings(`grace_spawn: ${text}`).ok).toBe(false);
    },
  );

  it.each([
    ['2_0', 20],
    ['0x10', 16],
    ['"0x10"', 16],
    ['"5L"', 5],
    ['010', 8],
    ['"010"', 8],
    ['1e3', 1000],
    ['1:30', 90],
    ['min(5L, ncpus) - 0x2', 3],
    ['1000000000', 1e9],
    ['no', 0],
    ['False', 0],
  ])('max_docks: %s is %i', (text, limit) => {
    expect(load(`max_docks: ${text}`).settings.pilotLimit.evaluate(facts)).toBe(limit);
  });

  it('text stays as it is written where text is meant', () => {
    const { topLevelKind: kind } = load(
      'user_group: 20:20\ndocker_cmd: [sleep, 010, 1_000, 1:30, 0x10, yes]\nyield_to_programs: [7_1]',
    ).settings;
    expect(kind.user).toBe('20:20');
    expect(kind.command).toEqual(['sleep', '010', '1_000', '1:30', '0x10', 'yes']);
    expect(load('x: &ids 20:20\nuser_group: *ids').settings.topLevelKind.user).toBe('20:20');
    expect(load('user_group: 0100').settings.topLevelKind.user).toBe('0100');
  });
});

describe('words for yes and no', () => {
  it.each(['yes', 'Yes', 'YES', 'on', 'On', 'true', 'True', 'TRUE'])('docker_privileged: %s', (word) => {
    expect(load(`docker_privileged: ${word}`).settings.topLevelKind.privileged).toBe(true);
  });

  it.each(['no', 'No', 'off', 'OFF', 'False'])('in the place of a number, %s is 0, which is told', (word) => {
    for (const key of ['grace_kill', 'grace_spawn', 'max_dock_swap']) {
      expect(warningsOf(`${key}: ${word}`)).toEqual([
        `1:${key.length + 3} ${key}: expected a number: taken as 0`,
      ]);
    }
    const {
      graceKillMs,
      graceSpawnMs,
      topLevelKind: kind,
    } = load(`grace_kill: ${word}\ngrace_spawn: ${word}\nmax_dock_swap: ${word}`).settings;
    expect([graceKillMs, graceSpawnMs, kind.swapBytes]).toEqual([0, 0, 0]);
  });

  it.each(['grace_kill: yes', 'max_dock_swap: on', 'max_docks: true'])('%s is a wrong type', (text) => {
    expect(parseSettings(text).ok).toBe(false);
  });
});

describe('zeros', () => {
  it.each(['0', '0.5', '"0"', '0s'])('main_sleep: %s is the pace of looking at the node', (text) => {
    expect(load(`main_sleep: ${text}`).settings.mainSleepMs).toBe(1000);
    expect(warningsOf(`main_sleep: ${text}`)).toEqual([
      '1:13 main_sleep: less than a second is taken as 1 s: the node is looked at each second',
    ]);
  });

  it('of what the original did once in each loop are main_sleep', () => {
    const text = 'main_sleep: 7\nupdateconfig: 0\nimage_expiration: 0\nmax_ttl: 0\n';
    expect(load(text).settings).toMatchObject({
      updateConfigMs: 7000,
      imageExpirationMs: 7000,
      topLevelKind: { ttlMs: 7000 },
    });
    expect(warningsOf(text)).toEqual([
      '2:15 updateconfig: less than a second is taken as main_sleep, 7 s',
      expect.stringMatching(/^3:19 image_expiration: .* main_sleep, 7 s \(for never, write/),
      expect.stringMatching(/^4:10 max_ttl: .* main_sleep, 7 s \(for never, write/),
    ]);
    expect(load('main_sleep: 0\nmax_ttl: 0').settings.topLevelKind.ttlMs).toBe(1000);
  });

  it('of graces mean at once, with nothing to tell', () => {
    expect(load('grace_kill: 0\ngrace_spawn: 0\nmax_dock_swap: 0\nmax_docks: 0')).toMatchObject({
      settings: { graceKillMs: 0, graceSpawnMs: 0, topLevelKind: { swapBytes: 0 } },
      warnings: [],
    });
  });

  it.each(['0', 'no'])('docks_per_loop: %s starts nothing', (text) => {
    const loaded = load(`max_docks: 5\ndocks_per_loop: ${text}`);
    expect(loaded.settings.pilotLimit.evaluate(facts)).toBe(0);
    expect(warningsOf(`docks_per_loop: ${text}`)).toContain(
      '1:17 docks_per_loop: with 0 nothing is started, as with max_docks: 0',
    );
    const handed = unpack(pack(loaded, '1'), '1');
    expect(handed.ok && handed.settings.pilotLimit.evaluate(facts)).toBe(0);
    expect(explainSettings('c', loaded)).toMatch(/^max_docks: 0 +# c:2$/m);
  });

  it('of max_dock_mem are no way to go without a limit', () => {
    expect(load('max_dock_mem: 0').settings.topLevelKind.memoryBytes).toBe(2_000_000_000);
    expect(warningsOf('max_dock_mem: 0')).toEqual([
      expect.stringContaining('taken as the default, 2000000000'),
    ]);
    expect(parseSettings('max_dock_mem: 1').ok).toBe(false);
  });
});

describe('rows of nines', () => {
  it.each(['max_ttl', 'image_expiration', 'grace_kill', 'grace_spawn', 'main_sleep', 'updateconfig'])(
    '%s: 999999999999 is for never',
    (key) => {
      expect(load(`${key}: 999999999999`).warnings).toEqual([]);
    },
  );

  it('docks_per_loop: 999999 is no bound', () => {
    expect(load('docks_per_loop: 999999').settings.startsPerLoop).toBe(999_999);
  });
});

describe('a key that is given twice', () => {
  it('has the last value, and both lines are named', () => {
    const text = 'max_ttl: 100\nmain_sleep: 5\nmax_ttl: 010\n';
    expect(load(text).settings.topLevelKind.ttlMs).toBe(8000);
    expect(load(text).origins.get('max_ttl')).toEqual({ line: 3 });
    expect(warningsOf(text)).toEqual([
      '3:1 max_ttl: also given in line 1: what stands here, the last, is taken',
      '3:10 max_ttl: a number that begins with 0 is octal: read as 8',
    ]);
  });

  it('three times, in a section, or with an anchor is no other matter', () => {
    expect(warningsOf('max_ttl: 1\nmax_ttl: 2\nmax_ttl: 3')).toEqual([
      '3:1 max_ttl: also given in line 1, line 2: what stands here, the last, is taken',
    ]);
    expect(warningsOf('reserve:\n  cpus: 1\n  cpus: 2')).toEqual([
      '3:3 reserve.cpus: also given in line 2: what stands here, the last, is taken',
    ]);
    const { settings } = load('x: &t 40\nx: 2\nmax_ttl: *t\nbinds: [/a:/a]\nbinds: [/b:/b]');
    expect(settings.topLevelKind).toMatchObject({ ttlMs: 40_000, binds: [{ source: '/b' }] });
  });

  it('has its faults told where the last one stands, and shows nothing that may be a password', () => {
    const result = parseSettings('max_ttl: 1\nmax_ttl: soon');
    expect(!result.ok && result.problems).toMatchObject([{ line: 2, column: 10, key: 'max_ttl' }]);
    const told = JSON.stringify(load('? http://u:secret@h\n: 1\n? http://u:secret@h\n: 2').warnings);
    expect(told).toContain('also given in line 1');
    expect(told).not.toContain('secret');
  });
});

describe('entries without a value', () => {
  it('are left out, and the others are named by their place in the file', () => {
    const result = parseSettings('binds: [~, x]\ncapabilities:\n  -\n  -\n  - NO\n');
    expect(!result.ok && result.problems).toMatchObject([
      { line: 1, column: 12, key: 'binds[1]' },
      { line: 5, column: 5, key: 'capabilities[2]' },
    ]);
    expect(load('binds: [~, /a:/b]').settings.topLevelKind.binds).toHaveLength(1);
    const twice = parseSettings('binds: [/a:/b, ~, /c:/b]');
    expect(!twice.ok && twice.problems).toMatchObject([{ column: 19, key: 'binds[2]' }]);
    expect(warningsOf('security_opts: [~, odd]')).toEqual([
      expect.stringMatching(/^1:20 security_opts\[1\]: /),
    ]);
    expect(warningsOf('influxdb_url: [~, "http://h:8086"]')).toEqual([
      expect.stringMatching(/^1:19 influxdb_url\[1\]: .* left out$/),
    ]);
  });
});
