import type { ContainerDetail, ContainerEvent, ContainerSummary } from '../model/engine.ts';
import type { Pilot, PilotEnd, PilotState } from '../model/pilot.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { cpusTold, kindTold, rulesTold } from './ownership.ts';
import { endInspected, endTold, type LastWordOf, maybeEnginesDoing } from './pilotEnd.ts';

/** What is known of one container beyond what decisions need. */
export interface Row {
  readonly pilot: Pilot;
  /** The engine's stamp of its start, to reckon its life by the engine's own clock. */
  readonly startedAtWallMs: number | null;
  /** Its first process, where an inspection told. */
  readonly pid: number | null;
  /** CPUs that it was made with; null where nothing has told yet. */
  readonly cpus: number | null;
  /** It ran out of memory. */
  readonly outOfMemory: boolean;
  /** When its engine last sent it a signal, in `Clock.nowMs` terms; null for never. */
  readonly signalledMs: number | null;
  /** When an event or a verb of ours last told something of it. */
  readonly touchedMs: number;
}

/** A container that a verb of ours has made or started. */
export interface Made {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly imageId: string;
}

/** What a listing is taken with. */
export interface ListingTaken {
  /** Inspections of those that needed one. */
  readonly details: ReadonlyMap<string, ContainerDetail>;
  /** How long a running one has run. */
  readonly ageOf: (detail: ContainerDetail) => Reading<number>;
  /** Whether what has ended meanwhile may have ended with its engine. */
  readonly engineWasAway: (detail: ContainerDetail) => boolean;
  /** How one ended that was seen to end with its engine before this daemon began; null for any other. */
  readonly endedWithEngine: (id: string) => PilotEnd | null;
  readonly askedMs: number;
  readonly nowMs: number;
}

/** What an event is taken with. */
export interface EventTaken {
  readonly managed: boolean;
  /** The image that a container made now is of: events do not tell it. */
  readonly imageId: string;
  readonly nowMs: number;
  /** It tells of a time in which there was no engine, or soon after. */
  readonly engineWasAway: boolean;
}

/** An event that changes what a container does. */
type Told = ContainerEvent & { readonly what: Exclude<ContainerEvent['what'], 'remove' | 'oom' | 'kill'> };

/** A container as a listing tells it, which knows nothing of what was seen before. */
export function rowListed(
  container: ContainerSummary,
  managed: boolean,
  before: Row | undefined,
  { details, ageOf, engineWasAway, endedWithEngine, nowMs }: ListingTaken,
  lastWordOf: LastWordOf,
): Row {
  const detail = details.get(container.id);
  const outOfMemory = detail?.outOfMemory ?? before?.outOfMemory ?? false;
  const endBefore = before?.pilot.end ?? (detail?.state === 'ended' ? endedWithEngine(container.id) : null);
  const end = endBefore ?? endInspected(detail, lastWordOf);
  // An inspection comes after the listing, and knows of an end at once.
  const state = detail?.state === 'ended' ? 'ended' : container.state;
  const isNew = endBefore === null && end !== null && detail !== undefined;
  const signalledMs = before?.signalledMs ?? null;
  const startedAtMs = startOf(before?.pilot, detail, ageOf, nowMs);
  const endedMs = startedAtMs.known && end !== null ? startedAtMs.value + end.livedMs : nowMs;
  const withEngine =
    isNew && maybeEnginesDoing({ ...end, outOfMemory }, signalledMs, endedMs) && engineWasAway(detail);
  return {
    pilot: {
      id: container.id,
      name: container.name,
      managed,
      kind: kindTold(container.labels),
      ...rulesOf(container.labels, before),
      state,
      imageId: container.imageId,
      startedAtMs,
      stateSinceMs: before?.pilot.state === state ? before.pilot.stateSinceMs : nowMs,
      end: state !== 'ended' ? null : withEngine ? { ...end, engineRestart: true } : end,
    },
    startedAtWallMs: detail?.startedAtWallMs ?? before?.startedAtWallMs ?? null,
    pid: detail?.pid ?? before?.pid ?? null,
    cpus: cpusTold(container.labels) ?? before?.cpus ?? null,
    outOfMemory,
    signalledMs,
    touchedMs: before?.touchedMs ?? Number.NEGATIVE_INFINITY,
  };
}

/** A container as it is after an event. */
export function rowTold(
  event: Told,
  before: Row | undefined,
  { managed, imageId, nowMs, engineWasAway }: EventTaken,
  lastWordOf: LastWordOf,
): Row {
  const startedNow = event.what === 'start';
  const startedAtWallMs = startedNow ? event.atWallMs : (before?.startedAtWallMs ?? null);
  const startedAtMs = startedNow
    ? known(nowMs)
    : (before?.pilot.startedAtMs ?? unknown('its start was not seen'));
  const outOfMemory = before?.outOfMemory ?? false;
  const signalledMs = before?.signalledMs ?? null;
  const withEngine = engineWasAway && maybeEnginesDoing({ ...event, outOfMemory }, signalledMs, nowMs);
  const seen = { startedAtWallMs, startedAtMs, nowMs };
  const end = event.what === 'die' ? endTold(event, seen, lastWordOf) : null;
  return {
    pilot: {
      id: event.id,
      name: event.name,
      managed,
      kind: kindTold(event.labels) ?? before?.pilot.kind ?? null,
      ...rulesOf(event.labels, before),
      state: stateAfter(event.what),
      imageId: before?.pilot.imageId ?? imageId,
      startedAtMs,
      stateSinceMs: nowMs,
      end: end !== null && withEngine ? { ...end, engineRestart: true } : end,
    },
    startedAtWallMs,
    pid: before?.pid ?? null,
    cpus: cpusTold(event.labels) ?? before?.cpus ?? null,
    outOfMemory,
    signalledMs,
    touchedMs: nowMs,
  };
}

/** One of ours that runs since now. */
export function pilotOf({ id, name, kind, imageId }: Made, nowMs: number): Pilot {
  return {
    id,
    name,
    managed: true,
    kind,
    state: 'running',
    imageId,
    startedAtMs: known(nowMs),
    stateSinceMs: nowMs,
    end: null,
  };
}

/** What is known of one that was made now. */
export function rowOf(made: Made, nowMs: number): Row {
  const nothing = { startedAtWallMs: null, pid: null, cpus: null, outOfMemory: false, signalledMs: null };
  return { pilot: pilotOf(made, nowMs), ...nothing, touchedMs: nowMs };
}

function stateAfter(what: Told['what']): PilotState {
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

/** Its rules; events of some engines do not tell all labels. */
function rulesOf(labels: Readonly<Record<string, string>>, before: Row | undefined): Pick<Pilot, 'rules'> {
  const rules = rulesTold(labels) ?? before?.pilot.rules;
  return rules === undefined ? {} : { rules };
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
