import { growth, ofFleet, ofKind, whole } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { fleet, grown, now, ofKind as ofKindLabel, rate } from './prometheus.ts';
import { figure } from './shapes.ts';

const small = { width: 3, height: 4 };
/** What was told lately: nodes that are silent count for nothing now. */
const lately = [ofFleet, 'time > now() - $silence'];
const lastOf = (series: string, columns: string): string =>
  `(SELECT ${columns} FROM "${series}" WHERE ${lately.join(' AND ')} GROUP BY "hostname")`;
const used = 'plancton_cpu_seconds_total';

/** What the fleet does at this moment. */
export const fleetNow: RowPlan = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Nodes alive',
      help: 'Nodes that were heard of lately: in InfluxDB within the time chosen as “Silent after”, in Prometheus at the last scrape.',
      shape: () => figure('none'),
      influxdb: [
        {
          influxql: `SELECT count("uptime") AS "alive" FROM ${lastOf('daemon', 'last("uptime") AS "uptime"')}`,
          alias: '$col',
        },
      ],
      prometheus: [now(`sum(${fleet('up')})`, 'alive')],
    },
    {
      ...small,
      title: 'Nodes silent',
      help: 'InfluxDB: nodes that told something in the time shown, and nothing for at least as long as “Silent after” (and up to twice as long) at its end. Prometheus: targets that do not answer. The table “Nodes” below has them; on the node `planctonctl status` says whether the daemon runs.',
      shape: () => figure('none', [[1, 'orange']]),
      influxdb: [
        {
          // Of the reports in each last step and the one before it there is one or none: 1 − ⌈n/(n+1)⌉ is 0 or 1.
          influxql: `SELECT sum("one") AS "silent" FROM (SELECT 1 - ceil(last("n") / (last("n") + 1)) AS "one" FROM (SELECT moving_average(count("uptime"), 2) AS "n" FROM "daemon" WHERE ${ofFleet} AND $timeFilter GROUP BY time($silence), "hostname" fill(0)) GROUP BY "hostname")`,
          alias: '$col',
        },
      ],
      prometheus: [now(`sum(${fleet('up')} == bool 0)`, 'silent')],
    },
    {
      ...small,
      title: 'Pilots running',
      help: 'Running pilots of the chosen kinds, on all nodes that are alive.',
      shape: () => figure('none'),
      influxdb: [
        {
          influxql: `SELECT sum("running") AS "running" FROM (SELECT last("running") AS "running" FROM "pilots" WHERE ${[ofKind, ...lately].join(' AND ')} GROUP BY "hostname", "kind")`,
          alias: '$col',
        },
      ],
      prometheus: [now(`sum(${fleet('plancton_pilots', 'state="running"', ofKindLabel)})`, 'running')],
    },
    {
      ...small,
      title: 'Slots taken',
      help: 'The part of all slots that there may be (`max_docks` of each node) in which there is a pilot. Where it is low although owners leave room, the last table below says which rule stands in the way.',
      shape: () => figure('percentunit').decimals(0),
      influxdb: [
        {
          influxql: `SELECT sum("taken") / sum("limit") AS "taken" FROM ${lastOf('node', 'last("slots_taken") AS "taken", last("pilot_limit") AS "limit"')}`,
          alias: '$col',
        },
      ],
      prometheus: [
        now(`sum(${fleet('plancton_slots_taken')}) / sum(${fleet('plancton_pilots_limit')})`, 'taken'),
      ],
    },
    {
      ...small,
      title: 'CPUs used by pilots',
      help: 'CPUs that pilots use now, on all nodes that are alive and can tell.',
      shape: () => figure('none').decimals(1),
      influxdb: [
        {
          influxql: `SELECT sum("pilots") AS "pilots" FROM ${lastOf('node', 'last("pilots_cpus") AS "pilots"')}`,
          alias: '$col',
        },
      ],
      prometheus: [now(`sum(${rate(fleet(used, 'used_by="pilots"'))})`, 'pilots')],
    },
    {
      ...small,
      title: 'Owners’ load',
      help: 'The part of all CPUs that owners use now. What it leaves is what pilots can have.',
      shape: () => figure('percentunit').decimals(0),
      influxdb: [
        {
          influxql: `SELECT sum("owner") / sum("cpus") AS "owner" FROM ${lastOf('node', 'last("owner_cpus") AS "owner", last("cpus") AS "cpus"')}`,
          alias: '$col',
        },
      ],
      prometheus: [
        now(`sum(${rate(fleet(used, 'used_by="owner"'))}) / sum(${fleet('plancton_node_cpus')})`, 'owner'),
      ],
    },
    {
      ...small,
      title: 'CPU given to pilots',
      help: 'CPU hours that pilots have had in the time shown, on all nodes that can tell.',
      shape: () => figure('suffix: h').decimals(0),
      influxdb: [
        whole(growth({ had: 'harvested_seconds' }, [ofFleet]), { 'CPU hours': 'sum("had") / 3600' }, []),
      ],
      prometheus: [now(`sum(${grown(fleet('plancton_harvested_cpu_seconds_total'))}) / 3600`, 'CPU hours')],
    },
    {
      ...small,
      title: 'Of that wasted',
      help: 'The CPU hours of those that pilots had had who were then evicted: their work is lost. “Most evictions” below names the nodes.',
      shape: () => figure('suffix: h').decimals(0),
      influxdb: [
        whole(growth({ lost: 'wasted_seconds' }, [ofFleet]), { 'CPU hours': 'sum("lost") / 3600' }, []),
      ],
      prometheus: [now(`sum(${grown(fleet('plancton_wasted_cpu_seconds_total'))}) / 3600`, 'CPU hours')],
    },
  ],
};
