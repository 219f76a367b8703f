import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { known, type Reading } from '../../src/model/reading.ts';
import { readOften } from '../../src/sample/kernelFile.ts';
import { numberAfter } from '../../src/sample/lines.ts';
import { until } from '../support/until.ts';

const asText = (text: string): Reading<string> => known(text);

describe('a file that is read often', () => {
  it('is told anew by the kernel at each read', async () => {
    const uptime = (): string => {
      const text = readOften('/proc/uptime', asText);
      return text.known ? text.value : '';
    };
    const before = uptime();
    const later = await until('another time', () => {
      const now = uptime();
      return now !== before && now !== '' ? now : null;
    });
    expect(later).not.toBe(before);
  });

  it('is understood once while it says the same, and anew when it is asked for otherwise', () => {
    const file = '/proc/version';
    const texts: string[] = [];
    const parse = (text: string): Reading<number> => {
      texts.push(text);
      return known(text.length);
    };
    const readings = [1, 2, 3, 4].map(() => readOften(file, parse));
    // It is opened at the first read and kept open from then on.
    expect(readings[3]).toBe(readings[1]);
    expect(texts.length).toBe(2);
    expect(readOften(file, asText)).toEqual(known(texts[0]));
    expect(readOften(file, parse)).toEqual(readings[0]);
  });

  it('is found again when another has taken its place, and is missed when it has gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plancton-often-'));
    const [file, next] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(file, 'first');
    expect(readOften(file, asText)).toEqual({ known: true, value: 'first' });
    writeFileSync(next, 'second');
    renameSync(next, file);
    expect(readOften(file, asText)).toEqual({ known: true, value: 'second' });
    rmSync(folder, { recursive: true });
    expect(readOften(file, asText)).toEqual({ known: false, reason: `${file}: ENOENT` });
  });
});

describe('a number after a word', () => {
  it.each([
    ['total=12\n', 'total=', '\n', 12],
    ['\nMemTotal:     64 kB\n', '\nMemTotal:', ' kB\n', 64],
    ['total=12', 'total=', '\n', Number.NaN],
    ['total=x\n', 'total=', '\n', Number.NaN],
    ['total=\n', 'total=', '\n', Number.NaN],
    ['else=1\n', 'total=', '\n', Number.NaN],
  ])('of %j', (text, label, end, value) => {
    expect(numberAfter(text, label, end)).toEqual(value);
  });
});
