import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { Scene } from './scene.ts';

/** Bundles a program of the bench as the daemon is bundled; gives where it is. */
export function bundleProgram(scene: Scene, source: string): string {
  const esbuild = createRequire(join(scene.root, 'package.json'))('esbuild') as typeof import('esbuild');
  const outfile = join(scene.folder, `${basename(source, '.ts')}.cjs`);
  esbuild.buildSync({
    entryPoints: [join(scene.root, source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
  return outfile;
}

/** The flags of Node that the launcher gives to a daemon. */
export function daemonFlags(scene: Scene): readonly string[] {
  const flags = /flags='([^']+)'/.exec(readFileSync(scene.planctonctl, 'utf8'))?.[1];
  if (flags === undefined) throw new Error(`${scene.planctonctl} has no flags for a daemon`);
  return flags.split(' ');
}
