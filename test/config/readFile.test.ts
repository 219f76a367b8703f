import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { readConfigFile } from '../../src/config/readFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'plancton-config-'));
const at = (name: string) => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function problemOf(file: string): string {
  const result = loadSettings(file);
  return result.ok ? '' : result.problems.map((problem) => formatProblem('c', problem)).join('\n');
}

describe('a configuration file', () => {
  it('that is not there means all defaults', () => {
    expect(loadSettings(at('nothing.yaml'))).toMatchObject({ ok: true, fingerprint: 'absent', warnings: [] });
    expect(readConfigFile(at('no/folder/either.yaml'))).toEqual({ is: 'absent' });
  });

  it('is read, with or without a byte order mark, also through a link', () => {
    writeFileSync(at('bom.yaml'), '\uFEFFmax_ttl: 7\n');
    symlinkSync('bom.yaml', at('link.yaml'));
    expect(loadSettings(at('link.yaml'))).toMatchObject({
      ok: true,
      settings: { topLevelKind: { ttlMs: 7000 } },
    });
  });

  it('that is empty means all defaults, and is told from none', () => {
    writeFileSync(at('empty.yaml'), '');
    const result = loadSettings(at('empty.yaml'));
    expect(result.ok).toBe(true);
    expect(result.fingerprint).not.toBe('absent');
  });

  it('has one fingerprint for each content', () => {
    writeFileSync(at('a.yaml'), 'max_ttl: 1');
    writeFileSync(at('b.yaml'), 'max_ttl: 1');
    writeFileSync(at('c.yaml'), 'max_ttl: 2');
    const [a, b, c] = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => loadSettings(at(name)).fingerprint);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it.each(['x: 1\nname: Ren\xe9\n', '\xff\xfex\x00'])(
    'in another encoding is refused, with the line',
    (text) => {
      writeFileSync(at('latin.yaml'), Buffer.from(text, 'latin1'));
      expect(problemOf(at('latin.yaml'))).toBe(
        `c:${text.startsWith('x') ? 2 : 1}:1: not UTF-8: save the file in that encoding`,
      );
    },
  );

  it('of 1 MB is read, and one byte more is refused', () => {
    writeFileSync(at('big.yaml'), `#${'x'.repeat(999_999)}`);
    expect(problemOf(at('big.yaml'))).toBe('');
    writeFileSync(at('big.yaml'), `#${'x'.repeat(1_000_000)}`);
    expect(problemOf(at('big.yaml'))).toBe('c: has 1000001 bytes: a configuration has at most 1000000');
  });

  it('that is a folder, a pipe, a device, a broken link or beneath a file is refused without waiting', () => {
    execFileSync('mkfifo', [at('pipe.yaml')]);
    symlinkSync('nowhere', at('broken.yaml'));
    symlinkSync('circle.yaml', at('circle.yaml'));
    writeFileSync(at('file'), '');
    expect(problemOf(folder)).toBe('c: is a folder: expected a file');
    expect(problemOf(at('pipe.yaml'))).toBe('c: is not a regular file');
    expect(problemOf('/dev/zero')).toBe('c: is not a regular file');
    expect(problemOf(at('broken.yaml'))).toBe('c: is a link to nothing');
    expect(problemOf(at('circle.yaml'))).toBe('c: cannot be read: its links lead in a circle');
    expect(problemOf(at('file/config.yaml'))).toBe('c: cannot be read: a part of its path is not a folder');
  });

  it('that may not be read says so', () => {
    writeFileSync(at('secret.yaml'), 'max_ttl: 1', { mode: 0 });
    // root may read everything but what the kernel itself keeps back
    const file = process.getuid?.() === 0 ? '/proc/self/mem' : at('secret.yaml');
    expect(problemOf(file)).toMatch(/^c: cannot be read: /);
  });
});
