import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askSystemd } from '../../src/act/systemdSlice.ts';

let folder: string;
const { signal } = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-systemctl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A `systemctl` that writes down what it is asked, and then does this. */
function systemctl(script: string): string {
  const path = join(folder, 'systemctl');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${join(folder, 'asked')}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');

describe('systemd', () => {
  it.each([
    ['idle', 'CPUWeight=idle'],
    ['low', 'CPUWeight=1'],
    ['normal', 'CPUWeight=100'],
  ] as const)('is asked to start the slice and to give it its weights: %s', async (cpuClass, weight) => {
    expect(await askSystemd(systemctl(''), cpuClass, signal)).toBeNull();
    expect(asked()).toEqual([
      '--no-ask-password start plancton.slice',
      `--no-ask-password set-property --runtime plancton.slice ${weight} IOWeight=1`,
    ]);
  });

  it('that knows no idle class is asked for the smallest weight', async () => {
    const old = systemctl('case "$*" in *idle*) echo "Failed to parse CPUWeight=" >&2; exit 1;; esac');
    expect(await askSystemd(old, 'idle', signal)).toBeNull();
    expect(asked().at(-1)).toBe(
      '--no-ask-password set-property --runtime plancton.slice CPUWeight=1 IOWeight=1',
    );
  });

  it('that refuses is told of in one line, and not asked further', async () => {
    const refusing = systemctl(
      'printf "Failed to start:\\nInteractive authentication required.\\n" >&2; exit 4',
    );
    expect(await askSystemd(refusing, 'idle', signal)).toBe(
      `${refusing} start plancton.slice: Failed to start: Interactive authentication required.`,
    );
    expect(asked()).toHaveLength(1);
  });

  it('that is not there is told of', async () => {
    expect(await askSystemd(join(folder, 'none'), 'idle', signal)).toMatch(/ENOENT/);
  });

  it('is waited for no longer than it is wanted', async () => {
    const gone = new AbortController();
    const answer = askSystemd(systemctl('exec sleep 60'), 'idle', gone.signal);
    gone.abort();
    expect(await answer).toMatch(/aborted/);
  });
});
