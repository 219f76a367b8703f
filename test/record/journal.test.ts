import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queryHistory } from '../../src/record/history.ts';
import { createJournal, type Journal, type JournalOptions } from '../../src/record/journal.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { keepLog, type KeptLog } from '../support/quietLog.ts';
import { pilotRecord } from './pilotRecord.ts';

let folder: string;
let log: KeptLog;
let opened: Journal[];

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-journal-'));
  log = keepLog();
  opened = [];
});
afterEach(() => {
  for (const journal of opened) journal.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function open(more: Partial<JournalOptions> = {}): Journal {
  const journal = createJournal({ folder, log, ...more });
  opened.push(journal);
  return journal;
}
const path = (number = 0): string => join(folder, `history.jsonl${number === 0 ? '' : `.${number}`}`);
const everything = {
  sinceMs: null,
  untilMs: null,
  kind: null,
  outcome: null,
  name: null,
  limit: Infinity,
} as const;
function read(order: 'newest' | 'oldest' = 'oldest'): { serials: number[]; unreadable: number } {
  const serials: number[] = [];
  const { unreadable } = queryHistory(folder, { ...everything, order }, (match) => {
    serials.push(Number.parseInt(match.record()?.id ?? '', 16));
  });
  return { serials, unreadable };
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const fault = (code: string) => Object.assign(new Error(`${code}: as the test wants it`), { code });

describe('the journal', () => {
  it('keeps each record once, and is only for its owner and group', async () => {
    const journal = open();
    for (const serial of [1, 2, 2, 1, 3]) journal.append(pilotRecord(serial));
    expect(read()).toEqual({ serials: [1, 2, 3], unreadable: 0 });
    expect(read('newest').serials).toEqual([3, 2, 1]);
    expect(fs.statSync(path()).mode & 0o777).toBe(0o640);
    expect(await journal.has(pilotRecord(2).id)).toBe(true);
    expect(await journal.has('none')).toBe(false);
  });

  it('of a daemon before is known to the next one', async () => {
    open().append(pilotRecord(1));
    const next = open();
    expect(await next.has(pilotRecord(1).id)).toBe(true);
    next.append(pilotRecord(1));
    next.append(pilotRecord(2));
    expect(read().serials).toEqual([1, 2]);
  });

  it('loses at most the last line to a crash, wherever that cut it, and says so', () => {
    const whole = [1, 2, 3].map((serial) => journalLine(pilotRecord(serial)));
    const last = whole[2] ?? '';
    for (let length = 0; length < last.length; length += 1) {
      fs.rmSync(path(), { force: true });
      fs.writeFileSync(path(), `${whole[0]}${whole[1]}${last.slice(0, length)}`);
      const isWhole = length === last.length - 1;
      // Before the next start: what has no newline may be being written.
      expect(read(), `cut at ${length}`).toEqual({ serials: isWhole ? [1, 2, 3] : [1, 2], unreadable: 0 });
      const journal = open();
      journal.append(pilotRecord(3));
      journal.append(pilotRecord(4));
      journal.close();
      expect(read(), `cut at ${length}`).toEqual({
        serials: [1, 2, 3, 4],
        unreadable: length === 0 || isWhole ? 0 : 1,
      });
    }
  });

  it('finds a record however long ago it was written, for a container that could not be removed', async () => {
    fs.writeFileSync(path(2), journalLine(pilotRecord(1)));
    fs.writeFileSync(
      path(1),
      range(2, 900)
        .map((serial) => journalLine(pilotRecord(serial)))
        .join(''),
    );
    fs.writeFileSync(
      path(),
      range(901, 2000)
        .map((serial) => journalLine(pilotRecord(serial)))
        .join(''),
    );
    const journal = open();
    for (const serial of [1, 2, 500, 900, 901, 977, 2000])
      expect([serial, await journal.has(pilotRecord(serial).id)]).toEqual([serial, true]);
    expect(await journal.has(pilotRecord(3000).id)).toBe(false);
    // Found once, it is known.
    journal.append(pilotRecord(1));
    expect(read().serials).toEqual(range(1, 2000));
  });

  it('finds many at once, wherever the pieces end that it reads, and those of a clock that was put back', async () => {
    const texts = ['', 'x'.repeat(700), 'y'.repeat(333)];
    const records = range(1, 3000).map((serial) =>
      pilotRecord(serial, { said: texts[serial % 3] ?? '', endedAtWallMs: 9e12 - serial * 1000 }),
    );
    fs.writeFileSync(path(), records.map(journalLine).join(''));
    const journal = open();
    const asked = [...range(1, 1900).filter((serial) => serial % 7 === 1), 4000, 5000];
    const found = await Promise.all(asked.map((serial) => journal.has(pilotRecord(serial).id)));
    expect(asked.filter((_, index) => found[index] !== true)).toEqual([4000, 5000]);
  });

  it('knows its own records however many came since', async () => {
    const journal = open();
    for (const serial of range(1, 3000)) journal.append(pilotRecord(serial));
    for (const serial of [1, 1500, 3000])
      expect([serial, await journal.has(pilotRecord(serial).id)]).toEqual([serial, true]);
  });

  it('goes on where it is when somebody moves or removes it', () => {
    const journal = open();
    journal.append(pilotRecord(1));
    fs.renameSync(path(), join(folder, 'taken'));
    journal.append(pilotRecord(2));
    fs.rmSync(path());
    journal.append(pilotRecord(3));
    expect(read().serials).toEqual([3]);
    expect(fs.readFileSync(join(folder, 'taken'), 'utf8')).toBe(journalLine(pilotRecord(1)));
    expect(log.lines).toEqual([]);
  });

  it('that is no file is refused, and its records are in the log', () => {
    fs.mkdirSync(path());
    open().append(pilotRecord(1));
    expect(log.lines.join('\n')).toMatch(
      /ERROR cannot write the journal of pilots in .*EISDIR.*\nWARN not in the journal yet: the end of plancton-worker-000001$/,
    );
  });
});

describe('rotation', () => {
  const lineBytes = journalLine(pilotRecord(1)).length;
  const wallMs = () => pilotRecord(0).endedAtWallMs;

  it('keeps every file within its size and drops the oldest', () => {
    const journal = open({ mostBytes: 3 * lineBytes, keep: 4, wallMs });
    for (const serial of range(1, 20)) journal.append(pilotRecord(serial));
    expect(fs.readdirSync(folder)).toHaveLength(5);
    for (const name of fs.readdirSync(folder))
      expect(fs.statSync(join(folder, name)).size).toBeLessThanOrEqual(3 * lineBytes);
    expect(read()).toEqual({ serials: range(7, 20), unreadable: 0 });
    expect(read('newest').serials).toEqual(range(7, 20).toReversed());
  });

  it('does not begin a new file at a start', () => {
    for (const serial of range(1, 5)) open({ wallMs }).append(pilotRecord(serial));
    expect(fs.readdirSync(folder)).toEqual(['history.jsonl']);
  });

  it('removes files that were last written too long ago, and rolls one that is old', () => {
    const dayMs = 86_400_000;
    const keepMs = 40 * dayMs;
    let nowMs = pilotRecord(0).endedAtWallMs;
    const at = (number: number, ageMs: number) => {
      fs.writeFileSync(path(number), journalLine(pilotRecord(100 + number)));
      fs.utimesSync(path(number), new Date(nowMs - ageMs), new Date(nowMs - ageMs));
    };
    for (const number of [5, 4, 3, 2, 1]) at(number, (number * 9 - 1) * dayMs);
    fs.writeFileSync(path(), journalLine(pilotRecord(1)));
    fs.utimesSync(path(), new Date(nowMs), new Date(nowMs));
    open({ keepMs, wallMs: () => nowMs }).append(pilotRecord(2));
    expect(fs.readdirSync(folder).toSorted()).toEqual([
      'history.jsonl',
      'history.jsonl.1',
      'history.jsonl.2',
      'history.jsonl.3',
      'history.jsonl.4',
    ]);
    nowMs += 6 * dayMs;
    fs.utimesSync(path(), new Date(nowMs), new Date(nowMs));
    open({ keepMs, wallMs: () => nowMs }).append(pilotRecord(3));
    expect(fs.readFileSync(path(), 'utf8')).toBe(journalLine(pilotRecord(3)));
    expect(read().serials.slice(-3)).toEqual([1, 2, 3]);
  });

  it('costs no history when the clock is wrong after a boot', () => {
    const journal = open({ mostBytes: 2 * lineBytes });
    for (const serial of range(1, 8)) journal.append(pilotRecord(serial));
    journal.close();
    const before = fs.readdirSync(folder).length;
    const wrong = open({ mostBytes: 1e9, wallMs: () => Date.now() + 50 * 365 * 86_400_000 });
    wrong.append(pilotRecord(9));
    expect(fs.readdirSync(folder)).toHaveLength(before + 1);
    expect(read().serials).toEqual(range(1, 9));
  });

  it('costs no history when lines are written by a clock that is wrong', () => {
    const yearMs = 365 * 86_400_000;
    const written = Date.now();
    for (const [number, ageMs] of [30, 60, 90].entries()) {
      fs.writeFileSync(path(number), journalLine(pilotRecord(9 - number)));
      fs.utimesSync(
        path(number),
        new Date(written - ageMs * 86_400_000),
        new Date(written - ageMs * 86_400_000),
      );
    }
    for (const years of [14, -50, 30]) {
      const wallMs = () => written + years * yearMs;
      open({ wallMs }).append(pilotRecord(100 + years));
      fs.utimesSync(path(), new Date(wallMs()), new Date(wallMs()));
      open({ wallMs }).append(pilotRecord(200 + years));
    }
    expect(read().serials).toEqual(expect.arrayContaining([7, 8, 9]));
  });

  it('loses no file when it is cut short between any two renames', () => {
    for (let cutAfter = 0; cutAfter < 4; cutAfter += 1) {
      fs.rmSync(folder, { recursive: true });
      fs.mkdirSync(folder);
      for (const number of [0, 1, 2, 3]) fs.writeFileSync(path(number), journalLine(pilotRecord(9 - number)));
      let renames = 0;
      const renameSync: typeof fs.renameSync = (from, to) => {
        if (renames >= cutAfter) throw fault('EIO');
        renames += 1;
        fs.renameSync(from, to);
      };
      open({ mostBytes: 1, keep: 9, wallMs, calls: { ...fs, renameSync } }).append(pilotRecord(10));
      open({ mostBytes: 1, keep: 9, wallMs }).append(pilotRecord(11));
      expect(read().serials).toEqual([6, 7, 8, 9, 10, 11]);
    }
  });

  it('grows on where it cannot rename, and says so once', () => {
    const renameSync = () => {
      throw fault('EACCES');
    };
    const journal = open({ mostBytes: 1, wallMs, calls: { ...fs, renameSync } });
    for (const serial of [1, 2, 3]) journal.append(pilotRecord(serial));
    expect(read().serials).toEqual([1, 2, 3]);
    expect(log.lines).toEqual([
      expect.stringMatching(/^WARN cannot rotate .*history\.jsonl, it grows on: EACCES/),
    ]);
  });
});

describe('a disk that is full', () => {
  it('gets no part of a line; the record is in the log, and in the journal as soon as there is room', async () => {
    let room = 400;
    const writeSync = ((fd: number, bytes: Buffer, offset: number): number => {
      const taken = Math.min(room, bytes.length - offset);
      if (taken === 0) throw fault('ENOSPC');
      room -= taken;
      return fs.writeSync(fd, bytes, offset, taken);
    }) as typeof fs.writeSync;
    const journal = open({ calls: { ...fs, writeSync } });
    for (const serial of [1, 2, 3]) journal.append(pilotRecord(serial));
    expect(fs.readFileSync(path(), 'utf8')).toBe(journalLine(pilotRecord(1)));
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^ERROR cannot write the journal of pilots in .*, its records have to wait: ENOSPC/,
      ),
      'WARN not in the journal yet: the end of plancton-worker-000002',
      'WARN not in the journal yet: the end of plancton-worker-000003',
    ]);
    expect(await journal.has(pilotRecord(3).id)).toBe(true);
    room = 1e9;
    journal.append(pilotRecord(3));
    journal.append(pilotRecord(4));
    expect(read()).toEqual({ serials: [1, 2, 3, 4], unreadable: 0 });
    expect(log.lines.at(-1)).toMatch(/^INFO the journal .* is written again$/);
  });

  it('is tried by nobody in vain who can wait: then nothing is kept of the record', async () => {
    let isFull = true;
    const written: string[] = [];
    const writeSync = ((fd: number, bytes: Buffer, offset: number): number => {
      if (isFull) throw fault('ENOSPC');
      return fs.writeSync(fd, bytes, offset);
    }) as typeof fs.writeSync;
    const journal = open({ calls: { ...fs, writeSync }, onWritten: (id) => written.push(id) });
    expect(journal.write(pilotRecord(1))).toBe(false);
    expect(journal.trouble).toContain('ENOSPC');
    expect(await journal.has(pilotRecord(1).id)).toBe(false);
    journal.append(pilotRecord(2));
    isFull = false;
    journal.flush();
    expect(read().serials).toEqual([2]);
    expect([journal.write(pilotRecord(1)), journal.trouble]).toEqual([true, '']);
    expect(journal.write(pilotRecord(1))).toBe(true);
    expect(read().serials).toEqual([2, 1]);
    expect(written).toEqual([pilotRecord(2).id, pilotRecord(1).id]);
  });

  it('that stays so until the end is told with the names of those that are lost', () => {
    const writeSync = () => {
      throw fault('ENOSPC');
    };
    const journal = createJournal({ folder, log, calls: { ...fs, writeSync } });
    journal.append(pilotRecord(1));
    journal.close();
    expect(log.lines.at(-1)).toMatch(
      /^ERROR not in the journal, .*: the ends of plancton-worker-000001: ENOSPC/,
    );
  });

  it('is tried once more at the end', () => {
    let isFull = true;
    const writeSync = ((fd: number, bytes: Buffer, offset: number): number => {
      if (isFull) throw fault('ENOSPC');
      return fs.writeSync(fd, bytes, offset);
    }) as typeof fs.writeSync;
    const journal = open({ calls: { ...fs, writeSync } });
    journal.append(pilotRecord(1));
    expect(read().serials).toEqual([]);
    isFull = false;
    journal.close();
    expect(read().serials).toEqual([1]);
  });
});
