import { lives } from './colours.ts';
import { course, ofFleet, ofKind, perMinute, sumOverNodes } from './influx.ts';
import type { InfluxTarget, RowPlan } from './plan.ts';
import { fleet, ofKind as ofKindLabel, over, quantileOf, rate } from './prometheus.ts';
import { bars, lines } from './shapes.ts';

const third = { width: 8, height: 8 };
const where = [ofFleet, ofKind];
const ends = 'plancton_pilot_ends_total';
const starts = 'plancton_engine_call_duration_seconds';
const gaps = 'plancton_refill_gap_seconds';
const each = (by: string, selected: string): string => `60 * sum by (${by}) (${rate(selected)})`;
const mean = (histogram: string, ...labels: readonly string[]): string =>
  `sum(${rate(fleet(`${histogram}_sum`, ...labels))}) / sum(${rate(fleet(`${histogram}_count`, ...labels))})`;
/** The mean of what nodes tell as means, and the longest of these. */
const means = (from: string, field: string, ...where: readonly string[]): InfluxTarget =>
  course({
    from,
    columns: { mean: `mean("${field}")`, 'longest of a node': `max("${field}")` },
    where: [ofFleet, ...where],
  });

/** How pilots of the fleet began and ended. */
export const fleetLives: RowPlan = {
  title: 'Starts and ends',
  panels: [
    {
      ...third,
      title: 'Starts a minute',
      help: 'Pilots that were started, and starts that failed. Many failures on few nodes are those nodes (“Most failures”); on all of them, the image.',
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
      prometheus: [over(each('result', fleet('plancton_pilot_starts_total', ofKindLabel)), '{{result}}')],
    },
    {
      ...third,
      title: 'Ends a minute by outcome',
      help: 'How pilots ended. “failed” and “never-started” are faults of theirs or of their image; “no-work” makes their kind wait; “evicted” is work that was lost for an owner’s sake.',
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
      prometheus: [over(each('outcome', fleet(ends, ofKindLabel)), '{{outcome}}')],
    },
    {
      ...third,
      title: 'Evictions a minute by reason',
      help: 'The rule for which pilots were evicted. A wave of “memory” or “cpu” each morning is owners who begin to work: `learn` holds back what would not be done by then.',
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
      prometheus: [over(each('reason', fleet(ends, 'outcome="evicted"', ofKindLabel)), '{{reason}}')],
    },
    {
      ...third,
      title: 'Engine: how long a start takes',
      help: 'The time that container engines need to start a pilot, over all nodes. About 0.3 s is common; a rise on all nodes at once is often a new image or a registry.',
      shape: () => lines('s'),
      influxdb: [means('engine', 'mean_seconds', `"verb" = 'start'`)],
      prometheus: [
        over(mean(starts, 'verb="start"'), 'mean'),
        over(quantileOf(fleet, 0.95, starts, 'verb="start"'), '95 % are below'),
      ],
    },
    {
      ...third,
      title: 'From an end to the next start',
      help: 'How long slots were empty between two pilots, where neither a rule nor a back-off kept them so.',
      shape: () => lines('s'),
      influxdb: [means('refill', 'mean_gap_seconds')],
      prometheus: [over(mean(gaps), 'mean'), over(quantileOf(fleet, 0.95, gaps), '95 % are below')],
    },
    {
      ...third,
      title: 'Points for InfluxDB that wait',
      help: 'Points of all nodes that could not be written yet. Rising on all nodes: the database is away or too slow. Nodes keep 16 MB each, then the oldest go.',
      shape: () => lines('none'),
      influxdb: [
        sumOverNodes({
          from: 'cost',
          name: 'wait to be sent',
          each: 'max("waiting_points")',
          where: [ofFleet],
        }),
      ],
      prometheus: [
        over(`sum(${fleet('plancton_influxdb_points_waiting')})`, 'wait to be sent'),
        over(`count(${fleet('plancton_influxdb_failing')} > 0) or vector(0)`, 'databases of nodes that fail'),
      ],
    },
  ],
};
