import { states, users } from './colours.ts';
import { courseOfAll, ofFleet, ofKind } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { fleet, ofKind as ofKindLabel, over, rate } from './prometheus.ts';
import { lines, stacked, steps, withLimit } from './shapes.ts';

const half = { width: 12, height: 9 };
const used = 'plancton_cpu_seconds_total';
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
      help: 'CPUs of all nodes: those of owners, those of pilots, and idle ones. Green is what was harvested; what stays grey was not.',
      shape: () => stacked('none', users),
      influxdb: [
        courseOfAll({
          from: 'node',
          perNode: { o: 'mean("owner_cpus")', p: 'mean("pilots_cpus")', c: 'mean("cpus")' },
          all: { owner: 'sum("o")', pilots: 'sum("p")', idle: 'sum("c") - sum("o") - sum("p")' },
          where: [ofFleet],
        }),
      ],
      prometheus: [
        over(`sum(${rate(fleet(used, 'used_by="owner"'))})`, 'owner'),
        over(`sum(${rate(fleet(used, 'used_by="pilots"'))})`, 'pilots'),
        over(`clamp_min(sum(${fleet('plancton_node_cpus')}) - sum(${rate(fleet(used))}), 0)`, 'idle'),
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
      title: 'Running pilots by kind',
      help: 'Which kinds have the fleet, and the most pilots that there may be.',
      shape: () => withLimit(stacked('none', { limit: 'red' }), 'limit'),
      influxdb: [
        courseOfAll({
          from: 'pilots',
          perNode: { r: 'mean("running")' },
          all: { running: 'sum("r")' },
          where: [ofFleet, ofKind],
          by: 'kind',
        }),
        courseOfAll({
          from: 'node',
          perNode: { l: 'last("pilot_limit")' },
          all: { limit: 'sum("l")' },
          where: [ofFleet],
        }),
      ],
      prometheus: [
        over(`sum by (kind) (${fleet('plancton_pilots', 'state="running"', ofKindLabel)})`, '{{kind}}'),
        over(`sum(${fleet('plancton_pilots_limit')})`, 'limit'),
      ],
    },
    {
      ...half,
      title: 'Memory',
      help: 'Memory of all nodes: of owners, of pilots, and the rest (free, or files that the kernel keeps at hand).',
      shape: () => stacked('decbytes', users),
      influxdb: [
        courseOfAll({
          from: 'node',
          perNode: {
            o: 'mean("owner_memory_bytes")',
            p: 'mean("pilots_memory_bytes")',
            t: 'mean("memory_total_bytes")',
          },
          all: { owner: 'sum("o")', pilots: 'sum("p")', 'free and cache': 'sum("t") - sum("o") - sum("p")' },
          where: [ofFleet],
        }),
      ],
      prometheus: [
        over(`sum(${memoryOf('owner')})`, 'owner'),
        over(`sum(${memoryOf('pilots')})`, 'pilots'),
        over(
          `sum(${fleet('plancton_node_memory_bytes')}) - sum(${fleet('plancton_memory_in_use_bytes')})`,
          'free and cache',
        ),
      ],
    },
    {
      ...half,
      title: 'Owners wait for',
      help: 'Share of the time in which owners’ tasks waited: a mean over nodes, and the node where it was most. What pilots cost their hosts would show here; each node gives way by itself (docs/yielding.md).',
      shape: () => lines('percentunit'),
      influxdb: [
        courseOfAll({
          from: 'node',
          perNode: { c: 'mean("cpu_pressure")', m: 'mean("memory_pressure")', s: 'mean("io_pressure")' },
          all: {
            CPU: 'mean("c")',
            memory: 'mean("m")',
            storage: 'mean("s")',
            'CPU, worst node': 'max("c")',
            'memory, worst node': 'max("m")',
            'storage, worst node': 'max("s")',
          },
          where: [ofFleet],
        }),
      ],
      prometheus: [
        over(`avg(${waiting('cpu')})`, 'CPU'),
        over(`avg(${waiting('memory')})`, 'memory'),
        over(`avg(${waiting('io')})`, 'storage'),
        over(`max(${waiting('cpu')})`, 'CPU, worst node'),
        over(`max(${waiting('memory')})`, 'memory, worst node'),
        over(`max(${waiting('io')})`, 'storage, worst node'),
      ],
    },
    {
      ...half,
      title: 'Kinds that back off',
      help: 'On how many nodes a kind waits because its pilots found no work or failed. On all of them: there is no work for it. On a few: look at those nodes.',
      shape: () => steps('none'),
      influxdb: [
        {
          influxql: `SELECT count("wait") AS "nodes" FROM (SELECT max("back_off_seconds") AS "wait" FROM "pilots" WHERE ${ofFleet} AND ${ofKind} AND $timeFilter GROUP BY time($__interval), "hostname", "kind" fill(none)) WHERE "wait" > 0 AND $timeFilter GROUP BY time($__interval), "kind" fill(none)`,
          alias: '$tag_kind',
        },
      ],
      prometheus: [
        over(`sum by (kind) (${fleet('plancton_kind_back_off_seconds', ofKindLabel)} > bool 0)`, '{{kind}}'),
      ],
    },
  ],
};
