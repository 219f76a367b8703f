import { isThere } from '../../src/replay/body.ts';
import { type Plan, simulation } from './simulation.ts';

/** The columns of a simulated series; a row for each second. */
const columns = [
  'second',
  'owner_wants_cpus',
  'owner_cpus',
  'pilots_cpus',
  'running',
  'paused',
  'available_bytes',
  'pilots_bytes',
  'owner_waits_cpu',
  'owner_waits_memory',
  'owner_waits_disk',
  'actions',
] as const;

/** Lives through a plan and gives it as CSV, for plots. */
export function seriesCsv(plan: Omit<Plan, 'watch'>): string {
  const lines: string[] = [columns.join(',')];
  let last = { ms: 0, owner: 0, pilots: 0, cpu: 0, memory: 0, disk: 0 };
  simulation({
    ...plan,
    watch({ ms, world, decision, bodies, counters }) {
      const now = {
        ms,
        owner: counters.ownerCpuMs,
        pilots: counters.pilotsCpuMs,
        cpu: counters.owner.cpuMs,
        memory: counters.owner.memoryMs,
        disk: counters.owner.diskMs,
      };
      const rate = (of: keyof typeof now): string => ((now[of] - last[of]) / (ms - last.ms)).toFixed(3);
      const ours = [...bodies.values()].filter((body) => body.managed && isThere(body));
      lines.push(
        [
          ms / 1000,
          world.ownerCpus,
          rate('owner'),
          rate('pilots'),
          ours.filter(({ state }) => state === 'running').length,
          ours.filter(({ state }) => state === 'paused').length,
          Math.round(counters.availableBytes),
          Math.round(ours.reduce((sum, body) => sum + body.memoryBytes, 0)),
          rate('cpu'),
          rate('memory'),
          rate('disk'),
          decision.actions.map((action) => action.do).join(' '),
        ].join(','),
      );
      last = now;
    },
  });
  return `${lines.join('\n')}\n`;
}
