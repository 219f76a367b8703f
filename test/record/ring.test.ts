import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRing, type Ring, ringStepSeconds } from '../../src/record/ring.ts';
import type { RingCalls } from '../../src/record/ringFile.ts';
import { ringNumbers, type RingRecord, ringRecordBytes } from '../../src/record/ringRecord.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

const noon = 1_800_014_400;
const daySeconds = 86_400;

let folder: string;
let path: string;
let log: KeptLog;
let ring: Ring;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-ring-'));
  path = join(folder, 'page/day.ring');
  log = keepLog();
  ring = open();
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(calls?: RingCalls): Ring {
  return openRing({ folder: join(folder, 'page'), log, ...(calls === undefined ? {} : { calls }) });
}

function record(atSeconds: number, numbers: Partial<RingRecord['numbers']> = {}, more = {}): RingRecord {
  const unknown = Object.fromEntries(ringNumbers.map((name) => [name, null])) as RingRecord['numbers'];
  return {
    atSeconds,
    numbers: { ...unknown, ...numbers },
    answering: true,
    draining: false,
    dryRun: false,
    refusal: null,
    ...more,
  };
}

const ownersOf = async (from: number, until: number, steps = 1000): Promise<readonly (number | null)[]> =>
  (await ring.read(from, until, steps)).numbers.ownerCpus;

describe('the last 24 hours', () => {
  it('give back what was put into them, also to the next daemon', async () => {
    const numbers = { ownerCpus: 1.5, memoryTotalBytes: 16e9, running: 0, evicted: 2, waitIo: 0.015625 };
    ring.add(record(noon, numbers, { refusal: 'cpu', answering: false, draining: true }));
    const told = await open().read(noon - 15, noon, 10);
    expect(told).toMatchObject({
      fromSeconds: noon - 15,
      stepSeconds: 15,
      refusal: ['cpu'],
      away: [true],
      draining: [true],
    });
    for (const name of ringNumbers)
      expect([name, told.numbers[name]]).toEqual([name, [(numbers as Record<string, number>)[name] ?? null]]);
  });

  it('have no number where none was known, and none where no daemon ran', async () => {
    ring.add(record(noon));
    ring.add(record(noon + 45, { ownerCpus: 2 }));
    expect(await ownersOf(noon - 15, noon + 45)).toEqual([null, null, null, 2]);
    expect((await ring.read(noon - 15, noon + 45, 100)).away).toEqual([false, null, null, false]);
  });

  it('never grow, and forget what is a day old', async () => {
    for (let at = noon; at < noon + 3 * daySeconds; at += 3600)
      ring.add(record(at, { ownerCpus: at - noon }));
    expect(statSync(path).size).toBe((daySeconds / ringStepSeconds) * ringRecordBytes);
    const last = noon + 3 * daySeconds - 3600;
    expect((await ownersOf(last - daySeconds, last)).filter((value) => value !== null)).toHaveLength(24);
    expect((await ownersOf(noon - 15, noon + daySeconds)).filter((value) => value !== null)).toEqual([]);
  });

  it('are put together in few steps: means of what is a level, sums of what counts', async () => {
    for (let index = 1; index <= 8; index += 1)
      ring.add(
        record(
          noon + index * 15,
          { ownerCpus: index, finished: 1 },
          { refusal: index === 8 ? 'cpu' : 'memory' },
        ),
      );
    const told = await ring.read(noon, noon + 120, 2);
    expect(told).toMatchObject({ stepSeconds: 60, refusal: ['memory', 'cpu'] });
    expect(told.numbers.ownerCpus).toEqual([2.5, 6.5]);
    expect(told.numbers.finished).toEqual([4, 4]);
  });

  it('are read in whole steps, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 90_000 }),
        fc.integer({ min: 1, max: 2000 }),
        async (span, steps) => {
          const told = await ring.read(noon, noon + span, steps);
          expect(told.stepSeconds % ringStepSeconds).toBe(0);
          expect(told.numbers.cpus.length).toBeLessThanOrEqual(steps);
          expect(told.numbers.cpus.length * told.stepSeconds).toBeGreaterThanOrEqual(span);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leave out what a clock that was wrong has written', async () => {
    ring.add(record(noon + 365 * daySeconds, { ownerCpus: 9 }));
    ring.add(record(noon, { ownerCpus: 1 }));
    expect(await ownersOf(noon - daySeconds, noon)).toContain(1);
    expect(await ownersOf(noon - daySeconds, noon)).not.toContain(9);
  });

  it('leave out a record that a crash has torn, and no other', async () => {
    ring.add(record(noon, { ownerCpus: 1 }));
    ring.add(record(noon + 15, { ownerCpus: 2 }));
    const place = ((noon / ringStepSeconds) % (daySeconds / ringStepSeconds)) * ringRecordBytes;
    for (const at of [0, 4, 8, 9, 10, 12, 40, 127]) {
      const fd = fs.openSync(path, 'r+');
      const byte = Buffer.alloc(1);
      fs.readSync(fd, byte, 0, 1, place + at);
      fs.writeSync(fd, Buffer.from([(byte[0] ?? 0) ^ 0x41]), 0, 1, place + at);
      expect([at, await ownersOf(noon - 15, noon + 15)]).toEqual([at, [null, 2]]);
      fs.writeSync(fd, byte, 0, 1, place + at);
      fs.closeSync(fd);
    }
    expect(await ownersOf(noon - 15, noon + 15)).toEqual([1, 2]);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['of something else', Buffer.alloc(1_000_000, 'x')],
    ['cut', Buffer.alloc(5000)],
  ])('do without a file that is %s, and make it whole', async (_, bytes) => {
    mkdirSync(join(folder, 'page'));
    writeFileSync(path, bytes);
    expect(await ownersOf(noon - 60, noon)).toEqual([null, null, null, null]);
    ring.add(record(noon, { ownerCpus: 3 }));
    expect(await ownersOf(noon - 15, noon)).toEqual([3]);
    expect(statSync(path).size).toBe(737_280);
  });

  it('are nobody else’s to read', () => {
    ring.add(record(noon));
    expect([statSync(path).mode & 0o777, statSync(join(folder, 'page')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
  });

  it('are kept again, and that is told, when a full disk has room again', async () => {
    let isFull = true;
    const writeSync = ((...words: Parameters<typeof fs.writeSync>) => {
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return fs.writeSync(...words);
    }) as typeof fs.writeSync;
    ring = open({ ...fs, writeSync });
    ring.add(record(noon, { ownerCpus: 1 }));
    ring.add(record(noon + 15, { ownerCpus: 2 }));
    isFull = false;
    ring.add(record(noon + 30, { ownerCpus: 3 }));
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^WARN cannot keep the last 24 hours in .*day\.ring: ENOSPC.*; the page has a gap there$/,
      ),
      expect.stringMatching(/^INFO the last 24 hours are kept again/),
    ]);
    expect(await ownersOf(noon - 15, noon + 30)).toEqual([null, null, 3]);
  });

  it('are not written through a link, nor into what is no file', async () => {
    mkdirSync(join(folder, 'page'));
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, path);
    ring.add(record(noon));
    rmSync(path);
    mkdirSync(path);
    ring.add(record(noon));
    expect(fs.readFileSync(elsewhere, 'utf8')).toBe('precious');
    expect(log.lines).toHaveLength(1);
    await expect(ring.read(noon, noon + 15, 1)).rejects.toThrow(/not a regular file/);
  });
});
