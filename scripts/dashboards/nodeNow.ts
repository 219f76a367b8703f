import { growth, ofKind, ofNode, whole } from './influx.ts';
import type { RowPlan } from './plan.ts';
import { grown, node, now, ofKind as ofKindLabel } from './prometheus.ts';
import { figure, word } from './shapes.ts';

const small = { width: 4, height: 4 };
const account = { harvested: 'harvested_seconds', wasted: 'wasted_seconds' };

/** What one node does at this moment, and what it had of the time that is shown. */
export const nodeNow: RowPlan = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'State',
      help: 'What the daemon does. “waiting”: the container engine does not answer; `planctonctl status` on the node says why. “draining”: somebody asked for no new pilots; `planctonctl resume` undoes it.',
      shape: (database) => word('state', database === 'prometheus'),
      influxdb: [whole('daemon', { state: 'last("status")' }, [ofNode])],
      prometheus: [now(`${node('plancton_state')} == 1`, '{{state}}')],
    },
    {
      ...small,
      title: 'Held up by',
      help: 'The rule that keeps one more pilot from starting. “limit”: there are as many as there may be, as it should be. `planctonctl why` on the node says it in a sentence, with its numbers.',
      shape: (database) => word('rule', database === 'prometheus').noValue('nothing'),
      influxdb: [whole('node', { rule: 'last("refusal")' }, [ofNode])],
      prometheus: [now(node('plancton_start_refused'), '{{rule}}')],
    },
    {
      ...small,
      title: 'Pilots',
      help: 'Pilots of the chosen kinds that run, and the most that there may be of all kinds together (`max_docks`).',
      shape: () => figure('none'),
      influxdb: [
        whole(
          '(SELECT last("running") AS "running" FROM "pilots" WHERE ' +
            `${ofNode} AND ${ofKind} AND $timeFilter GROUP BY "kind")`,
          { running: 'sum("running")' },
          [],
        ),
        whole('node', { 'at most': 'last("pilot_limit")' }, [ofNode]),
      ],
      prometheus: [
        now(`sum(${node('plancton_pilots', 'state="running"', ofKindLabel)})`, 'running'),
        now(node('plancton_pilots_limit'), 'at most'),
      ],
    },
    {
      ...small,
      title: 'CPU given to pilots',
      help: 'CPU hours that pilots have had in the time shown. What no node can tell (pilots on an engine elsewhere) is not in it.',
      shape: () => figure('suffix: h').decimals(1),
      influxdb: [whole(growth(account, [ofNode]), { 'CPU hours': 'sum("harvested") / 3600' }, [])],
      prometheus: [now(`${grown(node('plancton_harvested_cpu_seconds_total'))} / 3600`, 'CPU hours')],
    },
    {
      ...small,
      title: 'Of that wasted',
      help: 'The part of it that pilots had had who were then evicted: their work is lost. Much of it says that pilots live too long for this owner; `learn`, shorter pilots or fewer of them help.',
      shape: () =>
        figure('percentunit', [
          [0.05, 'yellow'],
          [0.2, 'red'],
        ])
          .decimals(1)
          .noValue('nothing'),
      influxdb: [whole(growth(account, [ofNode]), { wasted: 'sum("wasted") / sum("harvested")' }, [])],
      prometheus: [
        now(
          `${grown(node('plancton_wasted_cpu_seconds_total'))} / ${grown(node('plancton_harvested_cpu_seconds_total'))}`,
          'wasted',
        ),
      ],
    },
    {
      ...small,
      title: 'Daemon runs for',
      help: 'Since the daemon began. Pilots outlive its restarts.',
      shape: () => figure('s').decimals(0),
      influxdb: [whole('daemon', { 'runs for': 'last("uptime")' }, [ofNode])],
      prometheus: [now(`time() - ${node('process_start_time_seconds')}`, 'runs for')],
    },
  ],
};
