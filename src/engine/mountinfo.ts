import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How mounts made under a mount travel between namespaces; `unknown` where nobody can tell. */
export type Propagation = 'shared' | 'slave' | 'private' | 'unknown';

/** One mount: where it is, and how what is mounted below it spreads. */
export interface Mount {
  readonly point: string;
  readonly propagation: Propagation;
}

/** The mounts of `/proc/<pid>/mountinfo` (proc(5)): the optional fields before the lone `-` tell the propagation. */
export function parseMountinfo(text: string): Mount[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 6)
    .map((fields) => {
      const optional = fields.slice(6, fields.indexOf('-', 6));
      return { point: unescapeOctal(fields[4] ?? ''), propagation: propagationOf(optional) };
    });
}

/** How the mount that holds `path` propagates: the deepest mount point that is a parent of it, the last one mounted there. */
export function propagationAt(mounts: readonly Mount[], path: string): Propagation {
  const holds = (mount: Mount): boolean =>
    path === mount.point || path.startsWith(mount.point === '/' ? '/' : `${mount.point}/`);
  const holder = mounts
    .filter(holds)
    .reduce<Mount | null>(
      (deepest, mount) => (deepest === null || mount.point.length >= deepest.point.length ? mount : deepest),
      null,
    );
  return holder?.propagation ?? 'unknown';
}

/**
 * Reads how this node's mounts propagate, for paths as a user writes them: an engine binds what a link leads to.
 * `unknown` for all of them where they cannot be read.
 */
export function readPropagation(file = '/proc/self/mountinfo'): (path: string) => Propagation {
  try {
    const mounts = parseMountinfo(readFileSync(file, 'utf8'));
    return (path) => propagationAt(mounts, realPathOf(path));
  } catch {
    return () => 'unknown';
  }
}

/** What is not there yet is where its folder leads to: an engine makes it there. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPathOf(folder), basename(path));
  }
}

function propagationOf(optional: readonly string[]): Propagation {
  if (optional.some((field) => field.startsWith('shared:'))) {
    return 'shared';
  }
  return optional.some((field) => field.startsWith('master:')) ? 'slave' : 'private';
}

/** The kernel writes space, tab, newline and backslash in a path as three octal digits. */
function unescapeOctal(path: string): string {
  const bytes = path.replace(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return bytes;
}
