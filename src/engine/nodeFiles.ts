import { accessSync, constants, readFileSync, statSync } from 'node:fs';

/** The few looks at the file system that finding an engine takes. */
export interface NodeFiles {
  /** A file's text; null where there is no such file. Throws an Error of one line on any other failure. */
  read(path: string): string | null;
  /** Whether there is a socket, and whether this user may open it. */
  socket(path: string): 'open' | 'denied' | 'missing';
}

/** The file system of this node. */
export const nodeFiles: NodeFiles = {
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        return null;
      }
      throw new Error(`cannot read ${path}: ${code ?? 'unknown error'}`, { cause: thrown });
    }
  },
  socket: (path) => {
    try {
      if (!statSync(path).isSocket()) {
        return 'missing';
      }
      accessSync(path, constants.R_OK | constants.W_OK);
      return 'open';
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'missing';
    }
  },
};
