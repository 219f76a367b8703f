import { type Engine, EngineError } from '../../src/model/engine.ts';

/** The calls that faults can be put on. */
export type FakeVerb = Exclude<keyof Engine, 'endpoint'>;

/** The faults to order of a fake engine. */
export interface FakeFaults {
  /** Every call so far, such as `start plancton-worker-x`. */
  readonly calls: readonly string[];
  /** The next call of this verb fails without doing anything. */
  failNext(verb: FakeVerb, error: EngineError): void;
  /** Calls of this verb do not answer until they are given up or the returned function is called. */
  hang(verb: FakeVerb): () => void;
  /** The next call of this verb does its work, and its answer is lost. */
  loseReplyAfter(verb: FakeVerb): void;
  /** The engine goes away: subscriptions break, calls find nobody. Containers go on. */
  goDown(): void;
  comeUp(): void;
}

/** Lets one call through the faults that were ordered for it. */
export type Gate = <T>(
  verb: FakeVerb,
  subject: string,
  signal: AbortSignal,
  work: () => T | Promise<T>,
) => Promise<T>;

/** The error of a call that finds nobody. */
export function goneError(what: string): EngineError {
  return new EngineError('unreachable', `cannot ${what}: no engine answers at fake:: nothing listens there`);
}

/** An error as an engine answers it. */
export function answerError(status: 400 | 404 | 409 | 500, what: string, why: string): EngineError {
  const faults = { 400: 'rejected', 404: 'not-found', 409: 'conflict', 500: 'failed' } as const;
  const message = `cannot ${what}: the engine answered ${status}: ${why}`;
  return new EngineError(faults[status], message, { statusCode: status });
}

/** Makes the gate, and the means to order faults; `onDown` is called as the engine goes away. */
export function createFaults(onDown: () => void): { readonly gate: Gate; readonly faults: FakeFaults } {
  const calls: string[] = [];
  const failures: { readonly verb: FakeVerb; readonly error: EngineError }[] = [];
  const hung = new Map<FakeVerb, Set<() => void>>();
  const lost: FakeVerb[] = [];
  let isUp = true;

  const untilReleased = async (verb: FakeVerb, signal: AbortSignal): Promise<void> => {
    const releases = hung.get(verb);
    if (releases !== undefined && !signal.aborted) {
      await new Promise<void>((resolve) => {
        releases.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  };

  const gate: Gate = async (verb, subject, signal, work) => {
    const what = `${verb} ${subject}`.trim();
    calls.push(what);
    await Promise.resolve();
    await untilReleased(verb, signal);
    if (signal.aborted) {
      throw new EngineError('aborted', `cannot ${what}: given up on request`);
    }
    if (!isUp) {
      throw goneError(what);
    }
    const failing = failures.findIndex((failure) => failure.verb === verb);
    if (failing >= 0) {
      throw failures.splice(failing, 1)[0]?.error ?? goneError(what);
    }
    const result = await work();
    if (lost.includes(verb)) {
      lost.splice(lost.indexOf(verb), 1);
      throw goneError(what);
    }
    return result;
  };

  const faults: FakeFaults = {
    calls,
    failNext: (verb, error) => void failures.push({ verb, error }),
    hang: (verb) => {
      const releases = hung.get(verb) ?? new Set();
      hung.set(verb, releases);
      return () => {
        hung.delete(verb);
        releases.forEach((release) => release());
      };
    },
    loseReplyAfter: (verb) => void lost.push(verb),
    goDown: () => {
      isUp = false;
      onDown();
    },
    comeUp: () => {
      isUp = true;
    },
  };
  return { gate, faults };
}
