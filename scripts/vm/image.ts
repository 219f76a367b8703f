import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.ts';
import type { Recipe } from './recipe.ts';

/** What the virtual machine boots from. */
export interface Image {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

const installMs = 420_000;
/** What nobody reads in there, and the disk's safety, are the time of an installation. */
const hasteOptions = [
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
  '--dpkgopt=force-unsafe-io',
  ...['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
];

/** The files of an image in its folder. */
export function imageIn(folder: string): Image {
  const at = (name: string): string => join(folder, name);
  return { disk: at('disk.ext4'), kernel: at('vmlinuz'), initrd: at('initrd') };
}

/** Makes an image in an empty folder, out of Debian's packages. */
export async function makeImage(recipe: Recipe, folder: string, signal: AbortSignal): Promise<void> {
  const tree = join(folder, 'tree');
  const own = join(folder, 'own');
  const image = imageIn(folder);
  layOut(recipe, own);
  await run(
    'unshare',
    [
      // What it mounts in the tree is never to be seen from here, where the tree is deleted.
      '--mount',
      'mmdebstrap',
      '--quiet',
      '--mode=root',
      '--variant=minbase',
      ...hasteOptions,
      `--include=${recipe.packages.join(',')}`,
      // Here, as scripts of packages read some of these files, and again below, as they write others.
      '--setup-hook=cp -a "$OWN_FILES/." "$1"',
      recipe.suite,
      tree,
    ],
    { deadlineMs: installMs, signal, env: { OWN_FILES: own } },
  );
  await run('cp', ['-a', `${own}/.`, tree], { signal });
  const boot = join(tree, 'boot');
  const kernelOf = (name: string): string =>
    join(boot, readdirSync(boot).find((file) => file.startsWith(name)) ?? name);
  renameSync(kernelOf('vmlinuz-'), image.kernel);
  renameSync(kernelOf('initrd.img-'), image.initrd);
  await run('mke2fs', ['-q', '-t', 'ext4', '-L', 'root', '-d', tree, image.disk, recipe.diskSize], {
    signal,
  });
  for (const done of [tree, own]) rmSync(done, { recursive: true });
}

function layOut(recipe: Recipe, folder: string): void {
  for (const [path, text] of Object.entries(recipe.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [path, target] of Object.entries(recipe.links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
}
