import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InfluxBuffer } from '../../src/record/influxBuffer.ts';

describe('the buffer', () => {
  it('keeps a batch until it is confirmed', () => {
    const buffer = new InfluxBuffer({ points: 10, bytes: 1_000 });
    for (const text of ['a', 'b', 'c']) buffer.push(text);
    expect(buffer.take(2, 1_000)).toEqual(['a', 'b']);
    buffer.release();
    expect(buffer.take(2, 1_000)).toEqual(['a', 'b']);
    buffer.confirm();
    expect(buffer.take(2, 1_000)).toEqual(['c']);
    expect(buffer.length).toBe(1);
  });

  it('drops the oldest that is not on its way', () => {
    const buffer = new InfluxBuffer({ points: 3, bytes: 1_000 });
    for (const text of ['a', 'b', 'c']) expect(buffer.push(text)).toBe(0);
    buffer.take(1, 1_000);
    expect(buffer.push('d')).toBe(1);
    buffer.release();
    expect(buffer.take(9, 1_000)).toEqual(['a', 'c', 'd']);
  });

  it('counts bytes as they are sent', () => {
    const buffer = new InfluxBuffer({ points: 100, bytes: 12 });
    buffer.push('☃☃');
    expect(buffer.push('12345')).toBe(1);
    expect(buffer.push('1234')).toBe(0);
    expect(buffer.take(9, 7)).toEqual(['12345']);
    expect(buffer.take(9, 1)).toEqual(['12345']);
    expect(buffer.clear()).toBe(2);
    expect(buffer.length).toBe(0);
  });

  it('holds the newest in order, never more than its limits, and counts the others', () => {
    const step = fc.oneof(
      fc.constant('push'),
      fc.constant('take'),
      fc.constant('confirm'),
      fc.constant('release'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const buffer = new InfluxBuffer({ points: 7, bytes: 30 });
        const sent: number[] = [];
        const kept: [string[], string[]][] = [];
        let batch: string[] = [];
        let pushed = 0;
        let dropped = 0;
        for (const what of steps) {
          if (what === 'push') dropped += buffer.push(String(pushed++));
          if (what === 'take') batch = buffer.take(2, 8);
          if (what === 'confirm') {
            sent.push(...batch.map(Number));
            buffer.confirm();
          }
          if (what === 'release') {
            buffer.release();
            kept.push([batch, buffer.take(batch.length, 8).slice(0, batch.length)]);
            buffer.release();
          }
          if (what === 'confirm' || what === 'release') batch = [];
          expect(buffer.length).toBeLessThanOrEqual(7);
        }
        for (const [before, after] of kept) expect(after).toEqual(before);
        expect(sent.length + dropped + buffer.length).toBe(pushed);
        expect(sent).toEqual([...sent].sort((a, b) => a - b));
      }),
    );
  });
});
