import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printable, Refusal, whyOf } from './refusal.ts';

/** A git that was killed may still be taking its own files away: that is waited for, a quarter of a second. */
const wholly = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/** A folder beside the configuration folder, in which a configuration is made ready before it is put in force. */
export interface Staging {
  /** Empty at first, open to its owner alone. */
  readonly folder: string;
  /** Makes it the configuration folder, at once and only if that is still absent or empty. Throws a Refusal. */
  putInForce(): void;
  /** Leaves everything as it was found. Never throws; does nothing once it is in force. */
  discard(): void;
}

/**
 * The real path of a configuration folder that may be filled: one that is absent or empty. Throws a Refusal that lists
 * what is in the way.
 */
export function freeFolder(folder: string): string {
  const found = lookAt(folder);
  if (found === null) return folder;
  const real = found.isSymbolicLink() ? followed(folder) : folder;
  const entries = listed(real);
  if (entries.length === 0) return real;
  const isClone = entries.includes('.git');
  throw new Refusal(
    isClone
      ? `${folder} holds a clone already, which is left as it is: bring it up to date with git -C ${folder} pull, or move it away first`
      : `${folder} is not empty, and is left as it is: move its content away first, or name another folder with --confdir`,
    entries
      .toSorted()
      .slice(0, 20)
      .map(printable)
      .concat(entries.length > 20 ? [`and ${entries.length - 20} more`] : []),
  );
}

/** Begins a configuration beside `folder` (a real path that `freeFolder` gave). Throws a Refusal where it may not. */
export function openStaging(folder: string): Staging {
  const parent = dirname(folder);
  const prefix = `.${basename(folder)}.bootstrap-`;
  let madeFrom: string | undefined;
  let staged: string;
  try {
    madeFrom = mkdirSync(parent, { recursive: true, mode: 0o700 });
    sweep(parent, prefix);
    staged = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  } catch (error) {
    removeEmpty(parent, madeFrom);
    throw new Refusal(
      `no folder can be made in ${parent}: ${whyOf(error)}; be root, or use --user or --confdir`,
    );
  }
  let inForce = false;
  return {
    folder: staged,
    putInForce() {
      try {
        takeOver(staged, lookAt(folder));
        renameSync(staged, folder);
      } catch (error) {
        throw new Refusal(`${folder} could not be put in force: ${whyOf(error)}; nothing was changed`);
      }
      inForce = true;
    },
    discard() {
      if (inForce) return;
      try {
        rmSync(staged, wholly);
        removeEmpty(parent, madeFrom);
      } catch {
        // Why there is something to discard is the news; what will not go now is swept by the next bootstrap.
      }
    },
  };
}

/** An empty folder that somebody made beforehand keeps its mode and owner. */
function takeOver(staged: string, found: Stats | null): void {
  if (found === null) return;
  chmodSync(staged, found.mode & 0o7777);
  const mine = lstatSync(staged);
  if (mine.uid !== found.uid || mine.gid !== found.gid) chownSync(staged, found.uid, found.gid);
}

/** What a bootstrap that was killed left behind, told by the process id in its name. */
function sweep(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    const owner = name.startsWith(prefix) ? /^(\d+)-\w{6}$/.exec(name.slice(prefix.length)) : null;
    if (owner !== null && !runs(Number(owner[1]))) {
      rmSync(join(parent, name), wholly);
    }
  }
}

function runs(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Removes the folders from `parent` up to `madeFrom`, as far as they are empty. */
function removeEmpty(parent: string, madeFrom: string | undefined): void {
  if (madeFrom === undefined) return;
  try {
    for (let folder = parent; folder.startsWith(madeFrom); folder = dirname(folder)) rmdirSync(folder);
  } catch {
    // Somebody else put something there meanwhile: it is theirs now.
  }
}

function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw new Refusal(`${path} cannot be looked at: ${whyOf(error)}`);
  }
}

function followed(link: string): string {
  try {
    return realpathSync(link);
  } catch {
    throw new Refusal(`${link} is a link to nowhere, and is left as it is: remove it first`);
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Refusal(`${folder} cannot be filled, and is left as it is: ${whyOf(error)}`);
  }
}
