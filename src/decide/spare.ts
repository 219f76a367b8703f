import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { imageOf } from '../model/view.ts';
import { findKind, type KindPolicy } from './kindPolicy.ts';
import { isInFlight } from './slots.ts';
import type { Memory, Policy, Sample, Spare, Spares } from './types.ts';

/** A container that waits to be started. */
export interface ReadySpare {
  readonly name: string;
  readonly id: string;
  readonly kind: string;
}

/** Containers are prepared while refills come at least this often: for pilots that live longer they gain nothing. */
const refillEveryMs = 60_000;
/** Prepared ones that nobody needed go after this long. */
const keptMs = 600_000;
const mostSpares = 4;
/** Where a container cannot be made, the next try waits this long: the starts themselves tell why. */
const afterFailureMs = 60_000;

/** The container of a spare, when it is there and waits to be started. */
function containerOf(spare: Spare, sample: Sample): Pilot | null {
  const pilot = sample.engine.pilots.find((one) => one.name === spare.pilot && one.managed);
  return pilot?.state === 'created' ? pilot : null;
}

/** Made by another recipe or of another image than its kind's pilots are made of now, or of a kind that starts none. */
function isOutdated(policy: Policy, spare: Spare, sample: Sample): boolean {
  const kind = findKind(policy, spare.kind);
  if (kind === null || !kind.enabled || !kind.open || spare.recipe !== kind.recipe) return true;
  const container = containerOf(spare, sample);
  return container !== null && container.imageId !== imageOf(sample.engine, kind.image).id;
}

/** Whether prepared containers may stay: nobody drains, and refills were seen not too long ago. */
function areWanted(sample: Sample, spares: Spares): boolean {
  const { lastRefillMs } = spares;
  const isLeaving = sample.terminating || sample.leavesEngine;
  const isWorking = !isLeaving && !sample.control.drain && !sample.control.forceStop;
  return isWorking && lastRefillMs !== null && sample.atMs - lastRefillMs < keptMs;
}

/**
 * Containers that were prepared and can be started now. A start is all that they cost when a slot falls empty; making
 * one just then takes the engine 30 to 100 ms more, while it is busy with the end of the pilot before.
 */
export function readySpares(policy: Policy, sample: Sample, memory: Memory): readonly ReadySpare[] {
  if (!areWanted(sample, memory.spares)) return [];
  return memory.spares.pilots
    .filter((spare) => !isOutdated(policy, spare, sample) && !isInFlight(sample, 'remove', spare.pilot))
    .flatMap((spare) => {
      const container = containerOf(spare, sample);
      return container === null ? [] : [{ name: container.name, id: container.id, kind: spare.kind }];
    });
}

/** Forgets prepared containers that are gone, or that somebody has started: those are pilots like any other. */
export function followSpares(spares: Spares, sample: Sample): Spares {
  const pilots = spares.pilots.filter(
    (spare) => isInFlight(sample, 'prepare', spare.pilot) || containerOf(spare, sample) !== null,
  );
  const failed = sample.results.some(({ action, ok }) => action.do === 'prepare' && !ok);
  if (!failed && pilots.length === spares.pilots.length) return spares;
  return { ...spares, pilots, notBeforeMs: failed ? sample.atMs + afterFailureMs : spares.notBeforeMs };
}

/** Removes prepared containers that will not be started. */
export function discards(policy: Policy, sample: Sample, memory: Memory): Action[] {
  const keep = areWanted(sample, memory.spares);
  return memory.spares.pilots
    .filter((spare) => !keep || isOutdated(policy, spare, sample))
    .map((spare) => containerOf(spare, sample))
    .filter((container) => container !== null)
    .map(({ id, name }) => {
      const why = keep ? 'the recipe or the image has changed' : 'no start is near';
      return { do: 'discard', id, name, why };
    });
}

/**
 * Prepares the next container, one at a time and never beside a start, which it would slow down: as many as there are
 * slots, within bounds. `nextKind` chooses among kinds whose refills come often whose it is, as if those that are there
 * were started.
 */
export function prepare(
  policy: Policy,
  sample: Sample,
  memory: Memory,
  nextKind: (isBrisk: (kind: KindPolicy) => boolean) => KindPolicy | null,
): { memory: Memory; actions: readonly Action[] } {
  const { spares, slots } = memory;
  const { lastRefillMs, notBeforeMs } = spares;
  const name = sample.freshNames.at(-1);
  const isBusy = sample.inFlight.some(({ action }) => action.do === 'start' || action.do === 'prepare');
  const isFruitful = slots.length > 0 && slots.every((slot) => slot.failures === 0);
  const isBrisk = lastRefillMs !== null && sample.atMs - lastRefillMs < refillEveryMs;
  const enough = spares.pilots.length >= Math.min(mostSpares, slots.length);
  if (name === undefined || isBusy || !isFruitful || !isBrisk || enough || sample.atMs < notBeforeMs)
    return { memory, actions: [] };
  const kind = nextKind((one) => one.mayPrepare && isOftenFilled(policy, memory, one, sample.atMs));
  if (kind === null) return { memory, actions: [] };
  const pilots = [...spares.pilots, { pilot: name, kind: kind.name, recipe: kind.recipe }];
  const actions = [{ do: 'prepare', kind: kind.name, name } as const];
  return { memory: { ...memory, spares: { ...spares, pilots } }, actions };
}

/** Beside others a kind's own pilots tell: one that began a minute ago or less. */
function isOftenFilled({ kinds }: Policy, { slots }: Memory, { name }: KindPolicy, nowMs: number): boolean {
  const isRecent = (sinceMs: number | undefined): boolean =>
    sinceMs !== undefined && nowMs - sinceMs < refillEveryMs;
  return kinds.length === 1 || slots.some(({ kind, sinceMs }) => kind === name && isRecent(sinceMs));
}
