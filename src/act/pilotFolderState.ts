import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';

/** What a pilot's state folder holds at most: its own file system in memory, of this size and with so many files. */
const stateBytes = '64k';
const stateEntries = 32;
/** How long mount(8), umount(8) and rm(1) may take. */
const deadlineMs = 30_000;
/** A folder that was mounted on more often than once, by daemons that were killed between, is freed layer by layer. */
const mostLayers = 4;

/**
 * Why a state folder cannot be a file system of its own here; empty when it can. A bind mount of a plain folder has no
 * quota. What we mount must be where the engine looks: on this node, in the mount namespace that it runs in, which is
 * that of process 1 as far as can be told, and where its own folders are to be seen. Files such as `/.dockerenv` tell
 * nothing: machines are made of images.
 */
export function whyNoMounts(info: EngineInfo, hostRunFolder: string | null, uid: number): string {
  if (uid !== 0) return 'the daemon is not root';
  if (!info.local) return 'the engine runs on another machine';
  if (info.rootless) return 'the engine is rootless';
  if (hostRunFolder !== null) return 'the daemon runs in a container (host_rundir)';
  if (!existsSync(info.dataFolder))
    return `the engine's folder ${info.dataFolder} is not to be seen here: one of the two runs in a container`;
  return hasOwnMounts() ? 'the daemon has mounts of its own (a systemd sandbox?)' : '';
}

/** Whether our mounts are others than those of process 1; where it does not let us see, the first pilot shows. */
function hasOwnMounts(): boolean {
  try {
    return readlinkSync('/proc/self/ns/mnt') !== readlinkSync('/proc/1/ns/mnt');
  } catch {
    return false;
  }
}

/** Puts a bounded file system in memory on a folder of ours. Gives null, or one line that says why not. Never throws. */
export function mountState(folder: string): Promise<string | null> {
  const options = `size=${stateBytes},nr_inodes=${stateEntries},mode=1777,nosuid,nodev,noexec`;
  return runProgram('mount', ['-n', '-t', 'tmpfs', '-o', options, 'plancton-state', folder]);
}

/**
 * Takes away what is mounted on these folders, at once: whoever still uses it keeps it until then. Never throws; gives
 * null, or one line. The way to each of them is ours alone, so no symbolic link of a pilot's is followed.
 */
export async function unmountStates(folders: readonly string[]): Promise<string | null> {
  for (let layer = 0; layer < mostLayers; layer++) {
    const mounted = folders.filter(isMounted);
    if (mounted.length === 0) return null;
    const trouble = await runProgram('umount', ['-l', '--', ...mounted]);
    // Another one that was unmounted meanwhile is no trouble: what counts is what is there.
    if (trouble !== null && mounted.some(isMounted)) return trouble;
  }
  return folders.some(isMounted) ? 'umount: something is mounted again and again' : null;
}

/** Whether something is mounted on this folder; false where it is not there. */
export function isMounted(folder: string): boolean {
  try {
    return lstatSync(folder).dev !== lstatSync(dirname(folder)).dev;
  } catch {
    return false;
  }
}

/**
 * Whether the first process of a container has, at `target`, the file system that is mounted on `folder`; null when
 * that cannot be told, because there is no such process or nothing is mounted there.
 */
export function isSeenBy(pid: number, target: string, folder: string): boolean | null {
  if (!isMounted(folder)) return null;
  try {
    const seen = deviceAt(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'), target);
    return seen === null ? null : seen === anonymousDevice(lstatSync(folder).dev);
  } catch {
    return null;
  }
}

/** Device of what is mounted at `target` by the lines of a mountinfo file (proc(5)): the last one is on top. */
function deviceAt(mountinfo: string, target: string): string | null {
  const fields = mountinfo.split('\n').map((line) => line.split(' '));
  return fields.findLast((each) => each[4] === target)?.[2] ?? null;
}

/** A device number as mountinfo writes it: file systems in memory have major 0 and a minor of 20 bits (makedev(3)). */
function anonymousDevice(dev: number): string {
  return `0:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`;
}

/** Runs a small program of the system's to its end. Gives null, or what it said went wrong. */
export function runProgram(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', timeout: deadlineMs }, (error, _stdout, stderr) => {
      if (error === null) return resolve(null);
      const said = stderr.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
      const failed = error.killed === true ? `no end in ${deadlineMs / 1000} s` : error.message;
      resolve(said === '' ? `${program}: ${failed.split('\n')[0]}` : said);
    });
  });
}
