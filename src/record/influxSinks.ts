import type { Point, SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { InfluxSink, type InfluxSinkParts } from './influxSink.ts';
import { openSpool, spoolName, sweepSpools } from './influxSpools.ts';

/** Several places to tell the world, each with a queue and troubles of its own. */
export interface Sinks {
  write(points: readonly Point[]): void;
  states(): SinkState[];
  /**
   * Other targets from now on. One that is kept keeps what waits to be sent to it, whatever the password is now; one that
   * goes is closed beside all else, with at most `deadlineMs` to send what is left.
   */
  useTargets(targets: readonly InfluxTarget[], deadlineMs: number): void;
  /** Closes all at once; takes no longer than one. */
  close(deadlineMs: number): Promise<void>;
}

/** What sinks need that they do not have of their targets. */
export interface SinksParts extends Omit<InfluxSinkParts, 'target' | 'spool'> {
  /** Where the points wait that cannot be sent yet; null: in memory, and no further than the end of the daemon. */
  readonly spoolFolder: string | null;
}

/** One sink per target; none for none. A database that is named twice is written to once, as its first entry has it. */
export function createSinks(targets: readonly InfluxTarget[], parts: SinksParts): Sinks {
  const { spoolFolder, log } = parts;
  const entryFor = (name: string, target: InfluxTarget): Entry => {
    const spool = spoolFolder === null ? null : openSpool(spoolFolder, name, log);
    return { name, key: keyOf(target), sink: new InfluxSink({ ...parts, target, spool }) };
  };
  const entriesFor = (wanted: readonly InfluxTarget[], before: readonly Entry[]): readonly Entry[] => {
    const named = new Map<string, InfluxTarget>();
    for (const target of wanted) {
      const name = spoolName(target);
      if (!named.has(name)) named.set(name, target);
    }
    return [...named].map(([name, target]) => {
      const old = before.find((entry) => entry.name === name);
      if (old === undefined) return entryFor(name, target);
      const key = keyOf(target);
      if (old.key !== key) old.sink.useTarget(target);
      return { ...old, key };
    });
  };
  let entries = entriesFor(targets, []);
  if (spoolFolder !== null)
    sweepSpools(
      spoolFolder,
      entries.map(({ name }) => name),
      parts.clock.wallMs(),
    );
  return {
    write: (points) => {
      for (const { sink } of entries) sink.write(points);
    },
    states: () => entries.map(({ sink }) => sink.state()),
    useTargets: (wanted, deadlineMs) => {
      const now = entriesFor(wanted, entries);
      for (const { sink } of entries)
        if (!now.some((entry) => entry.sink === sink)) void sink.close(deadlineMs);
      entries = now;
    },
    close: async (deadlineMs) => {
      await Promise.all(entries.map(({ sink }) => sink.close(deadlineMs)));
    },
  };
}

interface Entry {
  /** Of the database, and the same however that is reached. */
  readonly name: string;
  readonly key: string;
  readonly sink: InfluxSink;
}

/** All of a target, its secrets too: nothing prints it. */
function keyOf(target: InfluxTarget): string {
  return JSON.stringify({
    ...target,
    password: target.password?.reveal(),
    token: target.token?.reveal(),
  });
}
