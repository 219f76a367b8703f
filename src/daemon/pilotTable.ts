import type { ContainerDetail, ContainerEvent, ContainerSummary } from '../model/engine.ts';
import type { Pilot, PilotEnd, PilotState } from '../model/pilot.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import type { Ownership } from './ownership.ts';

/** What is known of one container beyond what decisions need. */
interface Row {
  readonly pilot: Pilot;
  /** The engine's stamp of its start, to reckon its life by the engine's own clock. */
  readonly startedAtWallMs: number | null;
  /** Its first process, where an inspection told. */
  readonly pid: number | null;
  /** When an event or a verb of ours last told something of it. */
  readonly touchedMs: number;
}

/** How whose-it-is decides what we do with a container: manage it, count it, or never look at it. */
export type Standing = 'managed' | 'counted' | 'ignored';

/** The standing of a container. Unproven ones take room and are left alone; the original's are adopted on request. */
export function standingOf(ownership: Ownership, adoptUnlabelled: boolean): Standing {
  switch (ownership) {
    case 'ours':
      return 'managed';
    case 'original':
      return adoptUnlabelled ? 'managed' : 'counted';
    case 'unproven':
      return 'counted';
    case 'foreign':
      return 'ignored';
  }
}

/** The pilots as the engine's listings and events, and our own calls, tell them. */
export class PilotTable {
  readonly #rows = new Map<string, Row>();

  pilots(): Pilot[] {
    return [...this.#rows.values()].map((row) => row.pilot);
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

  /**
   * Takes a whole listing, asked for at `askedMs`. What events told since then is newer and stays. `details` are the
   * inspections of those that needed one; `ageOf` reckons how long a running one has run.
   */
  applyListing(
    listed: readonly { container: ContainerSummary; managed: boolean }[],
    details: ReadonlyMap<string, ContainerDetail>,
    ageOf: (detail: ContainerDetail) => Reading<number>,
    askedMs: number,
    nowMs: number,
  ): void {
    const seen = new Set(listed.map(({ container }) => container.id));
    for (const [id, row] of this.#rows) if (!seen.has(id) && row.touchedMs < askedMs) this.#rows.delete(id);
    for (const { container, managed } of listed) {
      const before = this.#rows.get(container.id);
      if (before !== undefined && before.touchedMs >= askedMs) continue;
      const detail = details.get(container.id);
      this.#rows.set(container.id, {
        pilot: {
          id: container.id,
          name: container.name,
          managed,
          state: container.state,
          imageId: container.imageId,
          startedAtMs: startOf(before?.pilot, detail, ageOf, nowMs),
          stateSinceMs: before?.pilot.state === container.state ? before.pilot.stateSinceMs : nowMs,
          end: container.state === 'ended' ? (before?.pilot.end ?? endOf(detail)) : null,
        },
        startedAtWallMs: detail?.startedAtWallMs ?? before?.startedAtWallMs ?? null,
        pid: detail?.pid ?? before?.pid ?? null,
        touchedMs: before?.touchedMs ?? Number.NEGATIVE_INFINITY,
      });
    }
  }

  /**
   * Takes one event. `imageId` is the image that a container made now is of: events do not tell it. Returns whether the
   * event changed what decisions rest on.
   */
  applyEvent(event: ContainerEvent, managed: boolean, imageId: string, nowMs: number): boolean {
    const before = this.#rows.get(event.id);
    if (event.what === 'remove') return this.#rows.delete(event.id);
    if (event.what === 'oom') return false;
    // An event of the past (replayed after a reconnect) must not bring an ended pilot back to life.
    if (before?.pilot.state === 'ended') return false;
    const state = stateAfter(event.what);
    const startedNow = event.what === 'start';
    const startedAtWallMs = startedNow ? event.atWallMs : (before?.startedAtWallMs ?? null);
    const startedAtMs = startedNow
      ? known(nowMs)
      : (before?.pilot.startedAtMs ?? unknown('its start was not seen'));
    this.#rows.set(event.id, {
      pilot: {
        id: event.id,
        name: event.name,
        managed,
        state,
        imageId: before?.pilot.imageId ?? imageId,
        startedAtMs,
        stateSinceMs: nowMs,
        end: event.what === 'die' ? endFromEvent(event, startedAtWallMs, startedAtMs, nowMs) : null,
      },
      startedAtWallMs,
      pid: before?.pid ?? null,
      touchedMs: nowMs,
    });
    return true;
  }

  /** Takes the success of our own preparation, unless its event came first. */
  noteMade(id: string, name: string, imageId: string, nowMs: number): void {
    if (this.#rows.has(id)) return;
    this.#rows.set(id, {
      pilot: {
        id,
        name,
        managed: true,
        state: 'created',
        imageId,
        startedAtMs: unknown('it has not started'),
        stateSinceMs: nowMs,
        end: null,
      },
      startedAtWallMs: null,
      pid: null,
      touchedMs: nowMs,
    });
  }

  /** Takes the success of our own start: the engine's event may still be on its way, or already here. */
  noteStarted(id: string, name: string, imageId: string, nowMs: number): void {
    const before = this.#rows.get(id);
    if (before !== undefined && before.pilot.state !== 'created') return;
    this.#rows.set(id, {
      pilot: {
        id,
        name,
        managed: true,
        state: 'running',
        imageId: before?.pilot.imageId ?? imageId,
        startedAtMs: known(nowMs),
        stateSinceMs: nowMs,
        end: null,
      },
      startedAtWallMs: before?.startedAtWallMs ?? null,
      pid: before?.pid ?? null,
      touchedMs: nowMs,
    });
  }

  /** Takes the success of our own stop. Its event may come later, or never (an unlabelled container tells none). */
  noteStopped(name: string, nowMs: number): void {
    for (const [id, row] of this.#rows) {
      const { pilot } = row;
      if (pilot.name !== name || pilot.end !== null) continue;
      const livedMs = pilot.startedAtMs.known ? nowMs - pilot.startedAtMs.value : 0;
      const end = { exitCode: null, livedMs };
      this.#rows.set(id, {
        ...row,
        pilot: { ...pilot, state: 'ended', stateSinceMs: nowMs, end },
        touchedMs: nowMs,
      });
    }
  }

  /** Takes the success of our own removal. */
  noteRemoved(name: string): void {
    for (const [id, row] of this.#rows) if (row.pilot.name === name) this.#rows.delete(id);
  }
}

function stateAfter(what: Exclude<ContainerEvent['what'], 'remove' | 'oom'>): PilotState {
  switch (what) {
    case 'create':
      return 'created';
    case 'start':
    case 'unpause':
      return 'running';
    case 'pause':
      return 'paused';
    case 'die':
      return 'ended';
  }
}

function startOf(
  before: Pilot | undefined,
  detail: ContainerDetail | undefined,
  ageOf: (detail: ContainerDetail) => Reading<number>,
  nowMs: number,
): Reading<number> {
  if (before?.startedAtMs.known === true) return before.startedAtMs;
  if (detail === undefined) return unknown('it was not inspected');
  const age = ageOf(detail);
  return age.known ? known(nowMs - age.value) : age;
}

function endOf(detail: ContainerDetail | undefined): PilotEnd | null {
  if (detail === undefined || detail.startedAtWallMs === null) return null;
  const livedMs = Math.max(0, (detail.endedAtWallMs ?? detail.startedAtWallMs) - detail.startedAtWallMs);
  return { exitCode: detail.exitCode, livedMs };
}

/** Both stamps are the engine's where both were seen; otherwise our own clock, which saw the start. */
function endFromEvent(
  event: ContainerEvent,
  startedAtWallMs: number | null,
  startedAtMs: Reading<number>,
  nowMs: number,
): PilotEnd {
  if (startedAtWallMs !== null)
    return { exitCode: event.exitCode, livedMs: Math.max(0, event.atWallMs - startedAtWallMs) };
  return { exitCode: event.exitCode, livedMs: startedAtMs.known ? nowMs - startedAtMs.value : 0 };
}
