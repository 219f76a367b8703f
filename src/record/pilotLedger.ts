import type { KnownPilot, PilotRecord } from '../model/history.ts';
import type { PilotUse } from '../model/host.ts';
import type { Outcome, Pilot, PilotEnd } from '../model/pilot.ts';
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
  /** Where the engine is that has them. */
  readonly endpoint: string;
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
  /** The number of that look. */
  seenAt: number;
  /** What was last taken of it: it is the same object while nothing changes. */
  taken: Pilot | null;
  takenUse: PilotUse | null;
};

/** What was seen of one that has a record, or never ran, is kept for so long: its record is made beside the tick. */
const keptMs = 60_000;
/** So many pilots without a record are remembered. */
const mostKnown = 2000;

const unseen = { seenMs: 0, seenAt: 0, taken: null, takenUse: null };

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
  #looks = 0;
  #endpoint = '';

  /** `remembered` is what a daemon before this one knew. */
  constructor(remembered: readonly KnownPilot[] = []) {
    for (const known of remembered)
      this.#rows.set(known.id, { ...known, hasRun: true, wasMet: false, isRecorded: false, ...unseen });
  }

  /** Takes what a tick saw. */
  note({ pilots, use, asked, endpoint, nowMs, wallMs }: SeenNow): void {
    this.#looks += 1;
    this.#endpoint = endpoint;
    for (const pilot of pilots) {
      const row = this.#rows.get(pilot.id) ?? (pilot.managed ? this.#newRow(pilot) : null);
      if (row === null) continue;
      row.seenMs = nowMs;
      row.seenAt = this.#looks;
      this.#change(row, 'endpoint', endpoint);
      if (row.taken !== pilot && pilot.managed) this.#take(row, pilot, wallMs - nowMs);
      const used = use.get(pilot.id);
      if (used !== undefined && row.takenUse !== used) takeUse(row, used);
    }
    if (asked.length > 0) this.#takeOrders(asked);
    for (const [id, row] of this.#rows)
      if ((row.isRecorded || !row.hasRun) && nowMs - row.seenMs > keptMs) this.#rows.delete(id);
  }

  /** `aheadMs` is how far the clock on the wall is ahead of the other. */
  #take(row: Row, pilot: Pilot, aheadMs: number): void {
    row.taken = pilot;
    if (pilot.state !== 'ended') row.wasMet = true;
    this.#change(row, 'hasRun', row.hasRun || hasRun(pilot));
    this.#change(row, 'kind', pilot.kind);
    if (pilot.imageId !== '') this.#change(row, 'imageId', pilot.imageId);
    if (pilot.startedAtMs.known && row.startedAtWallMs === null)
      this.#change(row, 'startedAtWallMs', Math.round(pilot.startedAtMs.value + aheadMs));
    if (row.end !== pilot.end && pilot.end !== null) this.#change(row, 'end', pilot.end);
    this.#notePause(row, pilot);
  }

  #takeOrders(asked: readonly AskedToEnd[]): void {
    const orders = new Map(asked.map((one) => [one.pilot, one]));
    for (const row of this.#rows.values()) {
      const order = row.asked === null && row.seenAt === this.#looks ? orders.get(row.name) : undefined;
      if (order !== undefined) this.#change(row, 'asked', { outcome: order.outcome, why: order.why ?? null });
    }
  }

  /** What was seen of a pilot until now. */
  of(id: string, nowMs: number): SeenOfPilot {
    const row = this.#rows.get(id);
    if (row === undefined) return nothing;
    const { cpuMs, peakMemoryBytes, pausedMs, pausedSinceMs, imageId, startedAtWallMs } = row;
    const pausedNowMs = pausedSinceMs === null ? 0 : Math.max(0, nowMs - pausedSinceMs);
    return { cpuMs, peakMemoryBytes, pausedMs: pausedMs + pausedNowMs, imageId, startedAtWallMs };
  }

  /** How a pilot ended, where that was with its engine, of which an inspection says nothing; null for anything else. */
  endedWithEngine(id: string): PilotEnd | null {
    const end = this.#rows.get(id)?.end ?? null;
    return end?.engineRestart === true ? end : null;
  }

  /**
   * Those that have run, have no record, and were not among the pilots that were noted last. Of those that another engine
   * has nothing can be said.
   */
  missing(): readonly KnownPilot[] {
    const missing: KnownPilot[] = [];
    for (const row of this.#rows.values())
      if (row.seenAt !== this.#looks && row.hasRun && !row.isRecorded && this.#isHere(row)) missing.push(row);
    return missing;
  }

  #isHere({ endpoint }: Row): boolean {
    return endpoint === '' || endpoint === this.#endpoint;
  }

  /** Whether this daemon has seen a pilot before its end. */
  wasMet(id: string): boolean {
    return this.#rows.get(id)?.wasMet === true;
  }

  /** Whether this daemon has seen a pilot at all. */
  wasSeen(id: string): boolean {
    return (this.#rows.get(id)?.seenAt ?? 0) > 0;
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

  #newRow({ id, name, kind, imageId }: Pilot): Row {
    const life = { end: null, asked: null, pausedSinceMs: null, ...nothing };
    const row: Row = {
      ...life,
      id,
      name,
      kind,
      imageId,
      endpoint: this.#endpoint,
      hasRun: false,
      wasMet: false,
      isRecorded: false,
      ...unseen,
    };
    this.#rows.set(id, row);
    return row;
  }
}

function takeUse(row: Row, used: PilotUse): void {
  row.takenUse = used;
  row.cpuMs = Math.max(row.cpuMs ?? 0, used.cpuMs);
  row.peakMemoryBytes = Math.max(row.peakMemoryBytes ?? 0, used.memoryBytes);
}

function hasRun({ state, end, startedAtMs }: Pilot): boolean {
  return state === 'running' || state === 'paused' || end !== null || startedAtMs.known;
}
