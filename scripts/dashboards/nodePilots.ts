import { slots } from './colours.ts';
import { course, ofKind, ofNode } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { node, ofKind as ofKindLabel, over } from './prometheus.ts';
import { lines, stacked, steps, timeline, withLimit } from './shapes.ts';

const half = { width: 12, height: 8 };
const where = [ofNode, ofKind];
const states = ['running', 'paused', 'prepared', 'starting', 'ended'] as const;

/** Pilots of one node, the room for them, and what stands in their way. */
export const nodePilots: RowPlan = {
  title: 'Slots and pilots',
  panels: [
    {
      ...half,
      title: 'Slots',
      help: 'Pilots that have a slot, the most that there may be (`max_docks`), and containers that take room without a proof of being ours. Taken slots should be at the limit while the owner leaves room.',
      shape: () => steps('none', slots),
      influxdb: [
        course({
          from: 'node',
          columns: {
            'slots taken': 'last("slots_taken")',
            limit: 'last("pilot_limit")',
            'not ours': 'last("unmanaged")',
          },
          where: [ofNode],
        }),
      ],
      prometheus: [
        over(node('plancton_slots_taken'), 'slots taken'),
        over(node('plancton_pilots_limit'), 'limit'),
        over(node('plancton_unmanaged_containers'), 'not ours'),
      ],
    },
    {
      ...half,
      title: 'Running pilots by kind',
      help: 'Which kinds have the node. Over hours their CPU time goes by their `share`, among those that have work: `planctonctl kinds`.',
      shape: () => withLimit(stacked('none', { limit: 'red' }), 'limit'),
      influxdb: [
        course({ from: 'pilots', columns: { running: 'mean("running")' }, where, by: 'kind' }),
        course({ from: 'node', columns: { limit: 'last("pilot_limit")' }, where: [ofNode] }),
      ],
      prometheus: [
        over(`sum by (kind) (${node('plancton_pilots', 'state="running"', ofKindLabel)})`, '{{kind}}'),
        over(node('plancton_pilots_limit'), 'limit'),
      ],
    },
    {
      ...half,
      title: 'Pilots by state',
      help: 'What pilots are doing. Paused ones were frozen for the owner’s sake; prepared ones are made and not started, to be quick; ended ones that pile up are an engine that cannot remove them.',
      shape: () => stacked('none', slots),
      influxdb: [
        {
          influxql: `SELECT ${states.map((state) => `sum("${state}") AS "${state}"`).join(', ')} FROM (SELECT ${states.map((state) => `mean("${state}") AS "${state}"`).join(', ')} FROM "pilots" WHERE ${where.join(' AND ')} AND $timeFilter GROUP BY time($__interval), "kind" fill(none)) WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
          alias: '$col',
        },
      ],
      prometheus: [over(`sum by (state) (${node('plancton_pilots', ofKindLabel)})`, '{{state}}')],
    },
    {
      ...half,
      title: 'State, and what holds up one more',
      help: 'What the daemon did, and the rule that kept one more pilot from starting. “limit” is as it should be; “cpu”, “memory”, “user” and the like are the owner; “image” and “engine” are for you to look at.',
      shape: (database) => timeline(database === 'influxdb'),
      influxdb: [
        course({ from: 'daemon', columns: { state: 'last("status")' }, where: [ofNode] }),
        course({ from: 'node', columns: { 'held up by': 'last("refusal")' }, where: [ofNode] }),
      ],
      prometheus: [
        over(`${node('plancton_state')} == 1`, '{{state}}'),
        over(node('plancton_start_refused'), 'held up by: {{rule}}'),
      ],
    },
    {
      ...half,
      title: 'Back-off by kind',
      help: 'How long a kind still waits because its pilots found no work or failed. It starts one to try when that is over. A kind that always waits has no work for this node, or a fault: `planctonctl history --kind KIND`.',
      shape: () => lines('s'),
      influxdb: [course({ from: 'pilots', columns: { wait: 'max("back_off_seconds")' }, where, by: 'kind' })],
      prometheus: [over(node('plancton_kind_back_off_seconds', ofKindLabel), '{{kind}}')],
    },
    {
      ...half,
      title: 'Fruitless pilots in a row, by kind',
      help: 'How many pilots of a kind, one after the other, found no work or failed. It is 0 after one that found work.',
      shape: () => steps('none'),
      influxdb: [course({ from: 'pilots', columns: { fruitless: 'max("fruitless")' }, where, by: 'kind' })],
      prometheus: [over(node('plancton_kind_fruitless_pilots', ofKindLabel), '{{kind}}')],
    },
  ],
};
