import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileCalls, RotatingFile } from '../../src/record/rotatingFile.ts';

let folder: string;
let path: string;
let nowMs: number;
let told: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-log-'));
  path = join(folder, 'x.log');
  nowMs = 0;
  told = [];
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function open(
  more: { mostBytes?: number; keep?: number; calls?: FileCalls; path?: string } = {},
): RotatingFile {
  return new RotatingFile({
    path,
    mostBytes: 100,
    keep: 3,
    nowMs: () => nowMs,
    onTrouble: (text) => void told.push(text),
    lossLine: (lost, why) => `lost ${lost}: ${why}\n`,
    ...more,
  });
}

const read = (number?: number) => fs.readFileSync(number === undefined ? path : `${path}.${number}`, 'utf8');
const fault = (code: string) => Object.assign(new Error(`${code}: as the test wants it`), { code });

describe('rotation', () => {
  it('keeps every file within its size, and every line whole', () => {
    const file = open({ keep: 50 });
    const lines = Array.from({ length: 400 }, (_, index) => `line ${index}\n`);
    for (const line of lines) file.write(line);
    file.close();
    const names = fs.readdirSync(folder);
    const numbers = names.map((name) => Number(name.split('.')[2] ?? 0)).sort((a, b) => b - a);
    expect(numbers.length).toBeGreaterThan(30);
    const kept = numbers.map((number) => read(number === 0 ? undefined : number));
    for (const text of kept) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100);
    expect(kept.join('')).toBe(lines.join(''));
  });

  it('fills a file exactly, and begins a new one with the first byte too many', () => {
    const file = open();
    file.write(`${'a'.repeat(49)}\n`);
    file.write(`${'b'.repeat(49)}\n`);
    expect(fs.existsSync(`${path}.1`)).toBe(false);
    file.write('\n');
    expect(read(1)).toHaveLength(100);
    expect(read()).toBe('\n');
    file.close();
  });

  it('keeps so many old files and no more', () => {
    const file = open({ mostBytes: 1 });
    for (const text of ['a\n', 'b\n', 'c\n', 'd\n', 'e\n', 'f\n']) file.write(text);
    file.close();
    expect(fs.readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2', 'x.log.3']);
    expect([read(), read(1), read(2), read(3)]).toEqual(['f\n', 'e\n', 'd\n', 'c\n']);
  });

  it('begins anew at every start that finds something', () => {
    const first = open();
    expect(first.rolledTo).toBeNull();
    first.close();
    expect(open().rolledTo).toBeNull();
    fs.writeFileSync(path, 'old\n');
    const second = open();
    expect(second.rolledTo).toBe(`${path}.1`);
    second.write('new\n');
    second.close();
    expect([read(), read(1)]).toEqual(['new\n', 'old\n']);
  });

  it('loses no file when it is cut short between any two renames', () => {
    for (let cutAfter = 0; cutAfter < 4; cutAfter += 1) {
      fs.rmSync(folder, { recursive: true, force: true });
      fs.mkdirSync(folder);
      fs.writeFileSync(path, '0\n');
      for (const number of [1, 2, 3]) fs.writeFileSync(`${path}.${number}`, `${number}\n`);
      let renames = 0;
      const renameSync: typeof fs.renameSync = (from, to) => {
        if (renames >= cutAfter) throw fault('EIO');
        renames += 1;
        fs.renameSync(from, to);
      };
      open({ keep: 9, calls: { ...fs, renameSync } }).close();
      open({ keep: 9 }).close();
      const kept = fs
        .readdirSync(folder)
        .filter((name) => name !== 'x.log')
        .sort()
        .map((name) => fs.readFileSync(join(folder, name), 'utf8'));
      expect(kept).toEqual(['0\n', '1\n', '2\n', '3\n']);
    }
  });

  it('goes on in a file that it cannot rename, and says so once', () => {
    const renameSync = () => {
      throw fault('EACCES');
    };
    const file = open({ mostBytes: 4, calls: { ...fs, renameSync } });
    for (const text of ['abc\n', 'def\n', 'ghi\n']) file.write(text);
    expect(read()).toBe('abc\ndef\nghi\n');
    expect(told).toEqual([expect.stringMatching(/cannot rotate the log .*EACCES/)]);
    file.close();
  });
});

describe('a file that others touch', () => {
  it.each(['moved', 'removed'])('is made anew when it was %s', (how) => {
    const file = open();
    file.write('one\n');
    if (how === 'moved') fs.renameSync(path, `${path}.theirs`);
    else fs.rmSync(path);
    nowMs += 1_000;
    file.write('two\n');
    expect(read()).toBe('two\n');
    const others = fs.readdirSync(folder).filter((name) => name !== 'x.log');
    const texts = others.map((name) => fs.readFileSync(join(folder, name), 'utf8'));
    expect(texts).toEqual(how === 'moved' ? ['one\n'] : []);
    file.close();
  });

  it('is not looked at again within a second', () => {
    let looks = 0;
    const statSync = ((name: string) => {
      looks += 1;
      return fs.statSync(name);
    }) as typeof fs.statSync;
    const file = open({ calls: { ...fs, statSync }, mostBytes: 10_000 });
    for (let line = 0; line < 100; line += 1) file.write('x\n');
    expect(looks).toBe(1);
    file.close();
  });

  it('counts from nothing when it was emptied in place', () => {
    const file = open();
    file.write(`${'a'.repeat(89)}\n`);
    fs.truncateSync(path);
    nowMs += 1_000;
    file.write(`${'b'.repeat(49)}\n`);
    expect(read()).toHaveLength(50);
    expect(fs.existsSync(`${path}.1`)).toBe(false);
    file.close();
  });

  it('is not a FIFO, a folder or a device', () => {
    fs.mkdirSync(path);
    const file = open();
    file.write('x\n');
    expect(told).toEqual([expect.stringMatching(/EISDIR/)]);
    fs.rmdirSync(path);
    fs.symlinkSync('/dev/null', path);
    nowMs += 1_000;
    file.write('y\n');
    expect(file.lost).toBe(2);
    fs.rmSync(path);
    nowMs += 1_000;
    file.write('z\n');
    expect(read()).toBe('lost 2: it is not a regular file\nz\n');
    file.close();
  });
});

describe('a disk in trouble', () => {
  it('is told of once, and in the file when it is over', () => {
    let full = false;
    const writeSync = ((fd: number, bytes: Buffer) => {
      if (full) throw fault('ENOSPC');
      return fs.writeSync(fd, bytes);
    }) as typeof fs.writeSync;
    const file = open({ calls: { ...fs, writeSync } });
    file.write('one\n');
    full = true;
    file.write('two\n');
    file.write('three\n');
    expect(file.lost).toBe(2);
    full = false;
    file.write('four\n');
    expect(read()).toBe('one\nlost 2: ENOSPC: as the test wants it\nfour\n');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^cannot write the log .*ENOSPC/);
    file.close();
  });

  it('that takes half a line does not spoil the next', () => {
    let room = 7;
    const writeSync = ((fd: number, bytes: Buffer) => {
      if (room === 0) throw fault('ENOSPC');
      const written = fs.writeSync(fd, bytes.subarray(0, room));
      room -= written;
      return written;
    }) as typeof fs.writeSync;
    const file = open({ calls: { ...fs, writeSync } });
    file.write('one\n');
    file.write('two three\n');
    room = 1_000;
    file.write('four\n');
    expect(read()).toBe('one\ntwo\nlost 1: ENOSPC: as the test wants it\nfour\n');
    file.close();
  });

  it('stops nothing when even the folder cannot be made, and is asked again after a second', () => {
    fs.writeFileSync(join(folder, 'f'), '');
    const file = open({ path: join(folder, 'f', 'log', 'x.log') });
    file.write('one\n');
    fs.rmSync(join(folder, 'f'));
    nowMs += 1_000;
    file.write('two\n');
    expect(fs.readFileSync(join(folder, 'f', 'log', 'x.log'), 'utf8')).toMatch(/^lost 1: .*\ntwo\n$/);
    expect(fs.statSync(join(folder, 'f', 'log')).mode & 0o777).toBe(0o700);
    expect(fs.statSync(join(folder, 'f', 'log', 'x.log')).mode & 0o777 & ~0o640).toBe(0);
    file.close();
  });
});

it('never changes the mode of a folder that was there', () => {
  fs.chmodSync(folder, 0o755);
  open().close();
  expect(fs.statSync(folder).mode & 0o777).toBe(0o755);
});
