import type { SinkState } from '../model/point.ts';
import type { MetricFamily } from './metricsText.ts';
import { counter, flag, gauge, only } from './metricShapes.ts';

/** The databases that the daemon itself writes to. */
export function sinkMetrics(sinks: readonly SinkState[]): readonly MetricFamily[] {
  const spooled = sinks.filter(({ spool }) => spool !== undefined);
  // Two that are written alike (by different users, say) are told as one: a series that comes twice spoils a whole scrape.
  const each = (value: (sink: SinkState) => number, of = sinks) =>
    [...new Set(of.map(({ target }) => target))].flatMap((target) => {
      const alike = of.filter((sink) => sink.target === target);
      return only(
        alike.reduce((sum, sink) => sum + value(sink), 0),
        { target },
      );
    });
  return [
    gauge(
      'plancton_influxdb_failing',
      'Above 0 while points cannot be written to the database.',
      each(({ state }) => flag(state === 'failing')),
    ),
    counter(
      'plancton_influxdb_points_sent',
      'Points that the database has taken.',
      each(({ sentPoints }) => sentPoints),
    ),
    counter(
      'plancton_influxdb_points_dropped',
      'Points that were lost: refused for good, or too many to be kept.',
      each(({ droppedPoints }) => droppedPoints),
    ),
    gauge(
      'plancton_influxdb_points_waiting',
      'Points that wait to be written.',
      each(({ waitingPoints }) => waitingPoints),
    ),
    gauge(
      'plancton_influxdb_spool_bytes',
      'What of them is on the disk.',
      each(({ spool }) => spool?.bytes ?? 0, spooled),
    ),
    gauge(
      'plancton_influxdb_spool_limit_bytes',
      'The most that may be there.',
      each(({ spool }) => spool?.mostBytes ?? 0, spooled),
    ),
  ];
}
