import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTape } from '../../src/record/tape.ts';
import { readTape } from '../../src/record/tapeFiles.ts';
import { framesFrom, quietFrame } from './tapeFrames.ts';

const dayMs = 86_400_000;
const allTime = { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
const said: string[] = [];
const tell = (text: string): void => void said.push(text);
const log = { debug: tell, info: tell, warn: tell, error: tell };
let root = '';
let folder = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-tape-'));
  folder = join(root, 'tape');
  said.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (): unknown[] => [...readTape(folder).frames(allTime)];

describe('the tape of a daemon', () => {
  it('is written once in a minute, for its owner alone, and in whole at the end', () => {
    const writes: number[] = [];
    const calls = {
      ...fs,
      writeSync: ((fd: number, bytes: Uint8Array, at: number) => {
        writes.push(bytes.length);
        return fs.writeSync(fd, bytes, at);
      }) as typeof fs.writeSync,
    };
    const tape = createTape({ folder, log, calls });
    const frames = framesFrom(30);
    for (const frame of frames) tape.add(frame);
    expect(writes).toHaveLength(2);
    expect(read()).toEqual(frames.slice(0, 26));
    tape.close();
    expect(read()).toEqual(frames);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '2024-03-04.tape')).mode & 0o777).toBe(0o600);
    expect(said).toEqual([]);
  });

  it('goes on after a daemon that was killed in the middle of a write', () => {
    const first = createTape({ folder, log });
    const frames = framesFrom(24);
    for (const frame of frames.slice(0, 13)) first.add(frame);
    const file = join(folder, '2024-03-04.tape');
    fs.truncateSync(file, statSync(file).size - 3);
    const second = createTape({ folder, log });
    for (const frame of frames.slice(13)) second.add(frame);
    second.close();
    expect(read()).toEqual([...frames.slice(0, 12), ...frames.slice(13)]);
  });

  it('has a file for each day, and a week of them', () => {
    const tape = createTape({ folder, log });
    for (let day = 0; day < 12; day += 1) {
      const [atMs, wallMs] = [quietFrame.atMs + day * dayMs, quietFrame.wallMs + day * dayMs];
      tape.add({ ...quietFrame, atMs, wallMs });
    }
    tape.close();
    const names = readdirSync(folder).toSorted();
    expect(names).toHaveLength(8);
    expect([names[0], names.at(-1)]).toEqual(['2024-03-08.tape', '2024-03-15.tape']);
    const sinceMs = quietFrame.wallMs + 10 * dayMs;
    expect([...readTape(folder).frames({ ...allTime, sinceMs })]).toHaveLength(2);
    expect(readTape(folder).extent({ ...allTime, sinceMs })).toEqual({
      sinceMs: sinceMs - quietFrame.spanMs,
      untilMs: sinceMs + dayMs,
    });
  });

  it('keeps its week beside a file of the future, which goes when there is another week', () => {
    const tape = createTape({ folder, log });
    let atMs = quietFrame.atMs;
    const record = (wallMs: number): void => {
      atMs += dayMs;
      tape.add({ ...quietFrame, atMs, wallMs });
    };
    const daysFrom = (wallMs: number, days: number): void => {
      for (let day = 0; day < days; day += 1) record(wallMs + day * dayMs);
    };
    const names = (): string[] => {
      tape.close();
      return readdirSync(folder)
        .toSorted()
        .map((name) => name.slice(0, 10));
    };
    record(quietFrame.wallMs + 9000 * dayMs);
    daysFrom(quietFrame.wallMs, 7);
    expect(names()).toHaveLength(8);
    expect(names().at(-1)).toBe('2048-10-24');
    record(quietFrame.wallMs + 7 * dayMs);
    expect([names().length, names()[0], names().at(-1)]).toEqual([8, '2024-03-04', '2024-03-11']);
    // A clock that is behind costs nothing of the week before it has seen one itself.
    daysFrom(5 * dayMs, 7);
    expect(names()).toHaveLength(15);
    record(12 * dayMs);
    expect(names()).toHaveLength(8);
  });

  it('takes a megabyte a day at most, on a node where everything changes all the time', () => {
    const tape = createTape({ folder, log });
    let state = 1;
    const chance = (): number => {
      state = Math.imul(state, 48_271) >>> 0;
      return state / 2 ** 32;
    };
    for (const frame of framesFrom(720, () => ({
      ownerCpus: 64 * chance(),
      pilotsCpus: 64 * chance(),
      stealCpus: chance(),
      memoryAvailableBytes: 2 ** 38 * chance(),
      ownerMemoryBytes: 2 ** 38 * chance(),
      ownerPeakBytes: 2 ** 38 * chance(),
      pilotsMemoryBytes: 2 ** 38 * chance(),
      swapFreeBytes: 2 ** 34 * chance(),
      diskFreeBytes: 2 ** 42 * chance(),
      cpuStall: chance(),
      memoryStall: chance(),
      memoryFullStall: chance(),
      ioStall: chance(),
      userIdleMs: 1e6 * chance(),
      temperatureC: 90 * chance(),
      running: 64 * chance(),
      paused: 64 * chance(),
    })))
      tape.add(frame);
    tape.close();
    const bytes = statSync(join(folder, '2024-03-04.tape')).size;
    expect(24 * bytes).toBeLessThan(1.3e6);
  });

  it('says once that it cannot be written, and once that it can again', () => {
    writeFileSync(folder, 'a file in its place');
    const tape = createTape({ folder, log });
    const frames = framesFrom(60);
    for (const frame of frames.slice(0, 40)) tape.add(frame);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^cannot record what the node does in .*tape/);
    rmSync(folder);
    for (const frame of frames.slice(40)) tape.add(frame);
    tape.close();
    expect(said).toHaveLength(2);
    expect(read().length).toBeGreaterThan(20);
  });

  it('is read past what is no tape, and never waits for it', () => {
    const tape = createTape({ folder, log });
    const frames = framesFrom(13);
    for (const frame of frames) tape.add(frame);
    tape.close();
    execFileSync('mkfifo', [join(folder, '2024-03-01.tape')]);
    fs.mkdirSync(join(folder, '2024-03-02.tape'));
    fs.symlinkSync('/dev/zero', join(folder, '2024-03-03.tape'));
    writeFileSync(join(folder, '2024-03-05.tape'), '');
    fs.truncateSync(join(folder, '2024-03-05.tape'), 2 ** 32);
    expect(read()).toEqual(frames);
  });

  it('has nothing where there is none', () => {
    expect(read()).toEqual([]);
    expect(readTape(folder).extent(allTime)).toBeNull();
  });
});
