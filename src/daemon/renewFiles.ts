import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../model/log.ts';
import type { RenewOrder } from '../model/view.ts';

/** Name of the file that has pilots of all kinds renewed; a dot and the name of a kind after it means that kind's. */
const renewName = 'renew';
/** What a file says that is not content to wait for the ends of pilots. */
const nowWord = 'now';
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

/** Reads the orders to renew pilots. */
export interface RenewReader {
  (): readonly RenewOrder[];
  /** Its order was taken and its file cannot be removed: it is not an order again before it is another file. */
  stuck(file: string): void;
}

/** Reads the orders of a run folder. Only a plain file is one; what else is called so is named once in the log. */
export function createRenewReader(runFolder: string, log: Log): RenewReader {
  const stuck = new Map<string, string>();
  const told = new Set<string>();
  const orderIn = (file: string): RenewOrder[] => {
    const kind = kindOf(file);
    if (kind === undefined) return [];
    const path = join(runFolder, file);
    const text = firstBytes(path);
    if (text !== null) told.delete(file);
    else if (!told.has(file)) {
      told.add(file);
      log.warn(`control file ${path} is not a plain file that can be read: ignored; remove it by hand`);
    }
    const isOrder = text !== null && stuck.get(file) !== identityOf(path);
    return isOrder ? [{ file, kind, now: text.trim() === nowWord }] : [];
  };
  const read = (): readonly RenewOrder[] => {
    try {
      return readdirSync(runFolder).toSorted().flatMap(orderIn);
    } catch {
      return [];
    }
  };
  return Object.assign(read, {
    stuck: (file: string) => void stuck.set(file, identityOf(join(runFolder, file))),
  });
}

/** Undefined for a name that is no order's. */
function kindOf(name: string): string | null | undefined {
  if (name === renewName) return null;
  const kind = name.startsWith(`${renewName}.`) ? name.slice(renewName.length + 1) : '';
  return kindName.test(kind) ? kind : undefined;
}

function identityOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return `${found?.ino} ${found?.mtimeMs}`;
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
