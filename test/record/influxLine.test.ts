import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../src/model/point.ts';
import { toLine } from '../../src/record/influxLine.ts';
import { SeriesClock } from '../../src/record/seriesClock.ts';

const point = (more: Partial<Point> = {}): Point => ({
  measurement: 'm',
  tags: {},
  fields: { f: 1 },
  atWallMs: 1,
  ...more,
});

/** Cuts at each separator that no backslash stands before and that is in no quotes, as InfluxDB 1.x does. */
function cut(text: string, separator: string, most = Number.POSITIVE_INFINITY): string[] {
  const parts = [''];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const next = text[at + 1] ?? '';
    const escapes = quoted ? '"\\' : ',= ';
    const last = parts.length - 1;
    if (character === '\\' && next !== '' && escapes.includes(next)) {
      parts[last] += character + next;
      at += 1;
    } else if (character === separator && !quoted && parts.length < most) {
      parts.push('');
    } else {
      if (character === '"') quoted = !quoted && text[at - 1] === '=';
      parts[last] += character;
    }
  }
  return parts;
}

const plain = (text: string | undefined) => (text ?? '').replace(/\\([,= ])/g, '$1');

function parse(line: string) {
  const [key = '', fields = '', time = ''] = cut(line, ' ');
  const [measurement, ...tags] = cut(key, ',');
  const pairs = (list: string[]) => list.map((pair) => cut(pair, '=', 2));
  return {
    // In its name an equals sign needs no escape, and has none.
    measurement: (measurement ?? '').replace(/\\([, ])/g, '$1'),
    tags: Object.fromEntries(pairs(tags).map(([name, value]) => [plain(name), plain(value)])),
    fields: Object.fromEntries(pairs(cut(fields, ',')).map(([name, value]) => [plain(name), value])),
    time,
  };
}

describe('line protocol', () => {
  it('writes every number as a float, and says nothing that is not a number', () => {
    expect(toLine(point({ fields: { a: 5, b: 0.25, c: true, d: 'x' } }), 7)).toBe('m a=5,b=0.25,c=T,d="x" 7');
    expect(toLine(point({ fields: { a: 5, b: Number.NaN, c: Number.POSITIVE_INFINITY } }), 7)).toBe(
      'm a=5 7',
    );
  });

  it.each([
    ['no field', point({ fields: {} })],
    ['no finite field', point({ fields: { f: Number.NaN } })],
    ['no name', point({ measurement: '' })],
    ['a name that makes it a comment', point({ measurement: '#m' })],
    ['too much', point({ fields: { f: 'x'.repeat(70_000) } })],
  ])('has no line for a point with %s', (_, bad) => expect(toLine(bad, 7)).toBeNull());

  it('never lets a name or a tag swallow the separator after it', () => {
    const line = toLine(
      point({ measurement: 'm\\', tags: { 'a\\': 'x\\\\', b: '\\' }, fields: { 'f\\': 1 } }),
      7,
    );
    expect(line).toBe('m,a=x f=1 7');
  });

  it('says the same to a reader of the protocol, whatever the names and values are', () => {
    const text = fc
      .string({
        unit: fc.constantFrom('a', 'é', '☃', ' ', ',', '=', '"', '\\', '#'),
        minLength: 1,
        maxLength: 8,
      })
      .filter((value) => !value.endsWith('\\') && !value.startsWith('#') && !value.includes('"'));
    const quoted = fc.string({ unit: fc.constantFrom('a', ' ', ',', '=', '"', '\\'), maxLength: 8 });
    const tags = fc.dictionary(text, text, { maxKeys: 3 });
    fc.assert(
      fc.property(text, tags, text, quoted, fc.nat(), (measurement, tags, field, value, micros) => {
        const line = toLine(point({ measurement, tags, fields: { [field]: value } }), micros);
        const read = parse(line ?? '');
        expect(read.measurement).toBe(measurement);
        expect(read.tags).toEqual({ ...tags });
        expect(JSON.parse(read.fields[field] ?? '')).toBe(value);
        expect(read.time).toBe(String(micros));
      }),
    );
  });
});

describe('the time of a point', () => {
  it('keeps points of one series and one millisecond apart', () => {
    const clock = new SeriesClock();
    const stamps = [1, 1, 1, 2].map((atWallMs) => clock.stampMicros(point({ atWallMs })));
    expect(stamps).toEqual([1_000, 1_001, 1_002, 2_000]);
    expect(clock.stampMicros(point({ atWallMs: 2, tags: { other: 'series' } }))).toBe(2_000);
  });

  it('follows a wall clock that was set back', () => {
    const clock = new SeriesClock();
    expect([9, 3, 3].map((atWallMs) => clock.stampMicros(point({ atWallMs })))).toEqual([
      9_000, 3_000, 3_001,
    ]);
  });
});
