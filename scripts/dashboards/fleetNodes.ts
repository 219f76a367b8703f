import { ofFleet, ofKind, rows } from './influx.ts';
import type { InfluxTarget, RowPlan } from './plan.ts';
import { fleet, grown, now, ofKind as ofKindLabel, rate, row } from './prometheus.ts';
import { ranking, table } from './shapes.ts';

const half = { width: 12, height: 10 };
const bad = 'failed|never-started|lost';
const used = 'plancton_cpu_seconds_total';
const byNode = (selected: string): string => `sum by (instance) (${selected})`;
const lately = 'time > now() - $silence';
/** The ten nodes with the most ends of this sort. */
const topEnds = (name: string, outcomes: string): InfluxTarget => ({
  influxql: `SELECT top("${name}", "hostname", 10) AS "${name}" FROM (SELECT count("lived_seconds") AS "${name}" FROM "end" WHERE ${ofFleet} AND ${ofKind} AND "outcome" =~ /^(${outcomes})$/ AND $timeFilter GROUP BY "hostname")`,
  alias: null,
});
const topGrown = (...labels: readonly string[]) =>
  row(`topk(10, ${byNode(grown(fleet('plancton_pilot_ends_total', ...labels, ofKindLabel)))} > 0)`);
const node = { title: 'Node' };

/** Which nodes to look at. */
export const fleetNodes: RowPlan = {
  title: 'Nodes',
  panels: [
    {
      ...half,
      title: 'Most failures',
      help: 'The ten nodes on which most pilots failed, never started or were lost in the time shown. `planctonctl history --outcome failed` on the node has each with its reason, `planctonctl logs PILOT` what it wrote.',
      shape: () =>
        table({ Time: null, hostname: node, instance: node, Value: { title: 'failures' } }).decimals(0),
      influxdb: [topEnds('failures', bad)],
      prometheus: [topGrown(`outcome=~"${bad}"`)],
    },
    {
      ...half,
      title: 'Most evictions',
      help: 'The ten nodes on which most pilots were evicted. Their owners want their nodes back often: fewer or shorter pilots, a `schedule`, or `learn` waste less there.',
      shape: () =>
        table({ Time: null, hostname: node, instance: node, Value: { title: 'evictions' } }).decimals(0),
      influxdb: [topEnds('evictions', 'evicted')],
      prometheus: [topGrown('outcome="evicted"')],
    },
    {
      ...half,
      title: 'What holds up one more pilot',
      help: 'On how many nodes each rule keeps one more pilot from starting. “limit” is as it should be; “image” and “engine” are faults; the others are owners who are there.',
      shape: () => ranking('none'),
      influxdb: [],
      prometheus: [now(`count by (rule) (${fleet('plancton_start_refused')})`, '{{rule}}')],
    },
    {
      ...half,
      title: 'Versions',
      help: 'How many nodes run which version of Plancton. Nodes that stay behind after an upgrade were not restarted.',
      shape: () => ranking('none'),
      influxdb: [
        {
          influxql: `SELECT count("resident") AS "nodes" FROM (SELECT last("resident_bytes") AS "resident" FROM "cost" WHERE ${ofFleet} AND ${lately} GROUP BY "hostname", "version") GROUP BY "version"`,
          alias: '$tag_version',
        },
      ],
      prometheus: [now(`count by (version) (${fleet('plancton_build_info')})`, '{{version}}')],
    },
    {
      ...half,
      width: 24,
      title: 'Nodes',
      help: 'Each node as it last was. From InfluxDB, nodes that told something in the time shown and when they last did: silent ones are at the end when it is sorted by that. Each name is a link to the dashboard of its node.',
      shape: (database) =>
        table({
          Time: database === 'influxdb' ? { title: 'Last heard of', unit: 'dateTimeFromNow' } : null,
          hostname: node,
          instance: node,
          since: { title: 'Daemon runs for', unit: 's' },
          'Value #A': { title: 'Answers' },
          'Value #B': { title: 'Pilots running' },
          'Value #C': { title: 'Slots taken' },
          'Value #D': { title: 'At most' },
          'Value #E': { title: 'CPUs' },
          'Value #F': { title: 'CPUs of the owner' },
          'Value #G': { title: 'CPUs of pilots' },
        })
          .decimals(2)
          .withTransformation({ id: 'merge', options: {} })
          .overrideByName(...linkOf(database === 'influxdb' ? 'hostname' : 'instance', database)),
      influxdb: [rows('daemon', { since: 'last("uptime")' }, [ofFleet], 'hostname')],
      prometheus: [
        row(byNode(fleet('up'))),
        row(byNode(fleet('plancton_pilots', 'state="running"', ofKindLabel))),
        row(byNode(fleet('plancton_slots_taken'))),
        row(byNode(fleet('plancton_pilots_limit'))),
        row(byNode(fleet('plancton_node_cpus'))),
        row(byNode(rate(fleet(used, 'used_by="owner"')))),
        row(byNode(rate(fleet(used, 'used_by="pilots"')))),
      ],
    },
    {
      ...half,
      width: 24,
      title: 'What nodes do',
      help: 'Slots and CPUs of each node as it last told them, and the rule that keeps one more pilot from starting there. Nodes that are silent are not in it.',
      shape: () => table({ Time: null, hostname: node }).decimals(2),
      influxdb: [
        rows(
          'node',
          {
            'Held up by': 'last("refusal")',
            'Slots taken': 'last("slots_taken")',
            'At most': 'last("pilot_limit")',
            CPUs: 'last("cpus")',
            'CPUs of the owner': 'last("owner_cpus")',
            'CPUs of pilots': 'last("pilots_cpus")',
          },
          [ofFleet, lately],
          'hostname',
        ),
      ],
      prometheus: [],
    },
  ],
};

/** A cell that leads to the dashboard of its node. */
function linkOf(column: string, database: string): [string, { id: string; value: unknown }[]] {
  const url = `/d/plancton-node-${database}?var-node=\${__data.fields["${column}"]}&\${source:queryparam}&\${__url_time_range}`;
  return [column, [{ id: 'links', value: [{ title: 'Open this node', url }] }]];
}
