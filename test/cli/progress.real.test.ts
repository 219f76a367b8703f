import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Screen } from '../support/screen.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const program = resolve(import.meta.dirname, '../../bin/plancton-bootstrap');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-progress-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A git that is at 42 % until the file `go` is there, and fails then. */
const slowGit = `#!/bin/sh
printf 'Receiving objects:  42%% (42/100)\\r' >&2
while [ ! -e '%FOLDER%/go' ]; do sleep 0.1; done
echo 'fatal: it was too slow' >&2
exit 128
`;

it('a clone that takes long says on a terminal how far it is, and leaves no trace of that', async () => {
  writeFileSync(join(folder, 'git'), slowGit.replace('%FOLDER%', folder), { mode: 0o755 });
  const env = { HOME: folder, PATH: `${folder}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8' };
  const words = [program, '--user', '--no-boot', `--confdir=${folder}/conf`, 'https://127.0.0.1:9/a.git'];
  const terminal = onTerminal(words, env);
  const lines = (): string[] => new Screen().take(terminal.output()).lines();
  await until('its progress', () =>
    lines().some((line) => /^Cloning: Receiving objects, 42 %, \d+ s$/.test(line)),
  );
  writeFileSync(join(folder, 'go'), '');
  expect(await terminal.ended).toBe(1);
  expect(lines()).toEqual([
    'Cloning https://127.0.0.1:9/a.git …',
    expect.stringContaining('git could not clone https://127.0.0.1:9/a.git: fatal: it was too slow'),
  ]);
});
