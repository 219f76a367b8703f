import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CpuClass } from '../model/means.ts';
import { readCpuClass, setCpuClass } from './cpuClass.ts';
import { areLeastIoWeights, type IoTree, type IoWeight, leastIoWeights, setIoWeight } from './ioWeight.ts';
import { codeOf, held, write } from './kernelValue.ts';
import { createLift, type LiftCost } from './lift.ts';

/** Where the group is whose weight the kernel compares with the owner's. */
export interface ParentPlace {
  /** Its folder in the CPU controller's tree; it must be at the top, because weights compare siblings only. */
  readonly cpuFolder: string;
  readonly io: IoTree;
  /** The top of a unified tree in which controllers have to be switched on first; null elsewhere. */
  readonly unifiedTop: string | null;
  /** Whether the folders are ours to make: those of slices are systemd's. */
  readonly isOurs: boolean;
}

/** What the pilots' parent cgroup does for the owner. */
export interface ParentClass {
  readonly asked: CpuClass;
  /** The class that it was put into, as read back. */
  readonly cpuClass: CpuClass;
  /** Which file holds it, and why it is less than what was asked for. */
  readonly detail: string;
  readonly ioWeight: IoWeight;
  /**
   * Lifts the class while `work` is under way. A container's set-up runs within its cgroup: as a guest on a node whose
   * owner is busy it takes seconds instead of a fraction of one (measured: 7.6 s on two busy CPUs), and the slot is
   * empty for as long.
   */
  lifted<T>(work: () => Promise<T>): Promise<T>;
  /** The same, whatever it costs, for an end whose memory the owner waits for. */
  liftedForOwner<T>(work: () => Promise<T>): Promise<T>;
  /** Whether somebody made the group weigh more than it was made to, on CPUs (while it is not lifted) or for storage. */
  isUndone(): boolean;
}

const yielding: readonly CpuClass[] = ['normal', 'low', 'idle'];

/** A parent whose class is not ours to set, and why. */
export function foreignClass(asked: CpuClass, detail: string): ParentClass {
  return {
    asked,
    cpuClass: 'normal',
    detail,
    ioWeight: { had: false, detail },
    lifted: (work) => work(),
    liftedForOwner: (work) => work(),
    isUndone: () => false,
  };
}

/** A parent that is only looked at, because nothing is to be done (`dry_run`): the detail says what would be set. */
export function watchedClass({ cpuFolder, io }: ParentPlace, asked: CpuClass): ParentClass {
  const ioDetail =
    io.folder === null
      ? 'the kernel has no I/O controller here'
      : `nothing is set (dry_run); the smallest weight of ${io.folder} would be`;
  return {
    ...foreignClass(asked, `nothing is set (dry_run); the class "${asked}" of ${cpuFolder} would be`),
    cpuClass: readCpuClass(cpuFolder),
    ioWeight: { had: false, detail: ioDetail },
  };
}

/**
 * Puts the pilots' parent cgroup into a class and gives it the smallest I/O weight: the owner then gets the CPU within
 * microseconds, with no daemon in the path. What was written is read back. Never throws.
 */
export function setUpParentClass(place: ParentPlace, asked: CpuClass, cost: LiftCost): ParentClass {
  if (place.isOurs) {
    if (place.unifiedTop !== null) switchOnControllers(place.unifiedTop);
    const failure = [place.cpuFolder, place.io.folder].map(make).find((why) => why !== null) ?? null;
    if (failure !== null) return foreignClass(asked, failure);
  }
  const { cpuClass, detail, lift } = setCpuClass(place.cpuFolder, asked);
  const lifting = lift === null ? null : createLift(lift.up, lift.down, cost);
  const ioWeight = setIoWeight(place.io);
  const ioFiles = leastIoWeights(place.io.folder);
  const isHeavierOnCpus = (): boolean =>
    lifting?.isUp() !== true && yielding.indexOf(readCpuClass(place.cpuFolder)) < yielding.indexOf(cpuClass);
  return {
    asked,
    cpuClass,
    detail,
    ioWeight,
    lifted: (work) => (lifting === null ? work() : lifting.during(work)),
    liftedForOwner: (work) => (lifting === null ? work() : lifting.duringForOwner(work)),
    isUndone: () => isHeavierOnCpus() || !areLeastIoWeights(ioFiles),
  };
}

/** Makes a folder of a cgroup tree; gives null, or why not. */
function make(folder: string | null): string | null {
  if (folder === null) return null;
  try {
    mkdirSync(folder, { recursive: true });
    return null;
  } catch (error) {
    return `${folder} cannot be made: ${codeOf(error)}`;
  }
}

/** Groups of a unified tree have the files of a controller only where it is switched on above them (cgroups(7)). */
function switchOnControllers(top: string): void {
  const available = held(join(top, 'cgroup.controllers'))?.split(' ') ?? [];
  const file = join(top, 'cgroup.subtree_control');
  const on = new Set(held(file)?.split(' ') ?? []);
  for (const controller of ['cpu', 'io', 'memory', 'pids']) {
    if (available.includes(controller) && !on.has(controller)) write(file, `+${controller}`);
  }
}
