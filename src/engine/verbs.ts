import { setTimeout as wait } from 'node:timers/promises';
import type { ContainerDetail, ContainerSummary, Engine } from '../model/engine.ts';
import { EngineError } from '../model/engine.ts';
import { inspectContainer } from './containers.ts';
import { answerDeadlineMs, removeDeadlineMs, startDeadlineMs, stopMarginMs } from './deadline.ts';
import { gpuFault } from './pilotGpus.ts';
import type { Session } from './session.ts';
import { pathOf, type Wire } from './wire.ts';

/** How often to look whether a container that somebody else is removing has gone. */
const removalPollMs = 100;

type State = ContainerSummary['state'];

/** One POST on a container: what it is called, how long it may take, and in which states it had nothing to change. */
interface Verb {
  readonly name: string;
  readonly deadlineMs: number;
  readonly query?: Readonly<Record<string, string>>;
  readonly settledIn: readonly State[];
}

/** The calls that change a container. */
export function createVerbs(
  session: Session,
): Pick<Engine, 'start' | 'stop' | 'kill' | 'pause' | 'unpause' | 'remove'> {
  const run = async (verb: Verb, id: string, signal: AbortSignal): Promise<void> => {
    const what = `${verb.name} container ${id}`;
    const path = pathOf('containers', id, verb.name);
    const query = verb.query ?? {};
    try {
      await session.send(what, verb.deadlineMs, signal, { method: 'POST', path, query });
    } catch (thrown) {
      // Engines refuse what is so already with 409 or 500, in words of their own: the state tells more surely.
      if (!isRefusal(thrown) || !verb.settledIn.includes((await look(id, signal, thrown)).state)) {
        throw asVerbFault(thrown, verb);
      }
    }
  };

  /** Looks at a container after a refusal; when that fails too, the refusal is what is told. */
  const look = (id: string, signal: AbortSignal, refusal: EngineError): Promise<ContainerDetail> =>
    inspectContainer(session, id, signal).catch(() => Promise.reject(refusal));

  const unpause: Verb = { name: 'unpause', deadlineMs: answerDeadlineMs, settledIn: ['running'] };

  const stop: Engine['stop'] = async (id, graceMs, signal) => {
    const verb: Verb = {
      name: 'stop',
      deadlineMs: graceMs + stopMarginMs,
      // The API takes whole seconds: rounded up, so that no pilot gets less than it was promised.
      query: { t: String(Math.ceil(graceMs / 1000)) },
      settledIn: ['ended', 'created'],
    };
    try {
      await run(verb, id, signal);
    } catch (thrown) {
      // Docker thaws a paused container to stop it; Podman refuses.
      if (!isRefusal(thrown) || (await look(id, signal, thrown)).state !== 'paused') {
        throw thrown;
      }
      await run(unpause, id, signal);
      await run(verb, id, signal);
    }
  };

  return {
    start: (id, signal) =>
      run({ name: 'start', deadlineMs: startDeadlineMs, settledIn: ['running'] }, id, signal),
    stop,
    kill: (id, signal) => {
      const query = { signal: 'SIGKILL' };
      const settledIn: State[] = ['ended', 'created'];
      return run({ name: 'kill', deadlineMs: answerDeadlineMs, query, settledIn }, id, signal);
    },
    pause: (id, signal) =>
      run({ name: 'pause', deadlineMs: answerDeadlineMs, settledIn: ['paused'] }, id, signal),
    unpause: (id, signal) => run(unpause, id, signal),
    remove: (id, signal) =>
      session.ask(`remove container ${id}`, removeDeadlineMs, signal, async (wire, deadline, asked) => {
        const path = pathOf('containers', id);
        const query = { force: '1', v: '1' };
        try {
          await wire.send({ method: 'DELETE', path, query }, asked, deadline.signal);
        } catch (thrown) {
          if (isFault(thrown, 'not-found')) {
            return;
          }
          if (!isFault(thrown, 'conflict')) {
            throw thrown;
          }
          // Somebody else is removing it: it counts as removed once it has gone.
          await untilGone(wire, id, deadline.signal);
        }
      }),
  };
}

async function untilGone(wire: Wire, id: string, signal: AbortSignal): Promise<void> {
  const asked = { what: `inspect container ${id}`, endpoint: '' };
  const request = { method: 'GET', path: pathOf('containers', id, 'json') } as const;
  for (;;) {
    try {
      await wire.send(request, asked, signal);
    } catch (thrown) {
      if (isFault(thrown, 'not-found')) {
        return;
      }
      throw thrown;
    }
    await wait(removalPollMs, undefined, { signal });
  }
}

/** What a start that fails says of the recipe: "not found" about a container that is there speaks of its program. */
function asVerbFault(thrown: unknown, verb: Verb): unknown {
  if (verb.name !== 'start' || !(thrown instanceof EngineError)) return thrown;
  const isProgram = thrown.fault === 'not-found' && !/no such container|no container/i.test(thrown.message);
  return isProgram
    ? new EngineError('rejected', thrown.message, { cause: thrown })
    : (gpuFault(thrown) ?? thrown);
}

function isRefusal(thrown: unknown): thrown is EngineError {
  return isFault(thrown, 'conflict') || isFault(thrown, 'failed');
}

function isFault(thrown: unknown, fault: EngineError['fault']): thrown is EngineError {
  return thrown instanceof EngineError && thrown.fault === fault;
}
