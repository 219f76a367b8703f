import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { refId } from './build.ts';
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

/** What Prometheus knows of each node, by the titles of columns. */
const byPrometheus: Readonly<Record<string, string>> = {
  Answers: fleet('up'),
  'Pilots running': fleet('plancton_pilots', 'state="running"', ofKindLabel),
  'Slots taken': fleet('plancton_slots_taken'),
  'At most': fleet('plancton_pilots_limit'),
  CPUs: fleet('plancton_node_cpus'),
  'CPUs of the owner': rate(fleet(used, 'used_by="owner"')),
  'CPUs of pilots': rate(fleet(used, 'used_by="pilots"')),
};

/** One row for each node of what several queries tell; Grafana calls their columns `Value #A` and so on. */
function merged(): ReturnType<typeof table> {
  const titles = Object.keys(byPrometheus).map(
    (title, index) => [`Value #${refId(index)}`, { title }] as const,
  );
  return table({ Time: null, instance: node, ...Object.fromEntries(titles) })
    .decimals(2)
    .withTransformation({ id: 'merge', options: {} })
    .overrideByName(...linkOf('instance', 'prometheus'));
}

/** Each node with when it told something last, those first that are silent for longest. */
function heardOf(): ReturnType<typeof table> {
  const title = 'Last heard of';
  return table({
    Time: { title, unit: 'dateTimeFromNow' },
    hostname: node,
    since: { title: 'Daemon ran for', unit: 's' },
  })
    .sortBy([new TableSortByFieldStateBuilder().displayName(title).desc(false)])
    .overrideByName(...linkOf('hostname', 'influxdb'));
}

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
      title: 'Running now, by kind',
      help: 'Running pilots of each kind, on all nodes that are alive. A kind that is missing has no work, no image, or no node that lets it: `planctonctl kinds` on a node says which.',
      shape: () => ranking('none'),
      influxdb: [
        {
          influxql: `SELECT sum("running") AS "running" FROM (SELECT last("running") AS "running" FROM "pilots" WHERE ${ofFleet} AND ${ofKind} AND ${lately} GROUP BY "hostname", "kind") GROUP BY "kind"`,
          alias: '$tag_kind',
        },
      ],
      prometheus: [
        now(`sum by (kind) (${fleet('plancton_pilots', 'state="running"', ofKindLabel)})`, '{{kind}}'),
      ],
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
      help: 'Each node as it last was. From InfluxDB, nodes that told something in the time shown, and when they last did: silent ones are at the top. Each name is a link to the dashboard of its node.',
      shape: (database) => (database === 'influxdb' ? heardOf() : merged()),
      influxdb: [rows('daemon', { since: 'last("uptime")' }, [ofFleet], 'hostname')],
      prometheus: Object.values(byPrometheus).map((selected) => row(byNode(selected))),
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
