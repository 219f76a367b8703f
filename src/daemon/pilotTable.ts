import type { ContainerEvent, ContainerSummary } from '../model/engine.ts';
import type { Pilot } from '../model/pilot.ts';
import { unknown } from '../model/reading.ts';
import { type LastWordOf, maybeEnginesDoing } from './pilotEnd.ts';
import {
  type EventTaken,
  type ListingTaken,
  type Made,
  pilotOf,
  type Row,
  rowListed,
  rowOf,
  rowTold,
} from './pilotRow.ts';

/** The pilots as the engine's listings and events, and our own calls, tell them. */
export class PilotTable {
  readonly #rows = new Map<string, Row>();
  #pilots: readonly Pilot[] | null = null;
  readonly #lastWordOf: LastWordOf;

  /** `lastWordOf` is asked for once, as the end of a pilot is seen. */
  constructor(lastWordOf: LastWordOf = () => null) {
    this.#lastWordOf = lastWordOf;
  }

  /** The same array for as long as nothing has changed: what is reckoned from it need not be reckoned anew. */
  pilots(): readonly Pilot[] {
    return (this.#pilots ??= [...this.#rows.values()].map((row) => row.pilot));
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** First processes of those that run, as far as inspections told. */
  processes(): { id: string; pid: number }[] {
    return [...this.#rows.values()].flatMap(({ pid, pilot }) =>
      pid === null || pilot.end !== null ? [] : [{ id: pilot.id, pid }],
    );
  }

  /** The kind of the pilot of this name, and the CPUs that it was made with; null of what nothing tells. */
  madeAs(name: string): { readonly kind: string | null; readonly cpus: number | null } {
    const row = [...this.#rows.values()].find(({ pilot }) => pilot.name === name);
    return { kind: row?.pilot.kind ?? null, cpus: row?.cpus ?? null };
  }

  /** When this one started, in `Clock.nowMs` terms; null where that is not known. */
  startOf(id: string): number | null {
    const pilot = this.#rows.get(id)?.pilot;
    return pilot?.startedAtMs.known === true ? pilot.startedAtMs.value : null;
  }

  /** Ids whose listing alone does not tell enough: a life whose start, or whose end, was not seen. */
  needsInspection(listed: readonly ContainerSummary[]): string[] {
    return listed
      .filter((one) => {
        const pilot = this.#rows.get(one.id)?.pilot;
        if (one.state === 'ended') return pilot?.end == null;
        if (one.state === 'created') return false;
        return pilot === undefined || !pilot.startedAtMs.known;
      })
      .map((one) => one.id);
  }

  /** Takes a whole listing. What events told since it was asked for is newer and stays. */
  applyListing(
    listed: readonly { container: ContainerSummary; managed: boolean }[],
    taken: ListingTaken,
  ): void {
    const { askedMs } = taken;
    const seen = new Set(listed.map(({ container }) => container.id));
    for (const [id, row] of this.#rows) if (!seen.has(id) && row.touchedMs < askedMs) this.#drop(id);
    for (const { container, managed } of listed) {
      const before = this.#rows.get(container.id);
      if (before === undefined || !isNewer(before, container, askedMs))
        this.#put(container.id, rowListed(container, managed, before, taken, this.#lastWordOf));
    }
  }

  /** Takes one event; returns whether it changed what decisions rest on. */
  applyEvent(event: ContainerEvent, taken: EventTaken): boolean {
    const before = this.#rows.get(event.id);
    if (event.what === 'remove') return this.#drop(event.id);
    if (event.what === 'oom' || event.what === 'kill') {
      const told = event.what === 'oom' ? { outOfMemory: true } : { signalledMs: taken.nowMs };
      if (before !== undefined) this.#put(event.id, { ...before, ...told });
      return false;
    }
    // An event of the past (replayed after a reconnect) must not bring an ended pilot back to life.
    if (before?.pilot.state === 'ended') return false;
    const told = { ...event, what: event.what };
    this.#put(event.id, rowTold(told, before, taken, this.#lastWordOf));
    return true;
  }

  /** The engine has gone: what ended since `sinceMs` by a signal, or after one, and is still there, ended with it. */
  noteEngineGone(sinceMs: number): void {
    for (const [id, row] of this.#rows) {
      const { end, stateSinceMs } = row.pilot;
      const { outOfMemory, signalledMs } = row;
      if (end === null || stateSinceMs < sinceMs) continue;
      if (!maybeEnginesDoing({ ...end, outOfMemory }, signalledMs, stateSinceMs)) continue;
      this.#put(id, { ...row, pilot: { ...row.pilot, end: { ...end, engineRestart: true } } });
    }
  }

  /** Takes the success of our own preparation, unless its event came first. */
  noteMade(made: Made, nowMs: number): void {
    if (this.#rows.has(made.id)) return;
    this.#put(made.id, {
      ...rowOf(made, nowMs),
      pilot: { ...pilotOf(made, nowMs), state: 'created', startedAtMs: unknown('it has not started') },
    });
  }

  /** Takes the success of our own start: the engine's event may still be on its way, or already here. */
  noteStarted(made: Made, nowMs: number): void {
    const before = this.#rows.get(made.id);
    if (before !== undefined && before.pilot.state !== 'created') return;
    const pilot = {
      ...before?.pilot,
      ...pilotOf(made, nowMs),
      imageId: before?.pilot.imageId ?? made.imageId,
    };
    this.#put(made.id, { ...(before ?? rowOf(made, nowMs)), pilot, touchedMs: nowMs });
  }

  /** Takes the success of our own stop. Its event may come later, or never (an unlabelled container tells none). */
  noteStopped(name: string, nowMs: number): void {
    for (const [id, row] of this.#rows) {
      const { pilot } = row;
      if (pilot.name !== name || pilot.end !== null) continue;
      const livedMs = pilot.startedAtMs.known ? nowMs - pilot.startedAtMs.value : 0;
      const end = { exitCode: null, livedMs, said: this.#lastWordOf(name) };
      this.#put(id, {
        ...row,
        pilot: { ...pilot, state: 'ended', stateSinceMs: nowMs, end },
        touchedMs: nowMs,
      });
    }
  }

  /** Takes the success of our own removal. */
  noteRemoved(name: string): void {
    for (const [id, row] of this.#rows) if (row.pilot.name === name) this.#drop(id);
  }

  #put(id: string, row: Row): void {
    const before = this.#rows.get(id);
    this.#rows.set(id, row);
    if (before === undefined || !isSamePilot(before.pilot, row.pilot)) this.#pilots = null;
  }

  #drop(id: string): boolean {
    const wasThere = this.#rows.delete(id);
    if (wasThere) this.#pilots = null;
    return wasThere;
  }
}

/** An engine lists a container as it was for so long after it has told what became of it. */
const listsBehindMs = 5000;

/**
 * Whether what is known is newer than what was listed. Docker tells an end, and a pause, before its listings know of them:
 * a listing that comes between must not bring an ended pilot back to life. An end that is listed is one.
 */
function isNewer({ touchedMs, pilot }: Row, { state }: ContainerSummary, askedMs: number): boolean {
  if (touchedMs >= askedMs) return true;
  return state !== pilot.state && state !== 'ended' && askedMs - touchedMs < listsBehindMs;
}

/** A listing tells nearly always what was known. */
function isSamePilot(a: Pilot, b: Pilot): boolean {
  return (
    a.name === b.name &&
    a.managed === b.managed &&
    a.kind === b.kind &&
    a.state === b.state &&
    a.imageId === b.imageId &&
    a.startedAtMs === b.startedAtMs &&
    a.stateSinceMs === b.stateSinceMs &&
    a.end === b.end &&
    a.rules === b.rules
  );
}
