import { lives } from './colours.ts';
import { course, ofKind, ofNode, perMinute, rows } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { grown, meanOf, node, ofKind as ofKindLabel, over, quantileOf, rate, row } from './prometheus.ts';
import { bars, lines, table } from './shapes.ts';

const third = { width: 8, height: 8 };
const half = { width: 12, height: 8 };
const where = [ofNode, ofKind];
const ends = 'plancton_pilot_ends_total';
const each = (by: string, selected: string): string => `60 * sum by (${by}) (${rate(selected)})`;

/** How pilots of one node began and ended. */
export const nodeLives: RowPlan = {
  title: 'Starts and ends',
  panels: [
    {
      ...third,
      title: 'Starts a minute',
      help: 'Pilots that were started, and starts that failed. Failures are an image, a mount or a network that is not there: `planctonctl logs`, and the log of the daemon, name it.',
      shape: () => bars('none', lives),
      influxdb: [
        course({
          from: 'start',
          columns: { starts: perMinute('took_seconds') },
          where,
          by: 'result',
          fill: '0',
        }),
      ],
      prometheus: [over(each('result', node('plancton_pilot_starts_total', ofKindLabel)), '{{result}}')],
    },
    {
      ...third,
      title: 'Ends a minute by outcome',
      help: 'How pilots ended. “failed” and “never-started” are faults of theirs or of their image; “no-work” makes their kind wait; “evicted” is work that was lost for the owner’s sake.',
      shape: () => bars('none', lives),
      influxdb: [
        course({
          from: 'end',
          columns: { ends: perMinute('lived_seconds') },
          where,
          by: 'outcome',
          fill: '0',
        }),
      ],
      prometheus: [over(each('outcome', node(ends, ofKindLabel)), '{{outcome}}')],
    },
    {
      ...third,
      title: 'Evictions a minute by reason',
      help: 'The rule for which pilots were evicted: “cpu”, “memory”, “pressure” and the owner’s signs, or “log” for one that wrote too much. docs/yielding.md has all of them.',
      shape: () => bars('none'),
      influxdb: [
        course({
          from: 'end',
          columns: { evictions: perMinute('lived_seconds') },
          where: [...where, `"outcome" = 'evicted'`],
          by: 'reason',
          fill: '0',
        }),
      ],
      prometheus: [over(each('reason', node(ends, 'outcome="evicted"', ofKindLabel)), '{{reason}}')],
    },
    {
      ...half,
      title: 'Ends by kind and outcome',
      help: 'All ends in the time shown. Prometheus reckons them from counters that it reads now and then: it gives fractions, and misses the first end of each sort after a start of the daemon.',
      shape: (database) =>
        database === 'influxdb'
          ? table({ Time: null, kind: { title: 'Kind' } })
          : table({
              Time: null,
              kind: { title: 'Kind' },
              outcome: { title: 'Outcome' },
              Value: { title: 'Ends', unit: 'none' },
            }).decimals(0),
      influxdb: [
        rows(
          'end',
          { Ends: 'count("lived_seconds")', 'Lived, s': 'mean("lived_seconds")' },
          where,
          'kind',
          'outcome',
        ),
      ],
      prometheus: [row(`sum by (kind, outcome) (${grown(node(ends, ofKindLabel))})`)],
    },
    {
      ...half,
      title: 'From an end to the next start',
      help: 'How long a slot was empty between two pilots, where neither a rule nor a back-off kept it so. About what the engine takes to start one; much more is an engine that is slow.',
      shape: () => lines('s'),
      influxdb: [
        course({
          from: 'refill',
          columns: { mean: 'mean("mean_gap_seconds")', 'longest mean': 'max("mean_gap_seconds")' },
          where: [ofNode],
        }),
      ],
      prometheus: [
        over(meanOf(node, 'plancton_refill_gap_seconds', 'instance'), 'mean'),
        over(quantileOf(node, 0.95, 'plancton_refill_gap_seconds'), '95 % are below'),
      ],
    },
    {
      ...half,
      title: 'How long pilots lived, by outcome',
      help: 'The mean life of pilots that ended. Seconds are a kind that finds nothing to do; a `fizzle` makes it wait after such ends.',
      shape: () => lines('s', lives),
      influxdb: [course({ from: 'end', columns: { lived: 'mean("lived_seconds")' }, where, by: 'outcome' })],
      prometheus: [],
    },
    {
      ...half,
      title: 'Most memory of a pilot, by kind',
      help: 'The most that any pilot used which ended. Near the limit of its kind (`memory`) it is about to be killed by the kernel; far below it, more pilots would fit.',
      shape: () => lines('decbytes'),
      influxdb: [course({ from: 'end', columns: { peak: 'max("peak_memory_bytes")' }, where, by: 'kind' })],
      prometheus: [],
    },
  ],
};
