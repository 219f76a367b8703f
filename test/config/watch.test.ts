import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';

let folder = '';
let end = () => {};
let calls = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-watch-'));
  calls = 0;
});
afterEach(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

function watchFile(file: string): void {
  end = watchConfig(file, () => {
    calls += 1;
  });
}

/** Makes a change and waits until it is noticed: `noticed`, or an error after the deadline. */
async function after(change: () => void): Promise<string> {
  const before = calls;
  change();
  return vi.waitUntil(() => (calls > before ? 'noticed' : null), { timeout: 5000, interval: 10 });
}

describe('watchConfig', () => {
  it('notices a file that appears, is written, replaced and removed', async () => {
    const file = join(folder, 'config.yaml');
    watchFile(file);
    expect(await after(() => writeFileSync(file, 'a'))).toBe('noticed');
    expect(await after(() => writeFileSync(file, 'b'))).toBe('noticed');
    expect(
      await after(() => {
        writeFileSync(join(folder, '.swap'), 'c');
        renameSync(join(folder, '.swap'), file);
      }),
    ).toBe('noticed');
    expect(await after(() => rmSync(file))).toBe('noticed');
  });

  it('notices a folder that appears later, and one that takes its place', async () => {
    const file = join(folder, 'etc/plancton/config.yaml');
    watchFile(file);
    expect(
      await after(() => {
        mkdirSync(join(folder, 'etc/plancton'), { recursive: true });
        writeFileSync(file, 'a');
      }),
    ).toBe('noticed');
    expect(await after(() => writeFileSync(file, 'b'))).toBe('noticed');
    expect(
      await after(() => {
        renameSync(join(folder, 'etc/plancton'), join(folder, 'etc/old'));
        mkdirSync(join(folder, 'etc/plancton'));
      }),
    ).toBe('noticed');
    expect(await after(() => writeFileSync(file, 'c'))).toBe('noticed');
  });

  it('notices a link whose target is changed beside it, as a ConfigMap does', async () => {
    mkdirSync(join(folder, 'v1'));
    mkdirSync(join(folder, 'v2'));
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync('..data/config.yaml', join(folder, 'config.yaml'));
    watchFile(join(folder, 'config.yaml'));
    expect(
      await after(() => {
        symlinkSync('v2', join(folder, '..new'));
        renameSync(join(folder, '..new'), join(folder, '..data'));
      }),
    ).toBe('noticed');
  });

  it('calls once for a burst, and not for other files', async () => {
    const file = join(folder, 'config.yaml');
    watchFile(file);
    for (let round = 0; round < 20; round += 1) writeFileSync(join(folder, `other${round}`), 'x');
    expect(
      await after(() => {
        for (let round = 0; round < 20; round += 1) writeFileSync(file, String(round));
      }),
    ).toBe('noticed');
    expect(calls).toBe(1);
  });

  it('says nothing once it is ended', async () => {
    const file = join(folder, 'config.yaml');
    watchFile(file);
    end();
    const ended = calls;
    const other = vi.fn<() => void>();
    const endOther = watchConfig(file, other);
    writeFileSync(file, 'a');
    await vi.waitFor(() => expect(other).toHaveBeenCalled(), { timeout: 5000, interval: 10 });
    endOther();
    expect(calls).toBe(ended);
  });

  it('keeps no process alive', async () => {
    const outfile = join(folder, 'watch.cjs');
    buildSync({
      stdin: {
        contents: `import { watchConfig } from './watch.ts'; watchConfig(process.argv[2], () => {}); console.log('watching');`,
        resolveDir: resolve(import.meta.dirname, '../../src/config'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
    });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [outfile, join(folder, 'no/config.yaml')],
      {
        timeout: 20_000,
      },
    );
    expect(stdout).toBe('watching\n');
  }, 30_000);
});
