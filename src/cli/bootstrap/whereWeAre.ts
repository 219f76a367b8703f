import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What a start at boot has to call, and what a person would type for it. */
export interface OurPrograms {
  readonly node: string;
  readonly planctonctl: string;
  readonly command: string;
}

/**
 * Finds `planctonctl` in the `bin` beside the script's own folder (through the links that npm makes for a global
 * installation), and its short name where `searchPath` (a PATH) leads to the very same file.
 */
export function whereWeAre(script: string, searchPath: string): OurPrograms {
  const planctonctl = join(dirname(realPath(script) ?? script), '..', 'bin', 'planctonctl');
  const found = searchPath
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => realPath(join(folder, 'planctonctl')))
    .find((path) => path !== null);
  const isFound = found !== undefined && found === realPath(planctonctl);
  return { node: process.execPath, planctonctl, command: isFound ? 'planctonctl' : planctonctl };
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
