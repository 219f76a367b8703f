import { statSync } from 'node:fs';
import { known, type Reading } from '../model/reading.ts';
import { isAbsent, listFolder, readKernelFile } from './kernelFile.ts';

/**
 * Milliseconds since somebody typed at a terminal of the node: a console, a serial one that the kernel uses as such, or
 * a window, an SSH session, a multiplexer; `Infinity` where there is none. The kernel sets a terminal's access time when
 * a program reads from it, to 8 s (`tty_update_time`, drivers/tty/tty_io.c), whatever the mount says; it begins with
 * that of its making. Terminals in containers are in file systems of their own, and so not among them.
 */
export function terminalIdleMs(root: string, wallMs: number): Reading<number> {
  const windows = listFolder(`${root}/dev/pts`);
  if (!windows.known && !isAbsent(windows)) return windows;
  const paths = [
    ...(windows.known ? windows.value.filter((name) => /^\d+$/.test(name)) : []).map((name) => `pts/${name}`),
    ...consoles(root),
  ];
  const usedMs = paths.map((path) => accessTimeMs(`${root}/dev/${path}`));
  // A clock that was set back does not make somebody come from the future.
  return known(Math.max(0, wallMs - Math.max(Number.NEGATIVE_INFINITY, ...usedMs)));
}

/** The consoles that a person may sit at. Other serial lines have instruments at their ends as often as people. */
function consoles(root: string): readonly string[] {
  const active = readKernelFile(`${root}/sys/class/tty/console/active`);
  const serial = active.known ? active.value.split(/\s+/).filter((name) => /^[A-Za-z]\w*$/.test(name)) : [];
  const virtual = Array.from({ length: 12 }, (_, index) => `tty${index + 1}`);
  return [...new Set([...virtual, ...serial.filter((name) => name !== 'tty0')])];
}

function accessTimeMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.atimeMs ?? Number.NEGATIVE_INFINITY;
}
