import type { Point, SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { InfluxSink, type InfluxSinkParts } from './influxSink.ts';

/** Several places to tell the world, each with a buffer and troubles of its own. */
export interface Sinks {
  write(points: readonly Point[]): void;
  states(): SinkState[];
  /**
   * Other targets from now on. One that is kept keeps what waits to be sent to it; one that goes is closed beside all
   * else, with at most `deadlineMs` to send what is left.
   */
  useTargets(targets: readonly InfluxTarget[], deadlineMs: number): void;
  /** Closes all at once; takes no longer than one. */
  close(deadlineMs: number): Promise<void>;
}

/** One sink per target; none for none. */
export function createSinks(targets: readonly InfluxTarget[], parts: Omit<InfluxSinkParts, 'target'>): Sinks {
  const sinkFor = (target: InfluxTarget): Entry => ({
    key: keyOf(target),
    sink: new InfluxSink({ ...parts, target }),
  });
  let entries = targets.map(sinkFor);
  return {
    write: (points) => {
      for (const { sink } of entries) sink.write(points);
    },
    states: () => entries.map(({ sink }) => sink.state()),
    useTargets: (wanted, deadlineMs) => {
      const before = new Map(entries.map((entry) => [entry.key, entry]));
      const now = wanted.map((target) => before.get(keyOf(target)) ?? sinkFor(target));
      for (const entry of entries) if (!now.includes(entry)) void entry.sink.close(deadlineMs);
      entries = now;
    },
    close: async (deadlineMs) => {
      await Promise.all(entries.map(({ sink }) => sink.close(deadlineMs)));
    },
  };
}

interface Entry {
  readonly key: string;
  readonly sink: InfluxSink;
}

/** All of a target, its password too: nothing prints it. */
function keyOf(target: InfluxTarget): string {
  return JSON.stringify({ ...target, password: target.password?.reveal() });
}
