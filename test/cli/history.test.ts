import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { account, type AccountOptions } from '../../src/cli/account.ts';
import { history, type HistoryOptions } from '../../src/cli/history.ts';
import { instantOf } from '../../src/cli/historyOptions.ts';
import { placesFor } from '../../src/cli/places.ts';
import type { Places } from '../../src/model/places.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { pilotRecord } from '../record/pilotRecord.ts';

let folder: string;
let places: Places;
let printed: string;
let told: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-history-'));
  places = placesFor({ uid: 1, homeFolder: folder }, { logdir: folder });
  printed = '';
  told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const print = (bytes: Uint8Array): void => {
  printed += Buffer.from(bytes).toString();
};
const put = (...lines: readonly string[]): void =>
  writeFileSync(join(folder, 'history.jsonl'), lines.join(''));
const shown = (options: HistoryOptions = {}): string[] => {
  printed = '';
  expect(history(places, options, print)).toBe(0);
  return printed.split('\n').slice(0, -1);
};
const accounted = (options: AccountOptions): string => {
  printed = '';
  expect(account(places, options, print)).toBe(0);
  return printed;
};

describe('planctonctl history', () => {
  const endMs = new Date(2030, 2, 5, 8, 9, 10).getTime();
  const evicted = pilotRecord(1, {
    startedAtWallMs: endMs - 7_200_000,
    endedAtWallMs: endMs,
    outcome: 'evicted',
    exitCode: 137,
    signal: 'SIGKILL',
    outOfMemory: true,
    reason: { rule: 'memory', text: '1 GB is missing' },
    said: 'bye\u001b[2J',
  });
  const nothing = pilotRecord(2, {
    kind: null,
    startedAtWallMs: null,
    outcome: 'never-started',
    exitCode: null,
    cpuMs: null,
    peakMemoryBytes: null,
  });

  it('is a table, the newest first, in which nothing moves the cursor', () => {
    put(journalLine(evicted), journalLine(nothing));
    const [title, first, second, ...rest] = shown();
    expect(title).toMatch(/^ENDED +PILOT +KIND +OUTCOME +RAN +CPU +MEMORY +EXIT +WHY$/);
    expect(first).toMatch(/^[-0-9]{10} [:0-9]{8} plancton-worker-000002 +- +never-started - +- +- +-$/);
    expect(second).toMatch(
      /^2030-03-05 08:09:10 plancton-worker-000001 +default +evicted +2\.0 h +50 min +1\.5 GB +137 +out of memory; SIGKILL; 1 GB is missing; bye \[2J$/,
    );
    expect(rest).toEqual([]);
  });

  it('is the journal’s own lines for a program', () => {
    put(journalLine(evicted), journalLine(nothing));
    expect(shown({ json: true }).map((line) => `${line}\n`)).toEqual([
      journalLine(nothing),
      journalLine(evicted),
    ]);
  });

  it('shows the last ones, unless more are asked for', () => {
    put(...Array.from({ length: 60 }, (_, serial) => journalLine(pilotRecord(serial))));
    expect(shown()).toHaveLength(51);
    expect(told).toBe('These are the last 50; --limit and --since show more\n');
    told = '';
    expect(shown({ limit: '3' })).toHaveLength(4);
    expect(shown({ since: '2000-01-01' })).toHaveLength(61);
    expect(shown({ json: true })).toHaveLength(60);
    expect(shown({ json: true, limit: '5', outcome: 'finished', kind: 'default' })).toHaveLength(5);
    expect(told).toBe('');
    expect(shown({ kind: 'other' })).toEqual([]);
    expect(told).toBe(`No such pilot is in the journal in ${folder}\n`);
  });

  it('says how many lines could not be read', () => {
    put('nonsense\n', journalLine(evicted), '{"v":9}\n');
    expect(shown()).toHaveLength(2);
    expect(told).toBe('2 lines of the journal cannot be read and were left out\n');
  });

  it('tells tenths of a second of short lives, and makes nothing a second that was less', () => {
    const startedAtWallMs = endMs - 40;
    put(
      journalLine(pilotRecord(1, { startedAtWallMs, endedAtWallMs: endMs, cpuMs: 22_400 })),
      journalLine(pilotRecord(2, { startedAtWallMs: endMs - 3140, endedAtWallMs: endMs, cpuMs: 9970 })),
    );
    const [, second, first] = shown();
    expect(first).toMatch(/ finished +0\.0 s +22 s /);
    expect(second).toMatch(/ finished +3\.1 s +10 s /);
  });

  it('ends quietly when nobody reads any more', () => {
    put(...Array.from({ length: 2000 }, (_, serial) => journalLine(pilotRecord(serial))));
    let writes = 0;
    const gone = (): void => {
      writes += 1;
      throw Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
    };
    expect(history(places, { json: true }, gone)).toBe(0);
    expect([writes, told]).toEqual([1, '']);
  });

  it.each<[string, HistoryOptions]>([
    ['--limit: expected a whole number, not "many"', { limit: 'many' }],
    ['--limit: expected a whole number, not "-1"', { limit: '-1' }],
    ['--outcome: there is no "splendid"; there are finished, failed', { outcome: 'splendid' }],
    ['--since: expected a time ago', { since: 'yesterday' }],
    ['--until: expected a time ago', { until: '2030-02-30' }],
  ])('refuses: %s', (message, options) => {
    expect(() => history(places, options, print)).toThrow(message);
  });
});

describe('a time', () => {
  const nowMs = new Date(2030, 0, 31, 12).getTime();
  it.each([
    ['90s', nowMs - 90_000],
    ['1.5h', nowMs - 5_400_000],
    ['7d', nowMs - 604_800_000],
    ['2030-01-02', new Date(2030, 0, 2).getTime()],
    ['2030-01-02T03:04', new Date(2030, 0, 2, 3, 4).getTime()],
    ['2030-01-02 03:04:05', new Date(2030, 0, 2, 3, 4, 5).getTime()],
    ['2030-01-02T03:04Z', Date.UTC(2030, 0, 2, 3, 4)],
  ])('may be given as %s', (text, expected) => {
    expect(instantOf('--since', text, nowMs)).toBe(expected);
  });

  it.each(['', '12', '-3h', '3x', '2030-13-01', '2030-01-01T24:00', '2030-01-01T10:60', 'soon'])(
    'is not %j',
    (text) => {
      expect(() => instantOf('--since', text, nowMs)).toThrow(`not ${JSON.stringify(text)}`);
    },
  );
});

describe('planctonctl account', () => {
  const hour = 3_600_000;
  const noon = (day: number): number => new Date(2030, 2, day, 12).getTime();
  beforeEach(() => {
    const life = { startedAtWallMs: noon(5) - 2 * hour, endedAtWallMs: noon(5), cpuMs: 1.5 * hour };
    put(
      journalLine(pilotRecord(1, life)),
      journalLine(pilotRecord(2, { ...life, outcome: 'evicted' })),
      journalLine(pilotRecord(3, { ...life, endedAtWallMs: noon(6), kind: 'odd,"kind"', cpuMs: null })),
    );
  });

  it('is a table by kind and outcome, with a total and what counts as wasted', () => {
    expect(accounted({})).toBe(
      [
        'KIND        OUTCOME   PILOTS  WALL h  DELIVERED CPU h  WASTED CPU h',
        'default     evicted        1    2.00             0.00          1.50',
        'default     finished       1    2.00             1.50          0.00',
        'odd,"kind"  finished       1   26.00             0.00          0.00',
        'total                      3   30.00             1.50          1.50',
        'Wasted is the CPU time of pilots that were evicted or lost',
        '1 pilot ran whose CPU time was never read',
        '',
      ].join('\n'),
    );
  });

  it('is CSV by what is asked for', () => {
    expect(accounted({ csv: true, by: 'day, kind' })).toBe(
      [
        'kind,day,pilots,wall_hours,delivered_cpu_hours,wasted_cpu_hours,unknown_cpu',
        'default,2030-03-05,2,4,1.5,1.5,0',
        '"odd,""kind""",2030-03-06,1,26,0,0,1',
        '',
      ].join('\n'),
    );
  });

  it('is JSON', () => {
    const sums = {
      pilots: 2,
      wall_hours: 4,
      delivered_cpu_hours: 1.5,
      wasted_cpu_hours: 1.5,
      unknown_cpu: 0,
    };
    expect(JSON.parse(accounted({ json: true, by: 'day', kind: 'default' }))).toEqual({
      rows: [{ kind: null, outcome: null, day: '2030-03-05', ...sums }],
      total: sums,
      unreadable: 0,
    });
  });

  it.each<[string, AccountOptions]>([
    ['--by: there is no "week"; any of kind,outcome,day', { by: 'kind,week' }],
    ['--csv and --json', { csv: true, json: true }],
    ['--since: expected', { since: 'soon' }],
  ])('refuses: %s', (message, options) => {
    expect(() => account(places, options, print)).toThrow(message);
  });
});
