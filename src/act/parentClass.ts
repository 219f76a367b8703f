import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the kernel treats pilots beside everything else. */
export type CpuClass = 'idle' | 'low' | 'normal';

/** A file of the CPU controller, and what it holds for a guest and for an equal. */
interface Knob {
  readonly cpuClass: Exclude<CpuClass, 'normal'>;
  readonly file: string;
  readonly guest: string;
  readonly equal: string;
}

/**
 * From best to least: the idle class (`cpu.idle`, Linux 5.15), then the smallest weight of cgroup v1 and of v2. The
 * other value is the kernel's default, at which the group weighs as much as any other one.
 */
const knobs: readonly Knob[] = [
  { cpuClass: 'idle', file: 'cpu.idle', guest: '1', equal: '0' },
  { cpuClass: 'low', file: 'cpu.shares', guest: '2', equal: '1024' },
  { cpuClass: 'low', file: 'cpu.weight', guest: '1', equal: '100' },
];

/** A start may borrow an equal's weight for this long; one that takes longer goes on as a guest. */
const longestLiftMs = 2000;

/** The CPU class of the pilots' parent cgroup. */
export interface ParentClass {
  readonly cpuClass: CpuClass;
  /** Which file was set, or why none. */
  readonly detail: string;
  /**
   * Lifts the class while `work` is under way. A container's set-up runs within its cgroup: as a guest on a node whose
   * owner is busy it takes seconds instead of a fraction of one (measured: 7.6 s on two busy CPUs), and the slot is
   * empty for as long.
   */
  lifted<T>(work: () => Promise<T>): Promise<T>;
}

/** A parent whose class is not ours to set. */
export function foreignClass(detail: string): ParentClass {
  return { cpuClass: 'normal', detail, lifted: (work) => work() };
}

/**
 * Makes the pilots' parent cgroup in this folder of the CPU controller and puts it into the best class that the kernel
 * has: the owner then gets the CPU within microseconds, with no daemon in the path. Weights compare siblings only, so
 * the folder must be at the top. What was written is read back. Never throws.
 */
export function setUpParentClass(folder: string): ParentClass {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    return foreignClass(`${folder} cannot be made: ${(error as Error).message}`);
  }
  const knob = knobs.find(({ file, guest }) => writtenAndRead(join(folder, file), guest));
  if (knob === undefined) return foreignClass(`${folder} has no weight that can be set`);
  const file = join(folder, knob.file);
  const lift = createLift(
    () => writtenAndRead(file, knob.equal),
    () => writtenAndRead(file, knob.guest),
  );
  return { cpuClass: knob.cpuClass, detail: file, lifted: lift };
}

/** Up with the first of those who want it, down with the last, or when each has had its time. */
function createLift(up: () => void, down: () => void): ParentClass['lifted'] {
  const holders = new Set<symbol>();
  const release = (holder: symbol): void => {
    if (holders.delete(holder) && holders.size === 0) down();
  };
  return async (work) => {
    const holder = Symbol('start');
    if (holders.size === 0) up();
    holders.add(holder);
    const timer = setTimeout(() => release(holder), longestLiftMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      release(holder);
    }
  };
}

function writtenAndRead(file: string, value: string): boolean {
  try {
    writeFileSync(file, value, { flag: 'r+' });
    return readFileSync(file, 'utf8').trim() === value;
  } catch {
    return false;
  }
}
