// Another version of Node.js, from the npm registry: the packages node-linux-* hold the plain program.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The program of this version, fetched into `folder`; throws when it cannot be had. */
export function fetchNode(version, folder) {
  const name = `node-linux-${process.arch}`;
  const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--loglevel=error', `${name}@${version}`];
  const installed = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  if (installed.status !== 0 || !existsSync(program)) {
    throw new Error(`${name}@${version} cannot be fetched: ${installed.stderr.trim().split('\n')[0]}`);
  }
  return program;
}
