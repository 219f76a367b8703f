import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { seedFolder } from './recipe.ts';
import { run } from './run.ts';

/** Which program ends when the machine is to go off, and what it needs; its standard output is the report. */
const startText = `#!/bin/sh
# Puts Plancton where npm puts it, with the Node.js of the machine outside, and runs the scenario.
set -eu
stty -F /dev/ttyS1 raw -echo
exec >/dev/ttyS1
cp -a ${seedFolder}/prefix/. /usr/local/
ln -s ${seedFolder}/node /usr/local/bin/node
for library in ${seedFolder}/lib/*; do
  name=\${library##*/}
  ldconfig -p | grep -qF "	$name " || cp "$library" /usr/local/lib/
done
ldconfig
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
exec node ${seedFolder}/scenario.cjs
`;

/**
 * Makes the disk that is new in each run: the built Plancton as npm installs it globally, the Node.js that runs this,
 * and the scenario. Gives its file, in `folder`.
 */
export async function makeSeed(checkout: string, folder: string, signal: AbortSignal): Promise<string> {
  const tree = join(folder, 'seed');
  const at = (name: string): string => join(tree, name);
  mkdirSync(at('lib'), { recursive: true });
  await installPlancton(checkout, folder, at('prefix'), signal);
  copyFileSync(process.execPath, at('node'));
  chmodSync(at('node'), 0o755);
  for (const library of await librariesOf(process.execPath, signal))
    copyFileSync(library, join(at('lib'), basename(library)));
  await run(
    join(checkout, 'node_modules/.bin/esbuild'),
    [
      join(checkout, 'test/vm/main.ts'),
      `--outfile=${at('scenario.cjs')}`,
      '--bundle',
      '--platform=node',
      '--target=node20.19',
      '--format=cjs',
      '--log-level=warning',
    ],
    { signal },
  );
  writeFileSync(at('start'), startText);
  const disk = join(folder, 'seed.ext4');
  const kilobytes = Math.ceil(bytesUnder(tree) / 1024 + 32_000);
  await run('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-L', 'seed', '-d', tree, disk, `${kilobytes}k`], {
    signal,
  });
  return disk;
}

/** What is built is packed as it is: packing would build it again under the feet of other tests. */
async function installPlancton(
  checkout: string,
  folder: string,
  prefix: string,
  signal: AbortSignal,
): Promise<void> {
  mkdirSync(prefix);
  const quiet = '--loglevel=error';
  const pack = ['pack', checkout, '--ignore-scripts', quiet, '--pack-destination', folder];
  await run('npm', pack, { signal });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const install = ['install', '--global', '--offline', quiet, '--prefix', prefix, join(folder, tarball)];
  await run('npm', install, { signal });
}

/** The shared libraries that a program is linked with; those of glibc itself are the image's own. */
async function librariesOf(program: string, signal: AbortSignal): Promise<string[]> {
  const listed = await run('ldd', [program], { signal });
  const found = [...listed.matchAll(/^\s*(\S+) => (\/\S+)/gm)];
  const glibc = /^(libc|libm|libdl|libpthread|librt|libresolv|libutil|ld-linux-x86-64)\.so/;
  return found.filter(([, name = '']) => !glibc.test(name)).map(([, , path = '']) => path);
}

function bytesUnder(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
