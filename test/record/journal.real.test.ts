import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine, OnLogChunk } from '../../src/model/engine.ts';
import { queryHistory } from '../../src/record/history.ts';
import { createJournal } from '../../src/record/journal.ts';
import { createLog } from '../../src/record/log.ts';
import { createPilotLogs } from '../../src/record/pilotLogs.ts';
import { until } from '../support/until.ts';
import { pilotRecord } from './pilotRecord.ts';

let folder: string;
let mounted: string | null = null;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-journal-'));
});
afterEach(() => {
  if (mounted !== null) execFileSync('umount', ['-l', mounted]);
  mounted = null;
  fs.rmSync(folder, { recursive: true });
});

const everything = {
  sinceMs: null,
  untilMs: null,
  kind: null,
  outcome: null,
  name: null,
  limit: Infinity,
} as const;
function read(place: string): { serials: number[]; unreadable: number } {
  const serials: number[] = [];
  const { unreadable } = queryHistory(place, { ...everything, order: 'oldest' }, (match) => {
    serials.push(Number.parseInt(match.record()?.id ?? '', 16));
  });
  return { serials, unreadable };
}

describe('a process that is killed at any instant', () => {
  /** A daemon in small: after each record it notes that the container is gone; what is not noted is recorded again. */
  async function buildWriter(): Promise<string> {
    const entry = join(folder, 'writer.ts');
    const from = (path: string): string => JSON.stringify(resolve(import.meta.dirname, path));
    fs.writeFileSync(
      entry,
      `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
      import { createJournal } from ${from('../../src/record/journal.ts')};
      import { pilotRecord } from ${from('pilotRecord.ts')};
      const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
      const journal = createJournal({ folder: process.argv[2], log: quiet, mostBytes: 20_000, keep: 100_000, keepMs: 1e12, wallMs: () => 0 });
      const removed = process.argv[2] + '/removed';
      let serial = readFileSync(removed).length;
      async function next() {
        // So that there is no end to the ways in which it may be cut short.
        for (const said of ['x'.repeat(serial % 900)]) {
          const record = pilotRecord(serial + 1, { said });
          if (!(await journal.has(record.id))) journal.append(record);
        }
        appendFileSync(removed, '.');
        serial += 1;
        if (serial % 5 === 0) setImmediate(next); else void next();
      }
      void next();`,
    );
    const program = join(folder, 'writer.cjs');
    await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'cjs' });
    return program;
  }

  it('loses nothing, repeats nothing, and tears at most a line at each end', async () => {
    const program = await buildWriter();
    const place = join(folder, 'log');
    fs.mkdirSync(place);
    fs.writeFileSync(join(place, 'removed'), '');
    const removed = (): number => fs.statSync(join(place, 'removed')).size;
    const kills = 25;
    for (let kill = 0; kill < kills; kill += 1) {
      const before = removed();
      const child = spawn(process.execPath, [program, place], { stdio: ['ignore', 'ignore', 'inherit'] });
      const ended = once(child, 'exit');
      await until('it writes', () => removed() > before + 20);
      // Not always between the same two lines.
      const untilMs = performance.now() + Math.random() * 3;
      while (performance.now() < untilMs);
      child.kill('SIGKILL');
      await ended;
    }
    const { serials, unreadable } = read(place);
    const count = removed();
    expect(count).toBeGreaterThan(kills * 20);
    // The last one may have a record, and its container no removal yet.
    const recorded = serials.length;
    expect([count, count + 1]).toContain(recorded);
    expect(serials).toEqual(Array.from({ length: recorded }, (_, index) => index + 1));
    expect(unreadable).toBeLessThanOrEqual(kills);
    expect(fs.readdirSync(place).length).toBeGreaterThan(5);
  });
});

describe('a disk that is full', () => {
  /** A file system of 64 kB. */
  function tinyDisk(): { place: string; fill: () => void; clear: () => void } {
    const place = join(folder, 'tiny');
    fs.mkdirSync(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'plancton-test', place]);
    mounted = place;
    const ballast = join(folder, 'tiny', 'ballast');
    const fill = (): void => {
      for (const bytes of [4096, 1]) {
        try {
          for (;;) fs.writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' });
        } catch {
          // Not one more of these.
        }
      }
    };
    return { place, fill, clear: () => fs.rmSync(ballast) };
  }
  const openLog = () =>
    createLog({
      folder: join(folder, 'log'),
      format: 'text',
      alsoStderr: false,
      syslog: 'off',
      hostname: 'n',
    });
  const logged = (): string => fs.readFileSync(join(folder, 'log/plancton.log'), 'utf8');

  it('keeps every line of the journal whole; what has no room is in the log, and comes later', async () => {
    const { place, fill, clear } = tinyDisk();
    const log = openLog();
    const journal = createJournal({ folder: place, log });
    journal.append(pilotRecord(1));
    fill();
    const serials = Array.from({ length: 30 }, (_, index) => index + 2);
    for (const serial of serials) journal.append(pilotRecord(serial));
    const during = read(place);
    expect(during.unreadable).toBe(0);
    expect(during.serials.length).toBeLessThan(31);
    expect(fs.readFileSync(join(place, 'history.jsonl'), 'utf8')).toMatch(/\}\n$/);
    for (const serial of serials.slice(during.serials.length - 1))
      expect(logged()).toContain(pilotRecord(serial).id);
    expect(logged().match(/ERROR cannot write the journal .*ENOSPC/g)).toHaveLength(1);
    clear();
    journal.close();
    expect(read(place)).toEqual({ serials: [1, ...serials], unreadable: 0 });
    await log.close();
  });

  it('gets no log of a pilot, and says so once', async () => {
    const { place, fill, clear } = tinyDisk();
    const log = openLog();
    const logs = createPilotLogs({
      logFolder: place,
      log,
      retention: () => ({ perPilotBytes: 1e6, allBytes: 1e6, ageMs: 1e9 }),
    });
    const says = (_id: string, _options: object, onChunk: OnLogChunk): Promise<void> =>
      Promise.resolve(onChunk('stdout', Buffer.alloc(100_000, 'x')));
    const engine = { logs: says } as unknown as Engine;
    const never = new AbortController().signal;
    fs.mkdirSync(join(place, 'pilots'));
    fill();
    for (const name of ['a', 'b']) await logs.keep(engine, { id: name, name }, never);
    expect(fs.readdirSync(join(place, 'pilots'))).toEqual([]);
    expect(
      logged().match(/WARN {2}the log of . is not kept whole: the disk of \S+ is nearly full/g),
    ).toHaveLength(1);
    clear();
    const short = {
      logs: (_id: string, _options: object, onChunk: OnLogChunk) =>
        Promise.resolve(onChunk('stdout', Buffer.from('x'))),
    };
    await logs.keep(short as unknown as Engine, { id: 'c', name: 'c' }, never);
    expect(fs.readdirSync(join(place, 'pilots'))).toEqual(['c.log']);
    await log.close();
  });
});
