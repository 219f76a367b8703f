import type { KnownPilot, PilotRecord } from '../model/history.ts';
import type { PilotUse } from '../model/host.ts';
import type { Outcome, Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';

/** What the daemon has seen of a pilot's life that nothing tells after its end. */
export type SeenOfPilot = Pick<
  KnownPilot,
  'cpuMs' | 'peakMemoryBytes' | 'pausedMs' | 'imageId' | 'startedAtWallMs'
>;

/** A pilot that was asked to end, by name. */
export interface AskedToEnd {
  readonly pilot: string;
  readonly outcome: Outcome;
  readonly why?: Reason;
}

/** What a tick saw of pilots. All times of pilots, and `nowMs`, are of the same monotonic clock. */
export interface SeenNow {
  readonly pilots: readonly Pilot[];
  readonly use: ReadonlyMap<string, PilotUse>;
  readonly asked: readonly AskedToEnd[];
  readonly nowMs: number;
  readonly wallMs: number;
}

type Row = { -readonly [Key in keyof KnownPilot]: KnownPilot[Key] } & {
  /** It has run: one that was only made is nobody's loss. */
  hasRun: boolean;
  /** This daemon has seen it before its end: no other one has made its record. */
  wasMet: boolean;
  isRecorded: boolean;
  /** When it was last among the pilots. */
  seenMs: number;
};

/** What was seen of one that has a record, or never ran, is kept for so long: its record is made beside the tick. */
const keptMs = 60_000;
/** So many pilots without a record are remembered. */
const mostKnown = 2000;

const nothing: SeenOfPilot = {
  cpuMs: null,
  peakMemoryBytes: null,
  pausedMs: 0,
  imageId: '',
  startedAtWallMs: null,
};

/**
 * Follows pilots from tick to tick until each has a record: what they use, how long they are paused, how they ended. What
 * it knows of those that have none outlives the daemon (`remembered`), so that one which is gone then is missed.
 */
export class PilotLedger {
  readonly #rows = new Map<string, Row>();
  #remembered: readonly KnownPilot[] | null = null;

  /** `remembered` is what a daemon before this one knew. */
  constructor(remembered: readonly KnownPilot[] = []) {
    for (const known of remembered)
      this.#rows.set(known.id, { ...known, hasRun: true, wasMet: false, isRecorded: false, seenMs: 0 });
  }

  /** Takes what a tick saw. */
  note({ pilots, use, asked, nowMs, wallMs }: SeenNow): void {
    const leaving = new Map(asked.map((one) => [one.pilot, one]));
    for (const pilot of pilots) {
      if (!pilot.managed) continue;
      const row = this.#rows.get(pilot.id) ?? this.#newRow(pilot, nowMs);
      row.seenMs = nowMs;
      if (pilot.state !== 'ended') row.wasMet = true;
      const wallOf = (ms: number): number => wallMs - (nowMs - ms);
      this.#change(row, 'hasRun', row.hasRun || hasRun(pilot));
      this.#change(row, 'kind', pilot.kind);
      if (pilot.imageId !== '') this.#change(row, 'imageId', pilot.imageId);
      if (pilot.startedAtMs.known && row.startedAtWallMs === null)
        this.#change(row, 'startedAtWallMs', Math.round(wallOf(pilot.startedAtMs.value)));
      if (row.end !== pilot.end && pilot.end !== null) this.#change(row, 'end', pilot.end);
      this.#notePause(row, pilot);
      const order = leaving.get(pilot.name);
      if (order !== undefined && row.asked === null)
        this.#change(row, 'asked', { outcome: order.outcome, why: order.why ?? null });
      const used = use.get(pilot.id);
      if (used === undefined) continue;
      row.cpuMs = Math.max(row.cpuMs ?? 0, used.cpuMs);
      row.peakMemoryBytes = Math.max(row.peakMemoryBytes ?? 0, used.memoryBytes);
    }
    for (const [id, row] of this.#rows)
      if ((row.isRecorded || !row.hasRun) && nowMs - row.seenMs > keptMs) this.#rows.delete(id);
  }

  /** What was seen of a pilot until now. */
  of(id: string, nowMs: number): SeenOfPilot {
    const row = this.#rows.get(id);
    if (row === undefined) return nothing;
    const { cpuMs, peakMemoryBytes, pausedMs, pausedSinceMs, imageId, startedAtWallMs } = row;
    const pausedNowMs = pausedSinceMs === null ? 0 : Math.max(0, nowMs - pausedSinceMs);
    return { cpuMs, peakMemoryBytes, pausedMs: pausedMs + pausedNowMs, imageId, startedAtWallMs };
  }

  /** Those that have run, have no record, and are not among these pilots any more. */
  missing(pilots: readonly Pilot[]): readonly KnownPilot[] {
    const there = new Set(pilots.map(({ id }) => id));
    return [...this.#rows.values()].filter((row) => row.hasRun && !row.isRecorded && !there.has(row.id));
  }

  /** Whether this daemon has seen a pilot before its end. */
  wasMet(id: string): boolean {
    return this.#rows.get(id)?.wasMet === true;
  }

  /** Whether this daemon has seen a pilot at all. */
  wasSeen(id: string): boolean {
    return (this.#rows.get(id)?.seenMs ?? 0) > 0;
  }

  /** A pilot has its record: it is missed no more. */
  noteRecorded(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined || row.isRecorded) return;
    row.isRecorded = true;
    this.#remembered = null;
  }

  /** Its record waits, and its container may go: what it says is all that the next daemon will know. */
  noteWaiting(record: PilotRecord): void {
    const row = this.#rows.get(record.id);
    if (row === undefined) return;
    const { startedAtWallMs, endedAtWallMs, exitCode, outcome, reason, said } = record;
    const livedMs = startedAtWallMs === null ? 0 : endedAtWallMs - startedAtWallMs;
    row.startedAtWallMs = startedAtWallMs;
    row.end = { exitCode, livedMs, said: said === '' ? null : { code: null, text: said } };
    row.asked = { outcome, why: reason };
    this.#remembered = null;
  }

  /** What the next daemon has to know: those that have run and have no record. The same array while that is the same. */
  remembered(): readonly KnownPilot[] {
    this.#remembered ??= [...this.#rows.values()]
      .filter((row) => row.hasRun && !row.isRecorded)
      .slice(-mostKnown);
    return this.#remembered;
  }

  #notePause(row: Row, { state, stateSinceMs }: Pilot): void {
    if (state === 'paused') {
      if (row.pausedSinceMs === null) this.#change(row, 'pausedSinceMs', stateSinceMs);
      return;
    }
    if (row.pausedSinceMs === null) return;
    this.#change(row, 'pausedMs', row.pausedMs + Math.max(0, stateSinceMs - row.pausedSinceMs));
    this.#change(row, 'pausedSinceMs', null);
  }

  /** Changes what is worth being remembered at once. */
  #change<Key extends keyof Row>(row: Row, key: Key, value: Row[Key]): void {
    if (row[key] === value) return;
    row[key] = value;
    this.#remembered = null;
  }

  #newRow({ id, name, kind, imageId }: Pilot, nowMs: number): Row {
    const life = { end: null, asked: null, pausedSinceMs: null, ...nothing };
    const row: Row = {
      ...life,
      id,
      name,
      kind,
      imageId,
      hasRun: false,
      wasMet: false,
      isRecorded: false,
      seenMs: nowMs,
    };
    this.#rows.set(id, row);
    return row;
  }
}

function hasRun({ state, end, startedAtMs }: Pilot): boolean {
  return state === 'running' || state === 'paused' || end !== null || startedAtMs.known;
}
