import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The user and group that everybody's machine has, and that may do nothing. */
export const nobody = 65534;

/** The words for `setpriv` that make a program run as nobody. */
export const asNobodyWords = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];

/** Plancton's programs where anybody may run them: the checkout may be where only root can look. */
export interface OpenPrograms {
  /** Starts `planctonctl` as nobody, with this environment beside PATH. */
  launch(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess;
  remove(): void;
}

/** Copies the programs as they are built now. */
export function openPrograms(): OpenPrograms {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-programs-'));
  chmodSync(folder, 0o755);
  const root = resolve(import.meta.dirname, '../..');
  for (const name of ['bin', 'dist']) cpSync(join(root, name), join(folder, name), { recursive: true });
  return {
    launch: (args, env) =>
      spawn('setpriv', [...asNobodyWords, join(folder, 'bin/planctonctl'), ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], PLANCTON_NODE: process.execPath, ...env },
        cwd: '/',
      }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
