import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '../model/places.ts';
import { readKernelFile } from '../sample/kernelFile.ts';
import { bootId, startTicksOf } from '../sample/process.ts';
import { putFile } from './wholeFile.ts';

/** A daemon's identity beside its PID, which the kernel gives again: the start time names one process for ever. */
interface Mark {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

const markFile = (runFolder: string): string => join(runFolder, 'daemon.json');

/** The files that name the daemon: its mark, and the PID file. */
export function filesOfPid({ runFolder, pidFile }: Places): readonly string[] {
  return [markFile(runFolder), pidFile];
}

/** What holds the place of the one daemon of a run folder; it is let go by `release`, or by the kernel at our end. */
export interface Hold {
  /** Whether the lock file is still the one that we hold; somebody may have removed it, or its folder. */
  isOurs(): boolean;
  release(): void;
}

/**
 * Takes the place of the one daemon of this run folder; null when another holds it. The lock belongs to our open file:
 * util-linux's `flock` locks it through an inherited descriptor and goes, and the kernel lets go of it when we end,
 * however we end. Throws when that cannot be done at all.
 */
export function takePlace(runFolder: string): Hold | null {
  const lock = join(runFolder, 'lock');
  const file = openSync(lock, 'a', 0o600);
  const locked = spawnSync('flock', ['--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] });
  if (locked.error !== undefined || locked.status === null || locked.status > 1) {
    closeSync(file);
    const why = locked.error?.message ?? `flock ended with ${locked.status}`;
    const text = `cannot lock ${lock}: ${why}; install util-linux (the program "flock")`;
    throw Object.assign(new Error(text), { code: 'ENOLCK' });
  }
  if (locked.status === 1) {
    closeSync(file);
    return null;
  }
  const hold: Hold = { isOurs: () => isAt(lock, file), release: () => closeSync(file) };
  // Removed between the opening and the locking: what we hold keeps nobody out.
  if (hold.isOurs()) return hold;
  hold.release();
  return null;
}

/** Whether an open file is the one at this path. */
function isAt(path: string, descriptor: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const held = fstatSync(descriptor);
  return there !== undefined && there.ino === held.ino && there.dev === held.dev;
}

/** Writes the PID file (`PID` and a newline, 0644, as the original's) and our mark beside the control files. */
export function writePid(places: Places): void {
  const ticks = startTicksOf(process.pid);
  const mark: Mark = { pid: process.pid, startTicks: ticks.known ? ticks.value : 0, bootId: bootId() };
  putFile(markFile(places.runFolder), `${JSON.stringify(mark)}\n`, 0o600);
  putFile(places.pidFile, `${process.pid}\n`, 0o644);
}

/** Removes the PID file and our mark, if they are still ours. */
export function removePid(places: Places): void {
  const mark = markFile(places.runFolder);
  try {
    if (readMark(mark)?.pid === process.pid) rmSync(mark, { force: true });
    if (readPid(places.pidFile) === process.pid) rmSync(places.pidFile, { force: true });
  } catch {
    // It is not ours to remove any more.
  }
}

/**
 * The PID of the daemon that runs, or null. A PID file that names a dead process, or one that is not a Plancton, is
 * not believed: the process must have the start time that the daemon noted, or be the original (a Python program).
 * Throws `EACCES` where that cannot be told, because neither may be read, and `EISDIR` where the PID file is a folder.
 */
export function runningPid(places: Places): number | null {
  const mark = readMark(markFile(places.runFolder));
  if (mark !== null && mark.bootId === bootId()) {
    const ticks = startTicksOf(mark.pid);
    if (ticks.known && ticks.value === mark.startTicks && !isZombie(mark.pid)) return mark.pid;
  }
  const pid = readPid(places.pidFile);
  if (pid === null) {
    if (mark === null) mustBeReadable(places);
    return null;
  }
  return isOriginal(pid) || (mark === null && isDaemonOf(pid, places.runFolder)) ? pid : null;
}

/** Whether this process runs until now, by its start time: a PID alone may have been given again. */
export function follow(pid: number): () => boolean {
  const begun = startTicksOf(pid);
  return () => {
    const ticks = startTicksOf(pid);
    return begun.known && ticks.known && ticks.value === begun.value && !isZombie(pid);
  };
}

/** What may not be read is not the same as what is not there. */
function mustBeReadable(places: Places): void {
  for (const file of filesOfPid(places)) {
    try {
      closeSync(openSync(file, 'r'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES') continue;
      const text = `cannot tell whether a daemon runs in ${places.runFolder}: ${file} may not be read`;
      throw Object.assign(new Error(text), { code });
    }
  }
}

function readPid(file: string): number | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') return null;
    throw Object.assign(new Error(`${file} is a folder, not a PID file`), { code: 'EISDIR' });
  }
}

function readMark(file: string): Mark | null {
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Mark;
    return Number.isInteger(mark.pid) && Number.isFinite(mark.startTicks) ? mark : null;
  } catch {
    return null;
  }
}

function isZombie(pid: number): boolean {
  const stat = readKernelFile(`/proc/${pid}/stat`);
  return stat.known && /^\d+ \(.*\) Z /s.test(stat.value);
}

/** Without the mark (it is not everybody's to read) a process that runs our daemon on this run folder is believed. */
export function isDaemonOf(pid: number, runFolder: string): boolean {
  const line = readKernelFile(`/proc/${pid}/cmdline`);
  if (!line.known || isZombie(pid)) return false;
  const words = line.value.split('\0');
  const isOurs = words.some((word) => word.endsWith('/daemonMain.cjs')) && words.includes('nodaemon');
  const named = words.find((word) => word.startsWith('--rundir='))?.slice('--rundir='.length);
  const next = words.includes('--rundir') ? words[words.indexOf('--rundir') + 1] : undefined;
  return isOurs && (named ?? next ?? runFolder) === runFolder;
}

/** The original runs as `python …/planctonctl …`: during a swap-over its PID file is as good as ours. */
function isOriginal(pid: number): boolean {
  const line = readKernelFile(`/proc/${pid}/cmdline`);
  if (!line.known || isZombie(pid)) return false;
  const [program = '', ...words] = line.value.split('\0');
  const isPython = /(^|\/)python[\d.]*$/.test(program);
  return isPython && words.some((word) => /(^|\/)plancton(ctl|d)?(\.py)?$/.test(word));
}
