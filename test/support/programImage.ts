import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { importFolder, putBusybox } from './image.ts';
import { requireProgram } from './programs.ts';

/** What an image made on the spot holds beside busybox. */
export interface ImageParts {
  /** Programs of this machine, by their paths; they come with their libraries and stand in `/usr/bin`. */
  readonly programs: readonly string[];
  /** Scripts by their paths in the image. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Makes an image of installed programs, scripts and busybox in the engine at `socketPath`. Gives its id. */
export function importPrograms(socketPath: string, reference: string, parts: ImageParts): Promise<string> {
  return importFolder(socketPath, reference, (folder) => {
    putBusybox(folder);
    for (const program of parts.programs) {
      put(folder, program, `/usr/bin/${basename(program)}`);
      for (const library of librariesOf(program)) put(folder, library, library);
    }
    for (const [path, text] of Object.entries(parts.scripts)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      chmodSync(join(folder, path), 0o755);
    }
  });
}

/** A copy of what `from` is or leads to, with its mode. */
function put(folder: string, from: string, to: string): void {
  mkdirSync(join(folder, dirname(to)), { recursive: true });
  copyFileSync(from, join(folder, to));
}

/** The shared libraries that a program is loaded with, and its loader, where it names them. */
function librariesOf(program: string): readonly string[] {
  const told = execFileSync(requireProgram('ldd', 'libc-bin'), [program], { encoding: 'utf8' });
  return [...told.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}
