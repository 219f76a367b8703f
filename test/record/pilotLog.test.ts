import { setMaxListeners } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, EngineError, type OnLogChunk } from '../../src/model/engine.ts';
import { PilotLogDraft } from '../../src/record/pilotLogDraft.ts';
import { PilotLogRetention } from '../../src/record/pilotLogRetention.ts';
import { createPilotLogs, type PilotLogOptions } from '../../src/record/pilotLogs.ts';
import { keepLog, type KeptLog } from '../support/quietLog.ts';

let folder: string;
let pilots: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-logs-'));
  pilots = join(folder, 'pilots');
  fs.mkdirSync(pilots);
});
afterEach(() => fs.rmSync(folder, { recursive: true, maxRetries: 5 }));

/** Bytes that tell where they were. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 7 + (at >> 8)) & 0xff;
  return bytes;
}

/** What is to be kept of a content, within so many bytes. */
function boundedBy(mostBytes: number, content: Buffer): Buffer {
  // A hundred are set aside for the line that says what is missing.
  const room = mostBytes - 100;
  if (content.length <= room) return content;
  const head = Math.floor(room / 10);
  const tail = content.subarray(content.length - (room - head));
  const mark = `\n[plancton: ${content.length - room} bytes are left out here]\n`;
  return Buffer.concat([content.subarray(0, head), Buffer.from(mark), tail]);
}

describe('a draft', () => {
  async function written(
    content: Buffer,
    mostBytes: number,
    pieces: readonly number[],
    note = '',
  ): Promise<Buffer> {
    const path = join(pilots, 'x.log');
    const draft = new PilotLogDraft(path, mostBytes);
    let at = 0;
    for (let turn = 0; at < content.length; turn += 1) {
      const length = pieces[turn % pieces.length] ?? 1;
      await draft.take(content.subarray(at, at + length));
      at += length;
    }
    const size = await draft.finish(note);
    const kept = fs.readFileSync(path);
    expect(fs.readdirSync(pilots)).toEqual(['x.log']);
    expect(fs.statSync(path).mode & 0o777).toBe(0o640);
    expect(Math.abs(kept.length - size)).toBeLessThanOrEqual(100);
    return kept;
  }

  it('keeps all bytes, or the head and the tail of them and how many are missing', async () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 60_000, max: 400_000 }));
    const piece = fc.oneof(fc.integer({ min: 1000, max: 3000 }), fc.integer({ min: 30_000, max: 150_000 }));
    await fc.assert(
      fc.asyncProperty(
        sizes,
        sizes,
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        async (size, most, pieces) => {
          const content = pattern(size);
          const kept = await written(content, most + 200, pieces);
          expect(kept.equals(boundedBy(most + 200, content))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ends with a note where there is one, bounded or not', async () => {
    const content = Buffer.from('abcdefghij'.repeat(200));
    const note = '\n[plancton: broken off]\n';
    const short = await written(content.subarray(0, 10), 1000, [1000], 'broken off');
    expect(short.toString()).toBe(`abcdefghij${note}`);
    const long = await written(content, 1000, [1000], 'broken off');
    expect(long.toString()).toBe(`${boundedBy(1000, content).toString()}${note}`);
  });

  it('that is given up leaves nothing, and takes what a crash left', async () => {
    const path = join(pilots, 'x.log');
    fs.writeFileSync(`${path}.new`, 'what a crash left, longer than what is written now');
    expect((await written(Buffer.from('short'), 1000, [5])).toString()).toBe('short');
    const draft = new PilotLogDraft(join(pilots, 'y.log'), 1000);
    await draft.take(pattern(500));
    draft.discard();
    draft.discard();
    expect(fs.readdirSync(pilots)).toEqual(['x.log']);
  });

  it('is written through no link that somebody left in its place', async () => {
    const target = join(folder, 'precious');
    fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, join(pilots, 'x.log.new'));
    expect((await written(Buffer.from('mine'), 1000, [4])).toString()).toBe('mine');
    expect(fs.readFileSync(target, 'utf8')).toBe('precious');
  });
});

describe('retention', () => {
  const hourMs = 3_600_000;
  let nowMs: number;
  let bootMs: number;
  let told: string[];
  beforeEach(() => {
    nowMs = Date.now();
    bootMs = nowMs;
    told = [];
  });
  const put = (name: string, bytes: number, ageMs: number): void => {
    fs.writeFileSync(join(pilots, name), Buffer.alloc(bytes));
    fs.utimesSync(join(pilots, name), new Date(nowMs - ageMs), new Date(nowMs - ageMs));
  };
  const there = (): string => fs.readdirSync(pilots).toSorted().join(' ');
  const retention = (allBytes: number, ageMs = 100 * hourMs): PilotLogRetention =>
    new PilotLogRetention({
      folder: pilots,
      limits: () => ({ allBytes, ageMs }),
      wallMs: () => nowMs,
      nowMs: () => nowMs - bootMs,
      onTrouble: (text) => told.push(text),
    });

  it('removes what is too old, and nothing that is not ours', async () => {
    put('a.log', 1, 101 * hourMs);
    put('b.log', 1, 99 * hourMs);
    put('notes.txt', 1, 999 * hourMs);
    put('c.log.new', 1, 2 * hourMs);
    put('d.log.whole', 1, hourMs / 2);
    fs.mkdirSync(join(pilots, 'folder.log'));
    await retention(1e9).look();
    expect(there()).toBe('b.log d.log.whole folder.log notes.txt');
  });

  it('removes nothing by a clock that jumps, until that has gone on for a day', async () => {
    const dayMs = 24 * hourMs;
    put('a.log', 1, 99 * hourMs);
    put('b.log', 1, hourMs);
    await retention(1e9).look();
    // A boot into a wrong year.
    nowMs += 5000 * dayMs;
    bootMs = nowMs;
    const wrong = retention(1e9);
    await wrong.look();
    put('c.log', 1, 0);
    nowMs += 23 * hourMs;
    await wrong.look();
    expect(there()).toBe('a.log b.log c.log');
    // Set right by the network: a later boot does not take the wrong time for a known one.
    nowMs -= 5000 * dayMs;
    await wrong.look();
    expect(there()).toBe('b.log c.log');
    bootMs = nowMs;
    nowMs += 5 * dayMs;
    await retention(1e9).look();
    expect(there()).toBe('c.log');
  });

  it('believes a clock that has gone on for a day, and one that is behind at once', async () => {
    put('a.log', 1, 300 * 24 * hourMs);
    const late = retention(1e9);
    await late.look();
    nowMs += 24 * hourMs;
    expect(there()).toBe('a.log');
    await late.look();
    expect(there()).toBe('');
    put('b.log', 1, 99 * hourMs);
    nowMs -= 9000 * hourMs;
    await retention(1e9).look();
    expect(there()).toBe('b.log');
  });

  it('removes the oldest of what is too much, with some room to spare', async () => {
    for (let index = 0; index < 10; index += 1) put(`${index}.log`, 8192, index * hourMs);
    await retention(80_000).look();
    // 10 of 8192 bytes are too much for 80 000: down to 72 000, which is 8 of them.
    expect(there()).toBe('0.log 1.log 2.log 3.log 4.log 5.log 6.log 7.log');
    await retention(80_000).look();
    expect(there().split(' ')).toHaveLength(8);
  });

  it('counts what a file takes of the disk', async () => {
    for (let index = 0; index < 10; index += 1) put(`${index}.log`, 1, index * hourMs);
    await retention(5 * 4096).look();
    expect(there()).toBe('0.log 1.log 2.log 3.log');
  });

  it('looks at the first log, then when they become too much or an hour has passed, and not at each', async () => {
    const kept = retention(100_000);
    put('old.log', 1, 101 * hourMs);
    await kept.added(4096);
    expect(there()).toBe('');
    put('old.log', 1, 101 * hourMs);
    for (let index = 0; index < 24; index += 1) await kept.added(4096);
    expect(there()).toBe('old.log');
    await kept.added(4096);
    expect(there()).toBe('');
    put('old.log', 1, 101 * hourMs);
    await kept.added(1);
    expect(there()).toBe('old.log');
    nowMs += hourMs + 1;
    await kept.added(1);
    expect(there()).toBe('');
  });

  it('leaves its disk as much room as is to stay free, and takes no more of it than that', async () => {
    let roomBytes = 0;
    const kept = new PilotLogRetention({
      folder: pilots,
      limits: () => ({ allBytes: 1e9, ageMs: 100 * hourMs }),
      wallMs: () => nowMs,
      nowMs: () => nowMs - bootMs,
      onTrouble: (text) => told.push(text),
      roomIn: async () => roomBytes - 4096 * there().split(' ').filter(Boolean).length,
    });
    for (let index = 0; index < 10; index += 1) put(`${index}.log`, 4096, index * hourMs);
    roomBytes = 12 * 4096;
    expect(await kept.hasRoom()).toBe(true);
    await kept.added(1);
    expect(there().split(' ')).toHaveLength(10);
    roomBytes = 8 * 4096;
    await kept.added(1);
    expect(there()).toBe('0.log 1.log 2.log 3.log 4.log 5.log 6.log');
    roomBytes = 4 * 4096;
    expect(await kept.hasRoom()).toBe(true);
    expect(there()).toBe('0.log 1.log 2.log');
    roomBytes = 0;
    expect(await kept.hasRoom()).toBe(false);
    expect(there()).toBe('');
  });

  it('says what keeps it from its work', async () => {
    fs.rmSync(pilots, { recursive: true });
    await retention(1).look();
    expect(told).toEqual([]);
    fs.writeFileSync(pilots, '');
    await retention(1).look();
    expect(told).toEqual([expect.stringMatching(/^cannot keep .*pilots within its size: ENOTDIR/)]);
  });
});

describe('the log of a pilot', () => {
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  const pilot = { id: 'ab'.repeat(32), name: 'plancton-worker-abcdef' };
  let log: KeptLog;
  beforeEach(() => {
    log = keepLog();
    fs.rmSync(pilots, { recursive: true });
  });
  const logs = (more: Partial<PilotLogOptions> = {}) =>
    createPilotLogs({
      logFolder: folder,
      log,
      retention: () => ({ perPilotBytes: 10_000, allBytes: 1e6, ageMs: 1e9 }),
      ...more,
    });
  type Tell = (onChunk: OnLogChunk, signal: AbortSignal) => Promise<void>;
  const engineThat = (tell: Tell): Engine =>
    ({
      logs: (_id: string, _options: object, onChunk: OnLogChunk, signal: AbortSignal) =>
        tell(onChunk, signal),
    }) as Engine;
  const says = (...words: readonly string[]): Engine =>
    engineThat(async (onChunk) => {
      for (const [index, text] of words.entries())
        await onChunk(index % 2 === 0 ? 'stdout' : 'stderr', Buffer.from(text));
    });
  const kept = (name = pilot.name): string => fs.readFileSync(join(pilots, `${name}.log`), 'utf8');
  const hang = (): Promise<never> => new Promise(() => undefined);

  it('is kept as it is: both streams, and whatever bytes there are', async () => {
    await logs().keep(says('one\n', 'two\u001b[2J\u0000\n', 'three'), pilot, never);
    expect(kept()).toBe('one\ntwo\u001b[2J\u0000\nthree');
    expect(fs.statSync(join(pilots, `${pilot.name}.log`)).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(pilots)).toEqual([`${pilot.name}.log`]);
    expect(log.lines).toEqual([]);
  });

  it('is bounded', async () => {
    await logs().keep(says('head', 'x'.repeat(100_000), 'tail'), pilot, never);
    expect(kept().length).toBeLessThanOrEqual(10_000);
    expect(kept()).toMatch(/^headx+\n\[plancton: 90108 bytes are left out here\]\nx+tail$/);
  });

  it('makes no file where nothing was written, or nothing is to be kept', async () => {
    await logs().keep(says(), pilot, never);
    await logs({ retention: () => ({ perPilotBytes: 0, allBytes: 1e6, ageMs: 1e9 }) }).keep(
      says('x'),
      pilot,
      never,
    );
    expect(fs.readdirSync(pilots)).toEqual([]);
  });

  it('leads out of the folder by no name', async () => {
    await logs().keep(says('x'), { ...pilot, name: '../../etc/passwd' }, never);
    expect(fs.readdirSync(pilots)).toEqual([`${pilot.id}.log`]);
    // Beside it, perhaps, what says until when the clock was believed.
    expect(fs.readdirSync(folder).filter((name) => name !== 'pilots.looked')).toEqual(['pilots']);
  });

  it('that hangs is given up in time, with what there was of it, and told', async () => {
    const bounds = { silenceMs: 30, mostMs: 60_000 };
    await logs(bounds).keep(engineThat(hang), pilot, never);
    expect(fs.readdirSync(pilots)).toEqual([]);
    const some = engineThat(async (onChunk) => {
      await onChunk('stdout', Buffer.from('so far'));
      await hang();
    });
    await logs(bounds).keep(some, pilot, never);
    expect(kept()).toBe('so far\n[plancton: the rest is missing: nothing more came within 0.03 s]\n');
    expect(log.lines[0]).toBe(
      'WARN the log of plancton-worker-abcdef is not kept whole: nothing more came within 0.03 s',
    );
  });

  it('that never ends is given up in time, and nothing of it is taken afterwards', async () => {
    let late: OnLogChunk = () => undefined;
    const endless = engineThat(async (onChunk) => {
      late = onChunk;
      for (;;) {
        await onChunk('stdout', Buffer.from('again\n'));
        await new Promise(setImmediate);
      }
    });
    await logs({ silenceMs: 60_000, mostMs: 50 }).keep(endless, pilot, never);
    expect(kept()).toMatch(/\n\[plancton: the rest is missing: it was not read within 0\.05 s\]\n$/);
    const before = kept();
    await late('stdout', Buffer.alloc(200_000));
    expect(kept()).toBe(before);
  });

  it('is not kept at all when the daemon ends meanwhile: the next one does it', async () => {
    const abort = new AbortController();
    const slow = engineThat(async (onChunk) => {
      await onChunk('stdout', Buffer.from('half'));
      abort.abort();
      await hang();
    });
    await logs().keep(slow, pilot, abort.signal);
    await logs().keep(says('x'), pilot, abort.signal);
    expect(fs.readdirSync(pilots)).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('that the engine cannot read is told once, by the pilot’s name', async () => {
    const refusing = (why: string) =>
      engineThat(() =>
        Promise.reject(new EngineError('rejected', `cannot read the log of container ${pilot.id}: ${why}`)),
      );
    const one = logs();
    for (let time = 0; time < 3; time += 1) await one.keep(refusing('no such driver'), pilot, never);
    expect(log.lines).toEqual([
      `WARN the log of ${pilot.name} is not kept whole: cannot read the log of container ${pilot.name}: no such driver`,
    ]);
    await one.keep(says('x'), pilot, never);
    await one.keep(refusing('no such driver'), pilot, never);
    expect(log.lines).toHaveLength(2);
  });

  it('that cannot be written is told, and holds up nothing', async () => {
    fs.writeFileSync(pilots, '');
    await logs().keep(says('x'), pilot, never);
    expect(log.lines).toEqual([expect.stringMatching(/^WARN the log of .* is not kept whole: E/)]);
    fs.rmSync(pilots);
    fs.mkdirSync(pilots);
  });

  it('is not kept where its disk is nearly full, which is told once', async () => {
    let roomBytes = -1;
    const one = logs({ roomIn: async () => roomBytes });
    await one.keep(says('x'), pilot, never);
    await one.keep(says('x'), { ...pilot, name: 'other' }, never);
    expect(fs.readdirSync(pilots)).toEqual([]);
    expect(log.lines).toEqual([
      `WARN the log of ${pilot.name} is not kept whole: the disk of ${pilots} is nearly full`,
    ]);
    roomBytes = 1;
    await one.keep(says('x'), pilot, never);
    expect(kept()).toBe('x');
  });

  it('waits for its turn among many that end at once', async () => {
    let running = 0;
    let most = 0;
    const engine = engineThat(async (onChunk) => {
      running += 1;
      most = Math.max(most, running);
      await onChunk('stdout', Buffer.from('x'));
      await new Promise(setImmediate);
      running -= 1;
    });
    const one = logs();
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        one.keep(engine, { id: `${index}`, name: `pilot-${index}` }, never),
      ),
    );
    expect(most).toBe(4);
    expect(fs.readdirSync(pilots)).toHaveLength(100);
  });
});
