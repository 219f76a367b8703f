import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { activityIn, lastWordIn, readActivity, readLastWord } from '../../src/sample/pilotWord.ts';
import { beyondBounds, firstLine, readForeignFile } from '../../src/sample/pilotWordFile.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'plancton-state-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A folder in which a pilot has written this. */
function saying(files: Readonly<Record<string, string>>): { path: string; bounded: boolean } {
  const path = folder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, bounded: false };
}

describe('what a pilot says of its end', () => {
  it.each([
    ['300 Nothing to do', { code: 300, text: 'Nothing to do' }],
    ['300 Nothing to do\n', { code: 300, text: 'Nothing to do' }],
    ['\n\n  404\tBanned   here \nand more', { code: 404, text: 'Banned here' }],
    ['200', { code: 200, text: '' }],
    ['all is well', { code: null, text: 'all is well' }],
    ['3000 is too long', { code: null, text: '3000 is too long' }],
    ['300: no space', { code: null, text: '300: no space' }],
    ['099 is too small', { code: null, text: '099 is too small' }],
    ['', null],
    [' \r\n\t\n', null],
    ['\u0000\u001b', null],
  ])('is a code and a text: %j', (text, word) => {
    expect(lastWordIn(text)).toEqual(word);
  });

  it('is read from its file', () => {
    expect(readLastWord(saying({ shutdown_message: '300 Nothing to do\n' }))).toEqual({
      known: true,
      value: { code: 300, text: 'Nothing to do' },
    });
  });

  it('is nothing where it said nothing, or has no folder', () => {
    expect(readLastWord(saying({}))).toEqual({ known: true, value: null });
    expect(readLastWord({ path: '/nowhere/at/all', bounded: false })).toEqual({ known: true, value: null });
  });
});

describe('what a pilot says that it does', () => {
  it.each([
    ['idle', 'idle', null],
    ['IDLE\n', 'idle', null],
    ['idle 30%', 'idle', null],
    ['busy', 'busy', null],
    ['busy 45%', 'busy', 0.45],
    ['busy 45% event 9 of 20', 'busy', 0.45],
    ['busy 0.45', 'busy', 0.45],
    ['busy 1', 'busy', 1],
    ['busy 100%', 'busy', 1],
    ['busy 45', 'busy', null],
    ['busy 101%', 'busy', null],
    ['busy -1', 'busy', null],
    ['busy 1e-3', 'busy', null],
    ['busy NaN', 'busy', null],
    ['12.5%', 'busy', 0.125],
    ['asleep', null, null],
    ['', null, null],
  ])('%j', (text, activity, progress) => {
    expect(activityIn(text)).toEqual({ activity, progress });
  });

  it('is read from its file', () => {
    expect(readActivity(saying({ activity: 'busy 45%\n' }))).toEqual({
      known: true,
      value: { activity: 'busy', progress: 0.45 },
    });
  });
});

describe('whatever a pilot writes', () => {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  const odd = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200e\u200f]/;

  it('is one short line without controls', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const line = firstLine(Buffer.from(bytes).toString('utf8'));
        expect(line).not.toMatch(odd);
        expect(Array.from(line).length).toBeLessThanOrEqual(200);
        expect(line).toBe(line.trim());
      }),
    );
  });

  it('is told as it is where it is plain', () => {
    const plain = fc.stringMatching(/^[1-9]\d\d [!-~]{1,20}( [!-~]{1,20}){0,3}$/);
    fc.assert(
      fc.property(plain, (line) => {
        const word = lastWordIn(`${line}\n`);
        expect(`${word?.code} ${word?.text}`).toBe(line);
      }),
    );
  });

  it('means something in bounds, or nothing', () => {
    const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(idle|busy)? ?[\d.%]{0,9}$/));
    fc.assert(
      fc.property(unit, (text) => {
        const { activity, progress } = activityIn(text);
        expect(progress === null || (progress >= 0 && progress <= 1 && activity === 'busy')).toBe(true);
        const word = lastWordIn(text);
        expect(word === null || word.code === null || (word.code >= 100 && word.code <= 999)).toBe(true);
      }),
    );
  });
});

describe('a file of a pilot', () => {
  it('is read to 4 kB, were it a gigabyte of nothing', () => {
    const { path } = saying({});
    const file = openSync(join(path, 'activity'), 'w');
    writeSync(file, 'busy 10%\n');
    ftruncateSync(file, 1_000_000_000);
    closeSync(file);
    const text = readForeignFile(join(path, 'activity'));
    expect(text.known && text.value.length).toBe(4096);
    expect(readActivity({ path, bounded: false })).toMatchObject({ value: { progress: 0.1 } });
  });

  it.each([
    ['a link to a file of the node', (at: string) => symlinkSync('/etc/passwd', at)],
    ['a link to nothing', (at: string) => symlinkSync('/nowhere', at)],
    ['a folder', (at: string) => mkdirSync(at)],
    ['a pipe that nobody writes to', (at: string) => void execFileSync('mkfifo', [at])],
  ])('is not read when it is %s', (_what, make) => {
    const { path } = saying({});
    make(join(path, 'shutdown_message'));
    const word = readLastWord({ path, bounded: true });
    expect(word).toEqual({ known: false, reason: `${path}/shutdown_message: no regular file` });
  });

  it('is never read through a link, however often it is swapped for one', () => {
    const { path } = saying({ secret: 'secret' });
    const at = join(path, 'activity');
    const swaps = [
      (): void => writeFileSync(join(path, 'draft'), 'idle'),
      (): void => symlinkSync(join(path, 'secret'), join(path, 'draft')),
    ];
    for (let round = 0; round < 50; round++) {
      swaps[round % 2]?.();
      renameSync(join(path, 'draft'), at);
      const text = readForeignFile(at);
      expect(text.known ? text.value : 'refused').toBe(round % 2 === 0 ? 'idle' : 'refused');
    }
    unlinkSync(at);
  });
});

describe('a folder that nothing bounds', () => {
  it('is read while it is small', () => {
    expect(beyondBounds(saying({ activity: 'idle', shutdown_message: '' }).path)).toBeNull();
    expect(beyondBounds('/nowhere/at/all')).toBeNull();
  });

  it('is not read with many entries, and they are not listed', () => {
    const { path } = saying({ shutdown_message: '300 Nothing' });
    for (let file = 0; file < 500; file++) closeSync(openSync(join(path, String(file)), 'w'));
    expect(beyondBounds(path)).toBe(`${path}: more than 32 entries`);
    expect(readLastWord({ path, bounded: false })).toEqual({
      known: false,
      reason: `${path}: more than 32 entries`,
    });
    expect(readLastWord({ path, bounded: true })).toMatchObject({ value: { code: 300 } });
  });

  it('is not read when it is large, or has folders, which may hold anything', () => {
    const large = saying({ activity: 'idle', core: 'x'.repeat(70_000) }).path;
    expect(beyondBounds(large)).toBe(`${large}: more than 64 kB`);
    const deep = saying({ activity: 'idle' }).path;
    mkdirSync(join(deep, 'sub'));
    expect(beyondBounds(deep)).toBe(`${deep}: has a folder in it`);
  });
});
