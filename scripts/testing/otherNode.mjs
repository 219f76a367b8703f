// Another version of Node.js, from the npm registry: the packages node-linux-* hold the plain program.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** The program of this version, fetched into `folder`; rejects when it cannot be had. */
export async function fetchNode(version, folder) {
  const name = `node-linux-${process.arch}`;
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--loglevel=error',
    `${name}@${version}`,
  ];
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  const why = await promisify(execFile)('npm', args, { cwd: root, timeout: 180_000 }).then(
    () => (existsSync(program) ? null : 'the package holds no program'),
    (error) => error.stderr?.trim().split('\n')[0] || error.message,
  );
  if (why !== null) throw new Error(`${name}@${version} cannot be fetched: ${why}`);
  return program;
}
