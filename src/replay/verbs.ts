import type { Action } from '../model/action.ts';
import type { EngineFault } from '../model/engine.ts';
import { type Body, isThere, killed, type Nature, newBody, turn } from './body.ts';

/** How long each verb takes where nothing is in its way, in milliseconds: as measured on a small node, rounded up. */
const latencyMs: Record<Action['do'], number> = {
  start: 400,
  prepare: 100,
  discard: 100,
  stop: 50,
  reap: 100,
  shrink: 30,
  pause: 50,
  thaw: 50,
  reclaim: 500,
  kill: 20,
  remove: 100,
  pull: 5000,
  'remove-image': 200,
};

/** Verbs that go through our own cgroup: a hanging engine does not matter to them. */
const withoutEngine: ReadonlySet<Action['do']> = new Set(['kill', 'reclaim']);

/** A start is this much shorter where its container was made ahead of time. */
const preparedMs = latencyMs.prepare;

/** When an action that begins now is over, if the engine answers; `startMs` is what a start takes on this node. */
export function landsAtMs(action: Action, nowMs: number, startMs: number = latencyMs.start): number {
  if (action.do === 'start') return nowMs + startMs - (action.prepared !== undefined ? preparedMs : 0);
  return nowMs + latencyMs[action.do];
}

/** Whether this action needs the engine. */
export function needsEngine(action: Action): boolean {
  return !withoutEngine.has(action.do) && !(action.do === 'stop' && action.byUs !== undefined);
}

/** What the containers are made of. */
export interface Shop {
  /** The containers by name. */
  readonly bodies: Map<string, Body>;
  /** What the pilot of this number will be like: the first start is number 0. */
  nature(index: number, kind: string): Nature;
  /** CPUs of a pilot of this kind. */
  cpusOf(kind: string | null): number;
  starts: number;
}

/** What came of an action: done, not done for this reason, or not over yet, with a later time to look again. */
export type Landing = 'done' | EngineFault | { readonly laterMs: number };

/** Does what the action is about, at the time it reaches the engine (or the kernel). */
export function carryOut(shop: Shop, action: Action, startsFail: boolean, nowMs: number): Landing {
  switch (action.do) {
    case 'start':
      return startsFail ? 'rejected' : start(shop, action, nowMs);
    case 'prepare':
      if (startsFail) return 'rejected';
      turn(made(shop, action, nowMs), 'created', nowMs);
      return 'done';
    case 'pull':
    case 'remove-image':
      return 'done';
    case 'reap':
    case 'remove':
    case 'discard': {
      const body = shop.bodies.get(action.name);
      if (body?.nature.stuck === true && isThere(body)) return resist(body, nowMs);
      shop.bodies.delete(action.name);
      return 'done';
    }
    case 'stop':
    case 'kill':
    case 'pause':
    case 'thaw':
    case 'shrink':
    case 'reclaim': {
      const body = shop.bodies.get(action.name);
      return body === undefined ? 'not-found' : changeLife(shop, body, action, nowMs);
    }
  }
}

type Making = Pick<Extract<Action, { do: 'start' }>, 'kind' | 'name'>;

/** A container of the next nature. */
function made(shop: Shop, { kind, name }: Making, nowMs: number): Body {
  const body = newBody(name, shop.nature(shop.starts, kind), shop.cpusOf(kind), nowMs, true, kind);
  shop.starts += 1;
  shop.bodies.set(name, body);
  return body;
}

/** Starts the container that was prepared, or a new one. */
function start(shop: Shop, making: Making, nowMs: number): Landing {
  const body = shop.bodies.get(making.name) ?? made(shop, making, nowMs);
  body.startedAtMs = nowMs;
  turn(body, 'running', nowMs);
  return 'done';
}

type LifeAction = Extract<Action, { do: 'stop' | 'kill' | 'pause' | 'thaw' | 'shrink' | 'reclaim' }>;

function changeLife(shop: Shop, body: Body, action: LifeAction, nowMs: number): Landing {
  switch (action.do) {
    case 'stop':
      return stop(body, action.graceMs, nowMs);
    case 'kill':
      if (body.nature.stuck === true) return resist(body, nowMs);
      killed(body, nowMs);
      return 'done';
    case 'pause':
      if (body.state === 'running') turn(body, 'paused', nowMs);
      return body.state === 'paused' ? 'done' : 'conflict';
    case 'thaw':
      if (body.state === 'paused') turn(body, 'running', nowMs);
      return body.state === 'running' ? 'done' : 'conflict';
    case 'shrink':
      body.cpus = action.cpus ?? shop.cpusOf(body.kind);
      return isThere(body) ? 'done' : 'conflict';
    case 'reclaim': {
      const bytes = body.state === 'paused' ? Math.min(action.bytes, body.memoryBytes) : 0;
      body.memoryBytes -= bytes;
      body.swappedBytes += bytes;
      return 'done';
    }
  }
}

/** How long a kill that does nothing is tried. */
const killDeadlineMs = 5000;

/** What waits for a disk is not ended by a signal. */
function resist(body: Body, nowMs: number): Landing {
  if (!isThere(body)) return 'done';
  body.givenUpAtMs ??= nowMs + killDeadlineMs;
  if (nowMs < body.givenUpAtMs) return { laterMs: body.givenUpAtMs };
  body.givenUpAtMs = null;
  return 'timeout';
}

/** A paused one is thawed to hear it; who ignores it is killed when the grace is over. */
function stop(body: Body, graceMs: number, nowMs: number): Landing {
  if (!isThere(body)) return 'done';
  if (body.endsAtMs === Number.POSITIVE_INFINITY) {
    if (body.state === 'paused') turn(body, 'running', nowMs);
    const obeys = body.nature.noticeMs <= graceMs;
    body.endsAtMs = nowMs + Math.min(body.nature.noticeMs, graceMs);
    body.exitCode = obeys ? 143 : 137;
  }
  if (body.nature.stuck === true && nowMs >= body.endsAtMs) return resist(body, nowMs);
  return { laterMs: body.endsAtMs };
}
