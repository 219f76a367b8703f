import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { held, write } from './kernelValue.ts';

/** A file of the I/O controller with the smallest weight that it takes, and what makes the kernel heed it on a disk. */
interface Knob {
  readonly file: string;
  readonly least: string;
  readonly heededBy: 'bfq' | 'cfq' | 'iocost';
}

/**
 * Documentation/block/bfq-iosched.rst (1 to 1000), Documentation/admin-guide/cgroup-v2.rst (`io.weight`, 1 to 10000),
 * and blkio-controller.rst of the kernels that had CFQ (10 to 1000).
 */
const knobs: readonly Knob[] = [
  { file: 'io.bfq.weight', least: 'default 1', heededBy: 'bfq' },
  { file: 'io.weight', least: 'default 1', heededBy: 'iocost' },
  { file: 'blkio.bfq.weight', least: '1', heededBy: 'bfq' },
  { file: 'blkio.weight', least: '10', heededBy: 'cfq' },
];
/** Disks of the node that are not what storage hangs on. */
const noDisk = /^(loop|ram|zram|sr|fd|dm-|md|nbd)/;

/** Whether the owner's storage requests go before those of pilots. */
export interface IoWeight {
  readonly had: boolean;
  /** By which file, or why not. */
  readonly detail: string;
}

/** Where the kernel tells of its disks, and the top of the I/O controller's tree. */
export interface IoTree {
  /** The group's folder in it; null where the kernel has no such controller. */
  readonly folder: string | null;
  readonly top: string;
  /** `/sys/block`. */
  readonly disks: string;
}

/**
 * Gives a group the smallest I/O weight that the kernel has, and reads it back. It is claimed only where every disk of
 * the node heeds weights: `none`, `mq-deadline` and `kyber` know none (Documentation/block). Never throws.
 */
export function setIoWeight({ folder, top, disks }: IoTree): IoWeight {
  if (folder === null) return { had: false, detail: 'the kernel has no I/O controller here' };
  const had = knobs.filter(({ file, least }) => isWritten(join(folder, file), least));
  if (had.length === 0) return { had: false, detail: `${folder} has no I/O weight that can be set` };
  const files = had.map(({ file }) => join(folder, file)).join(', ');
  const costed = held(join(top, 'io.cost.qos')) ?? '';
  const heeds = (disk: Disk): boolean =>
    had.some(({ heededBy }) =>
      heededBy === 'iocost'
        ? new RegExp(`^${disk.number} .*\\benable=1`, 'm').test(costed)
        : disk.scheduler === heededBy,
    );
  const all = readDisks(disks);
  const deaf = all.filter((disk) => !heeds(disk));
  if (all.length > 0 && deaf.length === 0) return { had: true, detail: files };
  const why = deaf.map(
    ({ name, scheduler }) => `${name} is scheduled by "${scheduler}", which heeds no weights`,
  );
  return { had: false, detail: `${files} is set, but ${why.join(', ') || 'no disk is known'}` };
}

/** The files of a group that hold the smallest I/O weight now. */
export function leastIoWeights(folder: string | null): readonly string[] {
  if (folder === null) return [];
  return knobs.filter((knob) => isLeast(folder, knob)).map(({ file }) => join(folder, file));
}

/** Whether these files, which held the smallest I/O weight, hold it still. */
export function areLeastIoWeights(files: readonly string[]): boolean {
  return files.every((path) =>
    knobs.some((knob) => basename(path) === knob.file && isLeast(dirname(path), knob)),
  );
}

function isLeast(folder: string, { file, least }: Knob): boolean {
  return ownWeight(join(folder, file)) === least;
}

interface Disk {
  readonly name: string;
  /** `major:minor`. */
  readonly number: string;
  readonly scheduler: string;
}

function readDisks(folder: string): Disk[] {
  try {
    return readdirSync(folder)
      .filter((name) => !noDisk.test(name))
      .map((name) => {
        const schedulers = held(join(folder, name, 'queue/scheduler')) ?? 'none';
        const scheduler = /\[([\w-]+)\]/.exec(schedulers)?.[1] ?? schedulers;
        return { name, number: held(join(folder, name, 'dev')) ?? '', scheduler };
      });
  } catch {
    return [];
  }
}

function isWritten(file: string, least: string): boolean {
  return ownWeight(file) === least || (write(file, least) === null && ownWeight(file) === least);
}

/** The first line is the group's own weight; further ones are of single disks. */
function ownWeight(file: string): string | undefined {
  return held(file)?.split('\n')[0];
}
