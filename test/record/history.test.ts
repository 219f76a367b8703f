import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PilotRecord } from '../../src/model/history.ts';
import { accountOf } from '../../src/record/account.ts';
import { type HistoryQuery, queryHistory } from '../../src/record/history.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { pilotRecord } from './pilotRecord.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-history-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const path = (number = 0): string => join(folder, `history.jsonl${number === 0 ? '' : `.${number}`}`);
/** As if it had been written when its last pilot ended. */
function put(number: number, ...records: readonly PilotRecord[]): void {
  fs.writeFileSync(path(number), records.map(journalLine).join(''));
  const at = new Date(records.at(-1)?.endedAtWallMs ?? 0);
  fs.utimesSync(path(number), at, at);
}
const everything = { sinceMs: null, untilMs: null, kind: null, outcome: null, name: null };

function names(query: Partial<HistoryQuery> = {}): string[] {
  const found: string[] = [];
  queryHistory(folder, { ...everything, order: 'oldest', limit: Infinity, ...query }, ({ head }) => {
    found.push(head.name.slice(-1));
  });
  return found;
}

describe('a query', () => {
  beforeEach(() => {
    put(2, pilotRecord(1, { kind: 'other' }), pilotRecord(2, { outcome: 'evicted' }));
    put(1, pilotRecord(3));
    put(0, pilotRecord(4, { kind: 'other', outcome: 'evicted' }), pilotRecord(5, { kind: null }));
    fs.writeFileSync(join(folder, 'history.jsonl.old'), journalLine(pilotRecord(9)));
  });

  it.each<[string, Partial<HistoryQuery>, string]>([
    ['all, the oldest first', {}, '12345'],
    ['all, the newest first', { order: 'newest' }, '54321'],
    ['the newest ones', { order: 'newest', limit: 2 }, '54'],
    ['the oldest ones', { limit: 3 }, '123'],
    ['none', { limit: 0 }, ''],
    ['of a kind', { kind: 'other' }, '14'],
    ['of an outcome', { outcome: 'evicted' }, '24'],
    ['of both', { kind: 'other', outcome: 'evicted', limit: 1 }, '4'],
    ['of a name', { name: 'plancton-worker-000003' }, '3'],
    ['since', { sinceMs: pilotRecord(3).endedAtWallMs }, '345'],
    ['until', { untilMs: pilotRecord(3).endedAtWallMs }, '12'],
  ])('tells %s', (_what, query, expected) => {
    expect(names(query).join('')).toBe(expected);
  });

  it('tells whole records, their lines, and whether there are more', () => {
    const records: (PilotRecord | null)[] = [];
    const told = queryHistory(folder, { ...everything, order: 'newest', limit: 2 }, (match) => {
      records.push(match.record());
      expect(`${match.bytes().toString()}\n`).toBe(journalLine(records.at(-1) ?? pilotRecord(0)));
    });
    expect(records[1]).toEqual(pilotRecord(4, { kind: 'other', outcome: 'evicted' }));
    expect(told).toEqual({ matches: 2, complete: false, unreadable: 0 });
    const all = queryHistory(folder, { ...everything, order: 'newest', limit: 5 }, () => true);
    expect(all).toEqual({ matches: 5, complete: true, unreadable: 0 });
    expect(queryHistory(folder, { ...everything, order: 'newest', limit: 5 }, () => false).matches).toBe(1);
  });

  it('skips what is no record, and says how many lines that were', () => {
    fs.appendFileSync(path(1), 'nonsense\n\n{"v":1,"end":\n');
    fs.appendFileSync(path(0), '{"v":1,"end":7,"outcome":"fini');
    for (const order of ['oldest', 'newest'] as const) {
      const told = queryHistory(folder, { ...everything, order, limit: Infinity }, () => true);
      expect(told).toEqual({ matches: 5, complete: true, unreadable: 2 });
    }
  });

  it('takes a line for none that is longer than any record, and parses nothing of it', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const longest = journalLine(pilotRecord(7, { said: '"\u0001'.repeat(5000) }));
    fs.appendFileSync(path(0), `{"v":1,"said":"${'x'.repeat(70_000)}"}\n${longest}`);
    const told = queryHistory(folder, { ...everything, order: 'oldest', limit: Infinity }, () => true);
    expect(told).toEqual({ matches: 6, complete: true, unreadable: 1 });
    expect(parse.mock.calls.every(([text]) => text.length < 65_536)).toBe(true);
    parse.mockRestore();
  });

  it('does not open up files that were written before', () => {
    fs.writeFileSync(path(2), 'nonsense\n');
    const { endedAtWallMs } = pilotRecord(3);
    const daysBefore = (days: number): number => {
      const at = new Date(endedAtWallMs - days * 86_400_000);
      fs.utimesSync(path(2), at, at);
      const query = { ...everything, order: 'oldest', limit: Infinity, sinceMs: endedAtWallMs } as const;
      return queryHistory(folder, query, () => true).unreadable;
    };
    // A day is allowed for clocks that were put right.
    expect([daysBefore(0.5), daysBefore(1.5)]).toEqual([1, 0]);
  });

  it('is not confused by a rotation in its midst', () => {
    const found: string[] = [];
    queryHistory(folder, { ...everything, order: 'newest', limit: Infinity }, ({ head }) => {
      found.push(head.name.slice(-1));
      if (found.length > 1) return;
      fs.renameSync(path(2), path(3));
      fs.renameSync(path(1), path(2));
      fs.renameSync(path(0), path(1));
      put(0, pilotRecord(6));
    });
    expect(found.join('')).toBe('54321');
    // The same file under two names, as a reader finds it that comes between two renames.
    fs.linkSync(path(1), path(4));
    expect(names().toSorted().join('')).toBe('123456');
  });
});

it('a journal that is not there has no records', () => {
  expect(names()).toEqual([]);
  fs.rmSync(folder, { recursive: true });
  expect(names()).toEqual([]);
  fs.mkdirSync(folder);
});

describe('an account', () => {
  const hour = 3_600_000;
  /** By this node's clock. */
  const at = (day: number, hours: number): number => new Date(2030, 2, day, hours).getTime();
  const life = (serial: number, endMs: number, changed: Partial<PilotRecord>): PilotRecord =>
    pilotRecord(serial, { startedAtWallMs: endMs - 2 * hour, endedAtWallMs: endMs, cpuMs: hour, ...changed });
  beforeEach(() => {
    put(1, life(1, at(5, 23), {}), life(2, at(6, 0), { outcome: 'evicted' }));
    put(
      0,
      life(3, at(6, 23), { kind: 'other', outcome: 'failed' }),
      life(4, at(6, 1), { cpuMs: null }),
      life(5, at(6, 2), { outcome: 'never-started', startedAtWallMs: null, cpuMs: null }),
      life(6, at(6, 3), { outcome: 'lost', kind: null, cpuMs: 3 * hour }),
      life(7, at(6, 3), { outcome: 'expired' }),
    );
  });
  const sums = { pilots: 1, wallMs: 2 * hour, deliveredCpuMs: 0, wastedCpuMs: 0, unknownCpu: 0 };

  it('adds up everything', () => {
    const { rows, total } = accountOf(folder, everything, []);
    const expected = {
      pilots: 7,
      wallMs: 12 * hour,
      deliveredCpuMs: 3 * hour,
      wastedCpuMs: 4 * hour,
      unknownCpu: 1,
    };
    expect(total).toEqual(expected);
    expect(rows).toEqual([{ kind: null, outcome: null, day: null, ...expected }]);
  });

  it('tells by kind, outcome and day, in their order', () => {
    const { rows } = accountOf(folder, everything, ['kind', 'outcome', 'day']);
    const [none, other] = ['2030-03-05', '2030-03-06'];
    const row = (day: string | undefined, kind: string, outcome: string, changed: object) => ({
      day,
      kind,
      outcome,
      ...sums,
      ...changed,
    });
    expect(rows).toEqual([
      row(none, 'default', 'finished', { deliveredCpuMs: hour }),
      row(other, '', 'lost', { wastedCpuMs: 3 * hour }),
      row(other, 'default', 'evicted', { wastedCpuMs: hour }),
      row(other, 'default', 'expired', { deliveredCpuMs: hour }),
      row(other, 'default', 'finished', { unknownCpu: 1 }),
      row(other, 'default', 'never-started', { wallMs: 0 }),
      row(other, 'other', 'failed', { deliveredCpuMs: hour }),
    ]);
  });

  it.each([
    ['evicted', 'cpu', 'wasted'],
    ['evicted', 'force-stop', 'wasted'],
    ['evicted', 'log', 'delivered'],
    ['expired', 'ttl', 'delivered'],
    ['expired', 'window', 'delivered'],
    ['expired', 'renew', 'wasted'],
    ['lost', 'engine-restart', 'wasted'],
    ['failed', 'log', 'delivered'],
  ] as const)('takes what %s by the rule %s for %s, however its line is read', (outcome, rule, sum) => {
    const since = at(8, 0);
    const changed = { outcome, reason: { rule, text: 'said: \\","rule":"log"' } };
    // The second is not plain ASCII: it is parsed.
    put(0, life(8, since, changed), life(9, since, { ...changed, kind: 'größer' }));
    const { total } = accountOf(folder, { ...everything, sinceMs: since }, []);
    const [deliveredCpuMs, wastedCpuMs] = sum === 'wasted' ? [0, 2 * hour] : [2 * hour, 0];
    expect(total).toMatchObject({ pilots: 2, deliveredCpuMs, wastedCpuMs });
  });

  it('heeds the filter', () => {
    expect(accountOf(folder, { ...everything, kind: 'other' }, []).total).toEqual({
      ...sums,
      deliveredCpuMs: hour,
    });
    expect(accountOf(folder, { ...everything, sinceMs: at(6, 3) }, []).total.pilots).toBe(3);
  });
});
