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
/** What lifts may cost the owner at most: this share of the node's CPU time, and this much of it at once. */
const liftBudget = { share: 0.01, burstMs: 1000 };

/** What a lift is reckoned with: it lifts the pilots that run along with the one that starts. */
export interface LiftCost {
  nowMs(): number;
  readonly cpuCount: number;
  /** CPUs that pilots use now; all of the node's where that is unknown. */
  pilotsCpus(): number;
}

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
export function setUpParentClass(folder: string, cost: LiftCost): ParentClass {
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
    cost,
  );
  return { cpuClass: knob.cpuClass, detail: file, lifted: lift };
}

/**
 * Up with the first of those who want it, down with the last, or when each has had its time. The pilots that run are
 * lifted along, and what they use meanwhile is taken from the owner: a budget bounds that, and without any left a start
 * goes on as a guest. Pilots that use nothing cost nothing.
 */
function createLift(up: () => void, down: () => void, cost: LiftCost): ParentClass['lifted'] {
  const holders = new Set<symbol>();
  const most = liftBudget.burstMs * cost.cpuCount;
  let balanceMs = most;
  let reckonedMs = cost.nowMs();
  const reckon = (): void => {
    const elapsedMs = cost.nowMs() - reckonedMs;
    reckonedMs += elapsedMs;
    const spent = holders.size > 0 ? elapsedMs * cost.pilotsCpus() : 0;
    balanceMs = Math.min(most, balanceMs + elapsedMs * liftBudget.share * cost.cpuCount - spent);
  };
  const release = (holder: symbol): void => {
    reckon();
    if (holders.delete(holder) && holders.size === 0) down();
  };
  return async (work) => {
    reckon();
    if (balanceMs <= 0) return work();
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
