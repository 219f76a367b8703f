import type { EngineInfo } from '../model/engine.ts';
import { EngineError } from '../model/engine.ts';
import { answerDeadlineMs, type Deadline, withDeadline } from './deadline.ts';
import { type EngineEndpoint, printEndpoint } from './endpoint.ts';
import { engineInfoOf, type InfoAnswer, settleApiVersion, type VersionAnswer } from './engineInfo.ts';
import { type Asked, engineErrorOf } from './faults.ts';
import { createWire, type Wire, type WireAnswer, type WireRequest } from './wire.ts';

/** A conversation with one engine: what it said of itself, and requests under deadlines. */
export interface Session {
  /** Where it is, fit for printing. */
  readonly endpoint: string;
  /** What the engine said of itself when last connected to; null before. */
  info(): EngineInfo | null;
  /** Asks who answers, and settles the API version that all later requests speak. */
  connect(signal: AbortSignal): Promise<EngineInfo>;
  /** Runs `call` under a deadline (null: none); rejects with `EngineError` only. `what` follows the word "cannot". */
  ask<T>(
    what: string,
    deadlineMs: number | null,
    signal: AbortSignal,
    call: (wire: Wire, deadline: Deadline, asked: Asked) => Promise<T>,
  ): Promise<T>;
  /** One request under a deadline, with its whole answer. */
  send(what: string, deadlineMs: number, signal: AbortSignal, request: WireRequest): Promise<WireAnswer>;
}

/** A session with the engine at `endpoint`; nothing is asked before it is used. */
export function createSession(endpoint: EngineEndpoint): Session {
  const printed = printEndpoint(endpoint);
  const unversioned = createWire(endpoint, null);
  let wire = unversioned;
  let info: EngineInfo | null = null;

  const ask: Session['ask'] = async (what, deadlineMs, signal, call) => {
    const asked: Asked = { what, endpoint: printed };
    return withDeadline(what, deadlineMs, signal, async (deadline) => {
      try {
        return await call(wire, deadline, asked);
      } catch (thrown) {
        throw engineErrorOf(thrown, asked);
      }
    });
  };

  return {
    endpoint: printed,
    info: () => info,
    ask,
    connect: (signal) =>
      ask('connect', answerDeadlineMs, signal, async (_wire, deadline, asked) => {
        const told = await unversioned.send({ method: 'GET', path: '/version' }, asked, deadline.signal);
        const version = parseAnswer(told, asked) as VersionAnswer;
        const apiVersion = settled(version, asked);
        const settledWire = createWire(endpoint, apiVersion);
        const answer = await settledWire.send({ method: 'GET', path: '/info' }, asked, deadline.signal);
        info = engineInfoOf(
          version,
          parseAnswer(answer, asked) as InfoAnswer,
          apiVersion,
          endpoint.kind === 'unix',
        );
        wire = settledWire;
        return info;
      }),
    send: (what, deadlineMs, signal, request) =>
      ask(what, deadlineMs, signal, (wire, deadline, asked) => wire.send(request, asked, deadline.signal)),
  };
}

/** An answer's JSON, to be read with care. Rejects what is not JSON: something else than an engine answers there. */
export function parseAnswer(answer: WireAnswer, asked: Asked): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    const message = `cannot ${asked.what}: what answers at ${asked.endpoint} is no container engine: its answer is not JSON`;
    throw new EngineError('failed', message, { cause });
  }
}

function settled(version: VersionAnswer, asked: Asked): string {
  try {
    return settleApiVersion(version);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('rejected', `cannot ${asked.what} to ${asked.endpoint}: ${why}`, { cause });
  }
}
