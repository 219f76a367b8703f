import type { PilotUse } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';

/** What the daemon has seen of a pilot's life that nothing tells after its end. */
export interface SeenOfPilot {
  /** CPU time by its own cgroup, as it was last read; null where it never was. */
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly pausedMs: number;
}

interface Row {
  cpuMs: number | null;
  peakMemoryBytes: number | null;
  /** The reading that was last taken note of. */
  lastUse: PilotUse | null;
  /** Pauses that are over, and since when it is paused now. */
  pausedMs: number;
  pausedSinceMs: number | null;
  /** When it was last among the pilots. */
  seenMs: number;
}

/** What was seen of one that is gone is kept for so long: its record is made beside the tick. */
const keptMs = 60_000;

/**
 * Follows what pilots use and how long they are paused, from tick to tick, in memory only: a daemon that begins anew reads
 * CPU time since the pilot's start again, and knows of no pause before its own time.
 */
export class PilotLedger {
  readonly #rows = new Map<string, Row>();

  /** Takes what a tick saw. `nowMs` and all times of pilots are of the same monotonic clock. */
  note(pilots: readonly Pilot[], use: ReadonlyMap<string, PilotUse>, nowMs: number): void {
    for (const pilot of pilots) {
      if (!pilot.managed) continue;
      const row = this.#rowOf(pilot.id, nowMs);
      row.seenMs = nowMs;
      if (pilot.state === 'paused') row.pausedSinceMs ??= pilot.stateSinceMs;
      else if (row.pausedSinceMs !== null) {
        row.pausedMs += Math.max(0, pilot.stateSinceMs - row.pausedSinceMs);
        row.pausedSinceMs = null;
      }
      const used = use.get(pilot.id);
      // Pilots are read in turn: most have been taken note of before.
      if (used === undefined || used === row.lastUse) continue;
      row.lastUse = used;
      row.cpuMs = Math.max(row.cpuMs ?? 0, used.cpuMs);
      row.peakMemoryBytes = Math.max(row.peakMemoryBytes ?? 0, used.memoryBytes);
    }
    if (this.#rows.size <= pilots.length) return;
    for (const [id, row] of this.#rows) if (nowMs - row.seenMs > keptMs) this.#rows.delete(id);
  }

  /** What was seen of a pilot until now. */
  of(id: string, nowMs: number): SeenOfPilot {
    const row = this.#rows.get(id);
    if (row === undefined) return { cpuMs: null, peakMemoryBytes: null, pausedMs: 0 };
    const { cpuMs, peakMemoryBytes, pausedMs, pausedSinceMs } = row;
    return {
      cpuMs,
      peakMemoryBytes,
      pausedMs: pausedMs + (pausedSinceMs === null ? 0 : Math.max(0, nowMs - pausedSinceMs)),
    };
  }

  #rowOf(id: string, nowMs: number): Row {
    const found = this.#rows.get(id);
    if (found !== undefined) return found;
    const row: Row = {
      cpuMs: null,
      peakMemoryBytes: null,
      lastUse: null,
      pausedMs: 0,
      pausedSinceMs: null,
      seenMs: nowMs,
    };
    this.#rows.set(id, row);
    return row;
  }
}
