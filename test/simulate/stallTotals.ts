/** What is on one CPU for a moment: tasks that run or want to, and whose of them has the CPU. */
export interface CpuMoment {
  readonly owner: number;
  readonly pilots: number;
  readonly has: 'owner' | 'pilots' | null;
}

/** Whose tasks are looked at. */
export type Group = 'node' | 'owner' | 'pilots';

/** Tasks of the group that are there, and whether one of them has the CPU. */
function tasksOf({ owner, pilots, has }: CpuMoment, group: Group): { there: number; on: number } {
  if (group === 'owner') return { there: owner, on: has === 'owner' ? 1 : 0 };
  if (group === 'pilots') return { there: pilots, on: has === 'pilots' ? 1 : 0 };
  return { there: owner + pilots, on: has === null ? 0 : 1 };
}

/**
 * The share of a span in which "some" tasks of a group waited for a CPU, as the kernel sums it up (kernel/sched/psi.c,
 * Documentation/accounting/psi.rst): on each CPU the time in which more of the group's tasks were runnable than had the
 * CPU; over the CPUs a mean that is weighted with the time in which the group was there at all. A task whose quota is
 * used up goes on being runnable. `cpus` has each CPU's moments, all of the same length.
 */
export function someShare(cpus: readonly (readonly CpuMoment[])[], group: Group): number {
  const each = cpus.map((moments) => {
    const tasks = moments.map((moment) => tasksOf(moment, group));
    return {
      waits: tasks.filter(({ there, on }) => there > on).length / moments.length,
      isThere: tasks.filter(({ there }) => there > 0).length / moments.length,
    };
  });
  const weight = each.reduce((sum, { isThere }) => sum + isThere, 0);
  return weight === 0 ? 0 : each.reduce((sum, one) => sum + one.waits * one.isThere, 0) / weight;
}
