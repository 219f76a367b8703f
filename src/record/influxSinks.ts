import type { Point, SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { InfluxSink, type InfluxSinkParts } from './influxSink.ts';

/** Several places to tell the world, each with a buffer and troubles of its own. */
export interface Sinks {
  write(points: readonly Point[]): void;
  states(): SinkState[];
  /** Closes all at once; takes no longer than one. */
  close(deadlineMs: number): Promise<void>;
}

/** One sink per target; none for none. */
export function createSinks(targets: readonly InfluxTarget[], parts: Omit<InfluxSinkParts, 'target'>): Sinks {
  const sinks = targets.map((target) => new InfluxSink({ ...parts, target }));
  return {
    write: (points) => {
      for (const sink of sinks) sink.write(points);
    },
    states: () => sinks.map((sink) => sink.state()),
    close: async (deadlineMs) => {
      await Promise.all(sinks.map((sink) => sink.close(deadlineMs)));
    },
  };
}
