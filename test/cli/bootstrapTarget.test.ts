import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeFolder, openStaging } from '../../src/cli/bootstrap/target.ts';

let base = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'plancton-target-')));
});
afterEach(() => rmSync(base, { recursive: true }));

describe('a configuration folder', () => {
  it('may be absent, empty, or a link to an empty one', () => {
    expect(freeFolder(join(base, 'a', 'b'))).toBe(join(base, 'a', 'b'));
    mkdirSync(join(base, 'real'));
    symlinkSync('real', join(base, 'link'));
    expect(freeFolder(join(base, 'real'))).toBe(join(base, 'real'));
    expect(freeFolder(join(base, 'link'))).toBe(join(base, 'real'));
  });

  it('with anything in it is refused, with a list', () => {
    for (let i = 10; i < 35; i += 1) writeFileSync(join(base, `file${i}`), '');
    expect(() => freeFolder(base)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('is not empty'),
        details: expect.arrayContaining(['file10', 'and 5 more']),
      }),
    );
  });

  it('that is a clone, a file or a link to nowhere is refused', () => {
    mkdirSync(join(base, 'clone', '.git'), { recursive: true });
    writeFileSync(join(base, 'file'), 'x');
    symlinkSync('nowhere', join(base, 'link'));
    expect(() => freeFolder(join(base, 'clone'))).toThrow(/holds a clone already.*git -C .* pull/);
    expect(() => freeFolder(join(base, 'file'))).toThrow(/cannot be filled.*ENOTDIR/);
    expect(() => freeFolder(join(base, 'link'))).toThrow(/link to nowhere/);
  });
});

describe('a staged configuration', () => {
  const stage = (folder: string) => {
    const staging = openStaging(freeFolder(folder));
    writeFileSync(join(staging.folder, 'config.yaml'), 'x');
    return staging;
  };

  it('appears whole, open to its owner alone, with the folders it needs', () => {
    const folder = join(base, 'home', '.plancton', 'conf');
    const staging = stage(folder);
    expect(existsSync(folder)).toBe(false);
    staging.putInForce();
    staging.discard();
    expect(readFileSync(join(folder, 'config.yaml'), 'utf8')).toBe('x');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(base, 'home', '.plancton'))).toEqual(['conf']);
  });

  it('leaves nothing when discarded, not even the folders above it', () => {
    stage(join(base, 'home', '.plancton', 'conf')).discard();
    expect(readdirSync(base)).toEqual([]);
  });

  it('takes the place and the mode of an empty folder', () => {
    mkdirSync(join(base, 'conf'));
    chmodSync(join(base, 'conf'), 0o750);
    stage(join(base, 'conf')).putInForce();
    expect(statSync(join(base, 'conf')).mode & 0o777).toBe(0o750);
    expect(readdirSync(base)).toEqual(['conf']);
  });

  it('does not overwrite what came meanwhile', () => {
    const staging = stage(join(base, 'conf'));
    mkdirSync(join(base, 'conf'));
    writeFileSync(join(base, 'conf', 'theirs'), 'y');
    expect(() => staging.putInForce()).toThrow(/could not be put in force.*ENOTEMPTY/);
    staging.discard();
    expect(readdirSync(base)).toEqual(['conf']);
    expect(readdirSync(join(base, 'conf'))).toEqual(['theirs']);
  });

  it('sweeps what a killed bootstrap left, and nothing else', () => {
    const dead = 2 ** 22 + 1; // beyond the largest process id that Linux gives
    for (const name of [`.conf.bootstrap-${dead}-abcdef`, `.conf.bootstrap-1-abcdef`, '.conf.bootstrap-x']) {
      mkdirSync(join(base, name));
    }
    stage(join(base, 'conf')).putInForce();
    expect(readdirSync(base).toSorted()).toEqual(['.conf.bootstrap-1-abcdef', '.conf.bootstrap-x', 'conf']);
  });
});
