/** How the kernel treats pilots beside everything else: the idle class, the smallest weight, or as an equal. */
export type CpuClass = 'idle' | 'low' | 'normal';

/** What the kernel and the engine let us do to pilots on this node: the rungs that a ladder of relief has. */
export interface KernelMeans {
  /** The class of the pilots' parent cgroup, as it was read back. */
  readonly cpuClass: CpuClass;
  /** The CPU limit of a running pilot can be changed (`shrink`). */
  readonly canThrottle: boolean;
  /** Pilots can be frozen (`pause`). */
  readonly canPause: boolean;
  /** The kernel can be asked to move a pilot's memory to swap (`reclaim`): cgroup v2. It needs swap to be of any use. */
  readonly canReclaim: boolean;
  /** Pilots can be ended through their own cgroup, with no engine in the path (`kill`). */
  readonly ownKill: boolean;
}

/** Nothing at all: no engine has answered yet, or it runs on another machine. */
export const noMeans: KernelMeans = {
  cpuClass: 'normal',
  canThrottle: false,
  canPause: false,
  canReclaim: false,
  ownKill: false,
};

/** Whether they say the same. */
export function areSameMeans(some: KernelMeans, others: KernelMeans): boolean {
  return Object.entries(some).every(([name, value]) => others[name as keyof KernelMeans] === value);
}
