import * as fs from 'node:fs';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { InfluxQueue } from '../../src/record/influxQueue.ts';
import { InfluxSpool, type SpoolCalls } from '../../src/record/influxSpool.ts';
import { openSpool, spoolName, sweepSpools } from '../../src/record/influxSpools.ts';
import { rememberingLog, targetAt } from './influxParts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (mostBytes = 1e6, calls?: SpoolCalls) => new InfluxSpool(folder, mostBytes, calls);
/** Takes and confirms all that waits. */
function drain(spool: InfluxSpool, mostLines = 5000): string[] {
  const all: string[] = [];
  for (let batch = spool.take(mostLines, 1e6); batch.length > 0; batch = spool.take(mostLines, 1e6)) {
    all.push(...batch);
    spool.confirm();
  }
  return all;
}

describe('a spool', () => {
  it('gives lines back in order, and leaves no file when all are dealt with', () => {
    const spool = open();
    spool.push(['a', 'b']);
    spool.push(['c']);
    expect(spool.length).toBe(3);
    expect(statSync(join(folder, '1.lines')).mode & 0o777).toBe(0o600);
    expect(drain(spool, 2)).toEqual(['a', 'b', 'c']);
    expect(spool).toMatchObject({ length: 0, bytes: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives a batch again that was not dealt with', () => {
    const spool = open();
    spool.push(['a', 'b']);
    expect(spool.take(1, 1e6)).toEqual(['a']);
    spool.release();
    expect(spool.take(5, 1e6)).toEqual(['a', 'b']);
    expect(spool.length).toBe(2);
  });

  it('takes lines while a batch is out, and gives those behind it', () => {
    const spool = open();
    spool.push(['a']);
    spool.take(5, 1e6);
    spool.push(['b']);
    spool.confirm();
    expect(drain(spool)).toEqual(['b']);
  });

  it('cuts a batch by bytes, and gives at least one line', () => {
    const spool = open();
    spool.push(['aaaa', 'bbbb', 'cccc']);
    expect(spool.take(9, 10)).toEqual(['aaaa', 'bbbb']);
    spool.release();
    expect(spool.take(9, 1)).toEqual(['aaaa']);
  });

  it('has all that was not confirmed when somebody opens it again, and goes on behind that', () => {
    const before = open();
    before.push(['a', 'b']);
    before.take(1, 1e6);
    before.confirm();
    before.push(['c']);
    const after = open();
    // The first line was sent, but its file was not done with: it is sent twice, which is no harm.
    expect(after.length).toBe(3);
    after.push(['d']);
    expect(drain(after)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('drops the oldest where there is no room, tells how many, and never what is being sent', () => {
    const spool = open(600_000);
    const line = (index: number): string => `${index} ${'x'.repeat(999)}`;
    const lines = Array.from({ length: 1000 }, (_, index) => line(index));
    spool.push(lines.slice(0, 1));
    expect(spool.take(1, 1e6)).toEqual([line(0)]);
    const dropped = lines.slice(1).reduce((sum, one) => sum + spool.push([one]), 0);
    expect(dropped).toBeGreaterThan(300);
    expect(spool.bytes).toBeLessThanOrEqual(600_000);
    expect(spool.length).toBe(1000 - dropped);
    spool.confirm();
    const left = drain(spool);
    expect(left).toEqual(lines.slice(1000 - left.length));
    expect(left).toHaveLength(999 - dropped);
  });

  it('cuts off what a crash has torn, and zeros where bytes should be', () => {
    const before = open();
    before.push(['a', 'b']);
    appendFileSync(join(folder, '1.lines'), 'c value=1 17000');
    const after = open();
    after.push(['d']);
    expect(readFileSync(join(folder, '1.lines'), 'utf8')).toBe('a\nb\n');
    expect(drain(after)).toEqual(['a', 'b', 'd']);
    appendFileSync(join(folder, '7.lines'), Buffer.alloc(100));
    appendFileSync(join(folder, '8.lines'), '\0\0\0\n');
    expect(open().length).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has nothing of lines that the disk did not take, and goes on when it takes some again', () => {
    let isFull = false;
    const appendFileSync: SpoolCalls['appendFileSync'] = (path, data, options) => {
      fs.appendFileSync(path, isFull ? String(data).slice(0, 3) : data, options);
      if (isFull) throw new Error('ENOSPC: no space left on device');
    };
    const spool = open(1e6, { ...fs, appendFileSync });
    spool.push(['before']);
    isFull = true;
    expect(() => spool.push(['lost'])).toThrow(/ENOSPC/);
    isFull = false;
    spool.push(['after']);
    expect(drain(open())).toEqual(['before', 'after']);
  });

  it('forgets what somebody removed', () => {
    const spool = open();
    spool.push(['a']);
    rmSync(join(folder, '1.lines'));
    expect(spool.take(5, 1e6)).toEqual([]);
    expect(spool.length).toBe(0);
    spool.push(['b']);
    expect(drain(spool)).toEqual(['b']);
  });

  it('loses nothing, whatever is pushed, taken, released, confirmed or opened anew', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('push' as const),
        lines: fc.array(fc.constantFrom('x', 'ü', 'long line'), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ do: fc.constantFrom('take', 'release', 'confirm', 'reopen') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const own = mkdtempSync(join(folder, 'p-'));
        let spool = new InfluxSpool(own, 1e6);
        const pushed: string[] = [];
        const sent = new Set<string>();
        let batch: string[] = [];
        for (const one of steps) {
          if ('lines' in one) {
            const lines = one.lines.map((text, index) => `${pushed.length + index} ${text}`);
            spool.push(lines);
            pushed.push(...lines);
          } else if (one.do === 'take') {
            batch = spool.take(2, 1e6);
          } else if (one.do === 'release') {
            spool.release();
            batch = [];
          } else if (one.do === 'confirm') {
            for (const line of batch) sent.add(line);
            batch = [];
            spool.confirm();
          } else {
            spool = new InfluxSpool(own, 1e6);
            batch = [];
          }
        }
        spool.release();
        for (const line of drain(spool)) sent.add(line);
        expect([...sent].toSorted()).toEqual(pushed.toSorted());
        expect(readdirSync(own)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a queue', () => {
  it('keeps in memory what the disk does not take, and sends that after what is on the disk', () => {
    let isFull = false;
    const appendFileSync: SpoolCalls['appendFileSync'] = (path, data, options) => {
      if (isFull) throw new Error('ENOSPC');
      fs.appendFileSync(path, data, options);
    };
    const troubles: unknown[] = [];
    const queue = new InfluxQueue(open(1e6, { ...fs, appendFileSync }), (error) => troubles.push(error));
    queue.push(['a']);
    isFull = true;
    queue.push(['b']);
    isFull = false;
    queue.push(['c']);
    expect(queue.length).toBe(3);
    expect(troubles).toHaveLength(1);
    const sent: string[] = [];
    while (queue.length > 0) {
      sent.push(...queue.take(9, 1e6));
      queue.confirm();
    }
    expect(sent).toEqual(['a', 'c', 'b']);
    queue.push(['d']);
    expect(queue.close()).toBe(0);
    expect(open().length).toBe(1);
  });
});

describe('spools', () => {
  it('are of a database, whoever writes to it', () => {
    const target = targetAt(1, { username: 'u', password: new Secret('p') });
    expect(spoolName(target)).toBe(spoolName({ ...target, password: new Secret('q') }));
    expect(spoolName({ ...target, api: 3, tags: { a: 'b' } })).toBe(spoolName(target));
    for (const other of [{ database: 'x' }, { port: 2 }, { org: 'o' }])
      expect(spoolName({ ...target, ...other })).not.toBe(spoolName(target));
  });

  it('go a week after the last write where nobody writes to them any more', () => {
    for (const name of ['used', 'old', 'young']) new InfluxSpool(join(folder, name), 1e6).push(['a']);
    const now = Date.now();
    for (const name of ['used', 'old'])
      utimesSync(join(folder, name), now / 1000 - 8 * 86_400, now / 1000 - 8 * 86_400);
    sweepSpools(folder, ['used'], now);
    expect(readdirSync(folder).toSorted()).toEqual(['used', 'young']);
    sweepSpools(join(folder, 'none'), [], now);
  });

  it('that cannot be had are told, and no more', () => {
    const { log, told } = rememberingLog();
    appendFileSync(join(folder, 'file'), '');
    expect(openSpool(join(folder, 'file'), 'x', log)).toBeNull();
    expect(told).toMatchObject([
      { level: 'warn', message: expect.stringMatching(/in memory only.*ENOTDIR/) as string },
    ]);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
