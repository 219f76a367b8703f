/** A fault that the user can mend: printed as one line, without a stack. */
export class UserFault extends Error {
  override readonly name = 'UserFault';
}

const adviceFor: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; run as root, or with --user for folders of your own',
  EPERM: 'not permitted; run as root, or with --user for folders of your own',
  ENOSPC: 'no space left on the device; make room and try again',
  EROFS: 'the file system is read-only',
  EEXIST: 'something else is there; name another place, or remove it',
  ENOTDIR: 'a part of the path is a file, not a folder; name another place, or remove it',
  EISDIR: 'it is a folder, a file is wanted; name another place, or remove it',
};

/** What went wrong, in words for a terminal; the system's own faults get the advice that mostly helps. */
export function explain(error: unknown): string {
  // By its name: a command that is a bundle of its own has a class of its own.
  if (error instanceof Error && error.name === 'UserFault') return error.message;
  const { code, message, path, syscall } = error as NodeJS.ErrnoException;
  const what = path === undefined ? message : `${syscall ?? 'access'} ${path}: ${code ?? message}`;
  const advice = adviceFor[code ?? ''];
  if (advice !== undefined) return `${what}: ${advice}`;
  return code === undefined && error instanceof Error ? (error.stack ?? message) : what;
}
