import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvFile } from '../../src/daemon/envFile.ts';
import { EngineError } from '../../src/model/engine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-env-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const holding = (text: string | Uint8Array): string => {
  writeFileSync(at('env'), text);
  return at('env');
};

describe('a file of variables', () => {
  it('is read line by line, each value as it is', () => {
    const lines = [
      '# TOKEN=no',
      '',
      '  # also none',
      'TOKEN=a b=c "$HOME" # x',
      'EMPTY=',
      'A.b-c=1',
      'CR=x\r',
    ];
    expect(readEnvFile(holding(lines.join('\n')))).toEqual({
      TOKEN: 'a b=c "$HOME" # x',
      EMPTY: '',
      'A.b-c': '1',
      CR: 'x',
    });
  });

  it('may be empty, or a link, and its last word counts', () => {
    expect(readEnvFile(holding(''))).toEqual({});
    symlinkSync(holding('A=1\nA=2\n'), at('link'));
    expect(readEnvFile(at('link'))).toEqual({ A: '2' });
  });

  it.each([
    ['a line without a value', 'A=1\nsecret\n', /line 2 is not NAME=value$/],
    ['a name with a space', 'export TOKEN=secret\n', /line 1 is not NAME=value$/],
    ['no name', '=secret', /line 1 is not NAME=value$/],
    ['a zero byte', 'A=secret\0', /line 1 is not NAME=value$/],
    ['another encoding', Buffer.from([0x41, 0x3d, 0xff]), /it is not UTF-8$/],
    ['too much', `A=${'secret'.repeat(11_000)}`, /it has more than 65536 bytes$/],
  ])('with %s is refused, and nothing of it is told', (_what, content, why) => {
    const file = holding(content);
    let error: unknown;
    try {
      readEnvFile(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EngineError);
    const { message, fault } = error as EngineError;
    expect(message).toMatch(why);
    expect(message).toContain(`env_file ${file}`);
    expect(message).not.toContain('secret');
    expect(message).not.toContain('\n');
    expect(fault).toBe('rejected');
  });

  it('that is none, or no file, is refused without waiting', () => {
    expect(() => readEnvFile(at('nowhere'))).toThrow(/nowhere cannot be used: ENOENT$/);
    mkdirSync(at('folder'));
    expect(() => readEnvFile(at('folder'))).toThrow(/it is not a regular file$/);
    execFileSync('mkfifo', [at('pipe')]);
    expect(() => readEnvFile(at('pipe'))).toThrow(/it is not a regular file$/);
    expect(() => readEnvFile('/dev/zero')).toThrow(/it is not a regular file$/);
  });
});
