import { course, ofNode } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { meanOf, node, over, quantileOf, rate } from './prometheus.ts';
import { bars, lines } from './shapes.ts';

const half = { width: 12, height: 8 };
const third = { width: 8, height: 7 };
const where = [ofNode];
const calls = 'plancton_engine_call_duration_seconds';
const ticks = 'plancton_tick_duration_seconds';

/** The engine, and what the daemon of one node itself takes and has still to send. */
export const nodeDaemon: RowPlan = {
  title: 'Engine and daemon',
  panels: [
    {
      ...half,
      title: 'Engine: how long calls take',
      help: 'The mean time of calls of the container engine. `start` of about 0.3 s is common; `stop` takes as long as pilots take to end, `pull` as long as the registry. All of them rising together is an engine, or a disk, that is overloaded.',
      shape: () => lines('s'),
      influxdb: [course({ from: 'engine', columns: { took: 'mean("mean_seconds")' }, where, by: 'verb' })],
      prometheus: [over(meanOf(node, calls, 'verb'), '{{verb}}')],
    },
    {
      ...half,
      title: 'Engine: calls that failed, a minute',
      help: 'Calls of the container engine that failed. Some are harmless (a container that is gone already); many are not: the log of the daemon has each with its reason.',
      shape: () => bars('none'),
      influxdb: [
        course({
          from: 'engine',
          columns: { failed: 'sum("failed") * 60000 / $__interval_ms' },
          where,
          by: 'verb',
        }),
      ],
      prometheus: [over(`60 * ${rate(node('plancton_engine_call_failures_total'))}`, '{{verb}}')],
    },
    {
      ...third,
      title: 'Daemon: CPU',
      help: 'What the daemon itself takes of one CPU. A node with a few pilots needs some thousandths.',
      shape: () => lines('percentunit').decimals(2),
      influxdb: [course({ from: 'cost', columns: { CPU: 'mean("cpus")' }, where })],
      prometheus: [over(rate(node('process_cpu_seconds_total')), 'CPU')],
    },
    {
      ...third,
      title: 'Daemon: memory',
      help: 'Resident memory of the daemon, about 50 MB. It stays where it is over weeks; one that keeps rising is a fault to report.',
      shape: () => lines('decbytes'),
      influxdb: [course({ from: 'cost', columns: { resident: 'max("resident_bytes")' }, where })],
      prometheus: [over(node('process_resident_memory_bytes'), 'resident')],
    },
    {
      ...third,
      title: 'Daemon: a tick',
      help: 'How long it takes to look at the node and to decide. It happens each second, and at once when a pilot ends.',
      shape: () => lines('s'),
      influxdb: [course({ from: 'cost', columns: { mean: 'mean("tick_seconds")' }, where })],
      prometheus: [
        over(meanOf(node, ticks, 'instance'), 'mean'),
        over(quantileOf(node, 0.99, ticks), '99 % are below'),
      ],
    },
    {
      ...half,
      title: 'Points for InfluxDB that wait, and that were lost',
      help: 'Points that could not be written yet, and those given up since the daemon began: refused for good, or too many to be kept. `planctonctl status` has the last error.',
      shape: () => lines('none'),
      influxdb: [
        course({
          from: 'cost',
          columns: {
            'wait to be sent': 'max("waiting_points")',
            'lost since the start': 'max("dropped_points")',
          },
          where,
        }),
      ],
      prometheus: [
        over(`sum(${node('plancton_influxdb_points_waiting')})`, 'wait to be sent'),
        over(`sum(${node('plancton_influxdb_points_dropped_total')})`, 'lost since the start'),
      ],
    },
    {
      ...half,
      title: 'Spool',
      help: 'What of the waiting points is on the disk, where it outlives the daemon. Beyond 16 MB for a database the oldest points go.',
      shape: () => lines('decbytes'),
      influxdb: [course({ from: 'cost', columns: { 'on the disk': 'max("spool_bytes")' }, where })],
      prometheus: [
        over(`sum(${node('plancton_influxdb_spool_bytes')})`, 'on the disk'),
        over(`sum(${node('plancton_influxdb_spool_limit_bytes')})`, 'limit'),
      ],
    },
  ],
};
