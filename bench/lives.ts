import { followLives } from './engine.ts';
import type { Life } from './slots.ts';

/** A record of the lives of an engine's containers, by the stamps of its events. */
export interface LifeRecord {
  lives(): readonly Life[];
  runningCount(): number;
  /** Containers that did not end by themselves: an owner who is short of CPU for too long gets his room back. */
  cutShortCount(): number;
  /** Ids of those that ended at this time (Unix milliseconds) or later. */
  endedIds(sinceMs: number): readonly string[];
  /** Throws when the record has a hole. */
  close(): void;
}

/** Begins a record; containers that ran before are not in it. */
export async function recordLives(socketPath: string): Promise<LifeRecord> {
  const byId = new Map<string, { startMs: number; endMs: number | null }>();
  let cutShort = 0;
  let broken: Error | null = null;
  const stream = await followLives(
    socketPath,
    ({ what, id, atMs, exitCode }) => {
      if (what === 'die' && exitCode !== 0) cutShort += 1;
      const life = byId.get(id);
      if (what === 'start') byId.set(id, { startMs: atMs, endMs: null });
      else if (life !== undefined) life.endMs = atMs;
    },
    (error) => {
      broken = error;
    },
  );
  return {
    lives: () => [...byId.values()],
    runningCount: () => [...byId.values()].filter(({ endMs }) => endMs === null).length,
    cutShortCount: () => cutShort,
    endedIds: (sinceMs) =>
      [...byId].flatMap(([id, { endMs }]) => (endMs !== null && endMs >= sinceMs ? [id] : [])),
    close() {
      stream.close();
      if (broken !== null) throw broken;
    },
  };
}
