import { statSync } from 'node:fs';
import { known, type Reading } from '../model/reading.ts';
import { isAbsent, listFolder, readKernelFile } from './kernelFile.ts';

/** When a terminal was used last: by its own stamp, and by our clock. */
interface Use {
  readonly stampMs: number;
  readonly atMs: number;
}

/**
 * Follows when somebody last typed at a terminal of the node: a console, a serial one that the kernel uses as such, or a
 * window, an SSH session, a multiplexer. The kernel sets a terminal's access time when a program reads from it, to 8 s
 * (`tty_update_time`, drivers/tty/tty_io.c), whatever the mount says; it begins with that of its making. Terminals in
 * containers are in file systems of their own, and so not among them.
 *
 * The stamps are of the wall clock, which may be set: only at the first look is it asked how old one is. From then on a
 * stamp that has changed is a use, at the moment of the look.
 */
export class TerminalWatch {
  readonly #root: string;
  #uses: ReadonlyMap<string, Use> = new Map();

  /** `root` is without a slash at its end: empty for the real one. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Milliseconds since somebody used a terminal; `Infinity` where there is none. */
  idleMs(nowMs: number, wallMs: number): Reading<number> {
    const windows = listFolder(`${this.#root}/dev/pts`);
    if (!windows.known && !isAbsent(windows)) return windows;
    const paths = [
      ...(windows.known ? windows.value.filter((name) => /^\d+$/.test(name)) : []).map(
        (name) => `pts/${name}`,
      ),
      ...consoles(this.#root),
    ];
    this.#uses = new Map(
      paths.flatMap((path) => {
        const stampMs = accessTimeMs(`${this.#root}/dev/${path}`);
        return stampMs === null ? [] : [[path, useOf(stampMs, this.#uses.get(path), nowMs, wallMs)] as const];
      }),
    );
    return known(
      nowMs - Math.max(Number.NEGATIVE_INFINITY, ...[...this.#uses.values()].map((use) => use.atMs)),
    );
  }
}

function useOf(stampMs: number, before: Use | undefined, nowMs: number, wallMs: number): Use {
  if (before?.stampMs === stampMs) return before;
  // A stamp of the future, from before the clock was set back, is as good as one of now.
  const ageMs = before === undefined ? Math.max(0, wallMs - stampMs) : 0;
  return { stampMs, atMs: nowMs - ageMs };
}

/** The consoles that a person may sit at. Other serial lines have instruments at their ends as often as people. */
function consoles(root: string): readonly string[] {
  const active = readKernelFile(`${root}/sys/class/tty/console/active`);
  const serial = active.known ? active.value.split(/\s+/).filter((name) => /^[A-Za-z]\w*$/.test(name)) : [];
  const virtual = Array.from({ length: 12 }, (_, index) => `tty${index + 1}`);
  return [...new Set([...virtual, ...serial.filter((name) => name !== 'tty0')])];
}

function accessTimeMs(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.atimeMs ?? null;
}
