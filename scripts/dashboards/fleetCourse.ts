import { slots, states, users } from './colours.ts';
import { course, ofFleet, ofKind, sumOverNodes } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { fleet, ofKind as ofKindLabel, over, rate } from './prometheus.ts';
import { lines, stacked, steps, withLimit } from './shapes.ts';

const half = { width: 12, height: 9 };
const where = [ofFleet];
const used = 'plancton_cpu_seconds_total';
const pressures = [
  ['CPU', 'cpu_pressure', 'cpu'],
  ['memory', 'memory_pressure', 'memory'],
  ['storage', 'io_pressure', 'io'],
] as const;
const memoryOf = (who: string): string => fleet('plancton_memory_in_use_bytes', `used_by="${who}"`);
const waiting = (resource: string): string =>
  rate(fleet('plancton_owner_waiting_seconds_total', `resource="${resource}"`, 'tasks="some"'));
/** Nodes whose daemon was in this state, in each step. */
const inState = (state: string) => ({
  influxql: `SELECT count("status") AS "${state}" FROM (SELECT last("status") AS "status" FROM "daemon" WHERE ${ofFleet} AND $timeFilter GROUP BY time($__interval), "hostname" fill(none)) WHERE "status" = '${state}' AND $timeFilter GROUP BY time($__interval) fill(none)`,
  alias: '$col',
});

/** What the fleet did over time. */
export const fleetCourse: RowPlan = {
  title: 'Over time',
  panels: [
    {
      ...half,
      title: 'CPUs in use',
      help: 'CPUs of all nodes that owners and pilots use, below the line of all that there are. Green is what was harvested; the gap below the line was not.',
      shape: () => withLimit(stacked('none', users), 'all'),
      influxdb: [
        sumOverNodes({ from: 'node', name: 'owner', each: 'mean("owner_cpus")', where }),
        sumOverNodes({ from: 'node', name: 'pilots', each: 'mean("pilots_cpus")', where }),
        sumOverNodes({ from: 'node', name: 'all', each: 'last("cpus")', where }),
      ],
      prometheus: [
        over(`sum(${rate(fleet(used, 'used_by="owner"'))})`, 'owner'),
        over(`sum(${rate(fleet(used, 'used_by="pilots"'))})`, 'pilots'),
        over(`sum(${fleet('plancton_node_cpus')})`, 'all'),
      ],
    },
    {
      ...half,
      title: 'Nodes',
      help: 'Nodes that told what they do: active, draining (no new pilots), or waiting (their container engine does not answer). In InfluxDB a node is counted in each step in which it told something: a step has to be longer than `main_sleep`, which the data source’s “Min time interval” sees to.',
      shape: () => stacked('none', states),
      influxdb: [inState('active'), inState('draining'), inState('waiting')],
      prometheus: [
        over(`sum by (state) (${fleet('plancton_state')})`, '{{state}}'),
        over(`sum(${fleet('up')} == bool 0)`, 'silent'),
      ],
    },
    {
      ...half,
      title: 'Slots',
      help: 'Pilots that have a slot, on all nodes, and the most that there may be (`max_docks` of each).',
      shape: () => steps('none', slots),
      influxdb: [
        sumOverNodes({ from: 'node', name: 'slots taken', each: 'last("slots_taken")', where }),
        sumOverNodes({ from: 'node', name: 'limit', each: 'last("pilot_limit")', where }),
      ],
      prometheus: [
        over(`sum(${fleet('plancton_slots_taken')})`, 'slots taken'),
        over(`sum(${fleet('plancton_pilots_limit')})`, 'limit'),
      ],
    },
    {
      ...half,
      title: 'Running pilots by kind, a mean over nodes',
      help: 'How many pilots of each kind a node runs on average. Over hours their CPU time goes by their `share`, among kinds that have work. “Running now, by kind” below has the sums.',
      shape: () => stacked('none').decimals(2),
      influxdb: [
        course({
          from: 'pilots',
          columns: { running: 'mean("running")' },
          where: [ofFleet, ofKind],
          by: 'kind',
        }),
      ],
      prometheus: [
        over(`avg by (kind) (${fleet('plancton_pilots', 'state="running"', ofKindLabel)})`, '{{kind}}'),
      ],
    },
    {
      ...half,
      title: 'Memory',
      help: 'Memory of all nodes that owners and pilots use, below the line of all that there is. The gap is free, or files that the kernel keeps at hand.',
      shape: () => withLimit(stacked('decbytes', users), 'all'),
      influxdb: [
        sumOverNodes({ from: 'node', name: 'owner', each: 'mean("owner_memory_bytes")', where }),
        sumOverNodes({ from: 'node', name: 'pilots', each: 'mean("pilots_memory_bytes")', where }),
        sumOverNodes({ from: 'node', name: 'all', each: 'last("memory_total_bytes")', where }),
      ],
      prometheus: [
        over(`sum(${memoryOf('owner')})`, 'owner'),
        over(`sum(${memoryOf('pilots')})`, 'pilots'),
        over(`sum(${fleet('plancton_node_memory_bytes')})`, 'all'),
      ],
    },
    {
      ...half,
      title: 'Owners wait for',
      help: 'Share of the time in which owners’ tasks waited: a mean over nodes, and the most that any node told. What pilots cost their hosts would show here; each node gives way by itself (docs/yielding.md).',
      shape: () => lines('percentunit'),
      influxdb: [
        course({
          from: 'node',
          columns: Object.fromEntries([
            ...pressures.map(([name, field]) => [name, `mean("${field}")`]),
            ...pressures.map(([name, field]) => [`${name}, worst node`, `max("${field}")`]),
          ]) as Record<string, string>,
          where,
        }),
      ],
      prometheus: [
        ...pressures.map(([name, , resource]) => over(`avg(${waiting(resource)})`, name)),
        ...pressures.map(([name, , resource]) => over(`max(${waiting(resource)})`, `${name}, worst node`)),
      ],
    },
    {
      ...half,
      title: 'Back-off by kind, a mean over nodes',
      help: 'How long kinds still wait because their pilots found no work or failed. One that rises everywhere at once is a kind without work; a low mean that stays is a few nodes on which it fails.',
      shape: () => lines('s'),
      influxdb: [
        course({
          from: 'pilots',
          columns: { wait: 'mean("back_off_seconds")' },
          where: [ofFleet, ofKind],
          by: 'kind',
        }),
      ],
      prometheus: [
        over(`avg by (kind) (${fleet('plancton_kind_back_off_seconds', ofKindLabel)})`, '{{kind}}'),
      ],
    },
  ],
};
