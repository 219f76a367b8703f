import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PilotRecord } from '../../src/model/history.ts';
import { type Head, newHead, readHead } from '../../src/record/historyHead.ts';
import { journalLine, outcomes, recordIn } from '../../src/record/journalLine.ts';
import { pilotRecord } from './pilotRecord.ts';

const whole = fc.integer({ min: 0, max: 4_000_000_000_000 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const words = fc.string({ unit: 'binary', maxLength: 40 });
const anyRecord: fc.Arbitrary<PilotRecord> = fc.record({
  name: fc.oneof(fc.stringMatching(/^[a-z0-9-]{1,30}$/), words),
  id: fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), words),
  node: words,
  kind: maybe(fc.oneof(fc.stringMatching(/^[a-z0-9_.-]{1,32}$/), words)),
  imageId: words,
  imageDigest: maybe(words),
  startedAtWallMs: maybe(whole),
  endedAtWallMs: whole,
  outcome: fc.constantFrom(...outcomes),
  exitCode: maybe(fc.integer({ min: 0, max: 255 })),
  signal: maybe(fc.constantFrom('SIGKILL', 'SIGTERM')),
  outOfMemory: fc.boolean(),
  cpuMs: maybe(whole),
  peakMemoryBytes: maybe(whole),
  pausedMs: whole,
  reason: maybe(fc.record({ rule: fc.constantFrom('memory', 'cpu', 'ttl'), text: words })),
  said: words,
});

const headOf = (line: string): Head | null => {
  const bytes = Buffer.from(`before\n${line}after`);
  const head = newHead();
  return readHead(bytes, 7, 7 + Buffer.byteLength(line) - 1, head) ? head : null;
};

describe('a line of the journal', () => {
  it('has the shape of version 1, with nothing that says nothing', () => {
    const said = JSON.stringify({
      v: 1,
      end: 1_900_003_607_000,
      start: 1_900_000_007_000,
      kind: 'default',
      outcome: 'finished',
      cpuMs: 3_000_000,
      name: 'plancton-worker-000007',
      node: 'node7.example.org',
      image: `sha256:${'ab'.repeat(32)}`,
      exit: 0,
      peakBytes: 1_500_000_000,
      id: '7'.padStart(64, '0'),
    });
    expect(journalLine(pilotRecord(7))).toBe(`${said}\n`);
    const evicted = pilotRecord(8, {
      kind: null,
      startedAtWallMs: null,
      cpuMs: null,
      peakMemoryBytes: null,
      imageDigest: 'sha256:cd',
      outcome: 'evicted',
      exitCode: 137,
      signal: 'SIGKILL',
      outOfMemory: true,
      pausedMs: 5.6,
      reason: { rule: 'memory', text: '1 GB is missing' },
      said: 'bye',
    });
    expect(journalLine(evicted)).toBe(
      `{"v":1,"end":1900003608000,"outcome":"evicted","name":"plancton-worker-000008","node":"node7.example.org","image":"sha256:${'ab'.repeat(32)}","digest":"sha256:cd","exit":137,"signal":"SIGKILL","oom":true,"pausedMs":6,"rule":"memory","reason":"1 GB is missing","said":"bye","id":"${'8'.padStart(64, '0')}"}\n`,
    );
  });

  it('gives back what was put in, on one line that moves no cursor', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const line = journalLine(record);
        // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
        expect(line.at(-1)).toBe('\n');
        // A lone half of a surrogate pair is no text, and comes back as what it was all the same.
        expect(recordIn(line)).toEqual(record);
      }),
    );
  });

  it('bounds what others said', () => {
    const record = pilotRecord(1, {
      said: 'x'.repeat(100_000),
      reason: { rule: 'cpu', text: 'y'.repeat(100_000) },
    });
    expect(journalLine(record).length).toBeLessThan(2600);
  });

  it.each([
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"v":2,"end":1,"outcome":"finished","name":"a","id":"b"}',
    '{"v":1,"end":"1","outcome":"finished","name":"a","id":"b"}',
    '{"v":1,"end":1,"outcome":"splendid","name":"a","id":"b"}',
    '{"v":1,"end":1,"outcome":"finished","id":"b"}',
  ])('that is none is told: %s', (line) => {
    expect(recordIn(line)).toBeNull();
    expect(headOf(`${line}\n`)).toBeNull();
  });

  it('may have its fields in another order, and further ones', () => {
    const line = '{"id":"b","name":"a","outcome":"lost","end":5,"later":{"x":1},"v":1}';
    expect(recordIn(line)).toMatchObject({
      id: 'b',
      name: 'a',
      outcome: 'lost',
      endedAtWallMs: 5,
      kind: null,
    });
    expect(headOf(`${line}\n`)).toMatchObject({ name: 'a', outcome: 'lost', endMs: 5 });
  });
});

describe('what queries read of a line without parsing it', () => {
  it('is what parsing it gives', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(headOf(journalLine(record))).toEqual({
          endMs: record.endedAtWallMs,
          startMs: record.startedAtWallMs ?? Number.NaN,
          kind: record.kind,
          outcome: record.outcome,
          cpuMs: record.cpuMs ?? Number.NaN,
          name: record.name,
          rule: ['evicted', 'expired'].includes(record.outcome) ? (record.reason?.rule ?? null) : null,
        });
      }),
    );
  });

  it('is nothing of a line that is cut short, wherever that is', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const bytes = Buffer.from(journalLine({ ...record, said: '"}"}x"}', id: 'ab"}' }));
        const head = newHead();
        const lengths = Array.from({ length: bytes.length }, (_, index) => index);
        const taken = lengths.filter((length) => readHead(bytes, 0, length, head));
        expect(taken).toEqual([bytes.length - 1]);
      }),
      { numRuns: 20 },
    );
  });
});
