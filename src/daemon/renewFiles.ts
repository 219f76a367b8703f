import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../model/log.ts';
import type { RenewOrder } from '../model/view.ts';

/** Name of the file that has pilots of all kinds renewed; a dot and the name of a kind after it means that kind's. */
const renewName = 'renew';
/** What a file says that is not content to wait for the ends of pilots. */
const nowWord = 'now';
/** What an order is called once a daemon has it: by this name it is known again, whatever is put into its place meanwhile. */
const takenName = /^\.taken-[0-9a-f]{12}-(.+)$/;
const kindName = /^[a-z0-9][a-z0-9_.-]{0,31}$/;
const mostBytes = 64;

/** The control file of an order, by the name of its kind; null is for all kinds. */
export function renewFile(kind: string | null): string {
  return kind === null ? renewName : `${renewName}.${kind}`;
}

/** What is in such a file. */
export function renewText(now: boolean): string {
  return now ? `${nowWord}\n` : '';
}

/** Whether this is the name of an order's file. */
export function isRenewFile(name: string): boolean {
  return kindOf(name) !== undefined;
}

/** Whether this is the name of an order that a daemon has taken. */
export function isTakenOrder(name: string): boolean {
  return takenName.test(name);
}

/**
 * Takes and reads the orders of a run folder. An order is taken by giving its file a name of its own: what is put into its
 * place from then on is another order, and what is read is what is removed. One that a killed daemon had taken is there
 * still. Only a plain file is an order; what else is called so is named once in the log.
 */
export function createRenewReader(runFolder: string, log: Log): () => readonly RenewOrder[] {
  const told = new Set<string>();
  const tell = (file: string, text: string): void => {
    if (!told.has(file)) log.warn(text);
    told.add(file);
  };
  const orderIn = (file: string): RenewOrder[] => {
    const kind = kindOf(takenName.exec(file)?.[1] ?? '');
    const text = kind === undefined ? null : firstBytes(join(runFolder, file));
    return kind === undefined || text === null ? [] : [{ file, kind, now: text.trim() === nowWord }];
  };
  const take = (file: string): string => {
    const path = join(runFolder, file);
    try {
      if (lstatSync(path).isFile()) {
        const taken = `.taken-${randomBytes(6).toString('hex')}-${file}`;
        renameSync(path, join(runFolder, taken));
        told.delete(file);
        return taken;
      }
      tell(file, `control file ${path} is not a plain file that can be read: ignored; remove it by hand`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        tell(file, `cannot take the order in ${path}: ${(error as Error).message}; it is not carried out`);
    }
    return file;
  };
  return () => {
    try {
      const names = readdirSync(runFolder).toSorted();
      return names.map((name) => (isRenewFile(name) ? take(name) : name)).flatMap(orderIn);
    } catch {
      return [];
    }
  };
}

/** Undefined for a name that is no order's. */
function kindOf(name: string): string | null | undefined {
  if (name === renewName) return null;
  const kind = name.startsWith(`${renewName}.`) ? name.slice(renewName.length + 1) : '';
  return kindName.test(kind) ? kind : undefined;
}

/** The beginning of a plain file; null of anything else. Never waits, whatever is there. */
function firstBytes(path: string): string | null {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(descriptor).isFile()) return null;
      const bytes = Buffer.alloc(mostBytes);
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, mostBytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}
