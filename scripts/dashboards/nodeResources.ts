import { users } from './colours.ts';
import { course, ofNode } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { node, over, rate } from './prometheus.ts';
import { lines, stacked } from './shapes.ts';

const half = { width: 12, height: 8 };
const where = [ofNode];
const cpuSeconds = 'plancton_cpu_seconds_total';
const waiting = 'plancton_owner_waiting_seconds_total';
const memoryOf = (who: string): string => node('plancton_memory_in_use_bytes', `used_by="${who}"`);

/** What the owner and the pilots have of one node. */
export const nodeResources: RowPlan = {
  title: 'CPU, memory, waiting',
  panels: [
    {
      ...half,
      title: 'CPUs in use',
      help: 'CPUs of the owner (everything on the node that is no pilot), of pilots, and idle. Green should fill what blue leaves; much idle beside few pilots is explained by `planctonctl why`.',
      shape: () => stacked('none', users),
      influxdb: [
        course({
          from: 'node',
          columns: {
            owner: 'mean("owner_cpus")',
            pilots: 'mean("pilots_cpus")',
            idle: 'mean("cpus") - mean("owner_cpus") - mean("pilots_cpus")',
          },
          where,
        }),
      ],
      prometheus: [
        over(rate(node(cpuSeconds, 'used_by="owner"')), 'owner'),
        over(rate(node(cpuSeconds, 'used_by="pilots"')), 'pilots'),
        over(
          `clamp_min(${node('plancton_node_cpus')} - on (job, instance) sum by (job, instance) (${rate(node(cpuSeconds))}), 0)`,
          'idle',
        ),
      ],
    },
    {
      ...half,
      title: 'Memory',
      help: 'Memory of the owner, of pilots, and the rest: free, or files that the kernel keeps at hand. Pilots are evicted at once when the owner’s reserve (`reserve: {memory: …}`) is touched.',
      shape: () => stacked('decbytes', users),
      influxdb: [
        course({
          from: 'node',
          columns: {
            owner: 'mean("owner_memory_bytes")',
            pilots: 'mean("pilots_memory_bytes")',
            'free and cache':
              'mean("memory_total_bytes") - mean("owner_memory_bytes") - mean("pilots_memory_bytes")',
          },
          where,
        }),
      ],
      prometheus: [
        over(memoryOf('owner'), 'owner'),
        over(memoryOf('pilots'), 'pilots'),
        over(
          `${node('plancton_node_memory_bytes')} - on (job, instance) sum by (job, instance) (${node('plancton_memory_in_use_bytes')})`,
          'free and cache',
        ),
      ],
    },
    {
      ...half,
      title: 'The owner waits for',
      help: 'Share of the time in which a task of the owner’s waited for a CPU, for memory, or for storage (all: every one of them at once). Pilots are slowed down, paused and evicted for it: docs/yielding.md. A line is missing where the kernel does not tell.',
      shape: () => lines('percentunit').max(1),
      influxdb: [
        course({
          from: 'node',
          columns: {
            CPU: 'mean("cpu_pressure")',
            memory: 'mean("memory_pressure")',
            'memory, all': 'mean("memory_full_pressure")',
            storage: 'mean("io_pressure")',
          },
          where,
        }),
      ],
      prometheus: [
        over(rate(node(waiting, 'resource="cpu"', 'tasks="some"')), 'CPU'),
        over(rate(node(waiting, 'resource="memory"', 'tasks="some"')), 'memory'),
        over(rate(node(waiting, 'resource="memory"', 'tasks="all"')), 'memory, all'),
        over(rate(node(waiting, 'resource="io"', 'tasks="some"')), 'storage'),
      ],
    },
    {
      ...half,
      title: 'Left free',
      help: 'Memory that new work can have, swap that is free, and what is free where the engine keeps its data. Nothing starts when the disk is full (`reserve: {disk: …}`); removing images that nothing uses makes room.',
      shape: () => lines('decbytes'),
      influxdb: [
        course({
          from: 'node',
          columns: {
            'memory available': 'mean("memory_available_bytes")',
            'swap free': 'mean("swap_free_bytes")',
            'disk free': 'mean("disk_free_bytes")',
          },
          where,
        }),
      ],
      prometheus: [
        over(node('plancton_node_memory_available_bytes'), 'memory available'),
        over(node('plancton_node_swap_free_bytes'), 'swap free'),
        over(node('plancton_engine_disk_free_bytes'), 'disk free'),
      ],
    },
  ],
};
