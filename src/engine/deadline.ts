import { EngineError } from '../model/engine.ts';

/** How long the engine may take over what it answers at once: connecting, listing, inspecting, creating. */
export const answerDeadlineMs = 10_000;
/** How long a start may take: the engine sets up mounts and network before it answers. */
export const startDeadlineMs = 60_000;
/** What a stop may take over its own grace. */
export const stopMarginMs = 30_000;
/** How long a removal may take: a big writable layer is deleted before the engine answers. */
export const removeDeadlineMs = 60_000;
/** How long a log that is not followed may go without a byte: the engine may have to search a big one. */
export const logSilenceMs = 30_000;
/** How long a pull may go without a word of progress. */
export const pullSilenceMs = 120_000;
/** How long a pull may take in all. */
export const pullDeadlineMs = 3_600_000;

/** A wait that can be put off: told of progress, it starts again. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Starts the wait again from now. */
  extend(): void;
}

/**
 * Runs `call` with a signal that fires when `signal` does or when `deadlineMs` (null: never) have passed since the start
 * or the last `extend`. Rejects at that moment with `timeout` or `aborted`, whether or not the call heeds its signal; an
 * `EngineError` or other error of the call goes through as it is. `what` begins the message ("stop container x").
 */
export async function withDeadline<T>(
  what: string,
  deadlineMs: number | null,
  signal: AbortSignal,
  call: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any: in Node 20 a long-lived source signal keeps every signal derived from it.
  const controller = new AbortController();
  let giveUp: (error: EngineError) => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = (error) => {
      reject(error);
      controller.abort(error);
    };
  });
  const onAbort = (): void => giveUp(new EngineError('aborted', `cannot ${what}: given up on request`));
  const onTimeout = (afterMs: number): void =>
    giveUp(new EngineError('timeout', `cannot ${what}: no answer within ${afterMs / 1000} s`));
  let timer: NodeJS.Timeout | undefined;
  const extend = (): void => {
    clearTimeout(timer);
    timer = deadlineMs === null ? undefined : setTimeout(() => onTimeout(deadlineMs), deadlineMs);
  };
  extend();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    const asked = signal.aborted ? givenUp : call({ signal: controller.signal, extend });
    return await Promise.race([asked, givenUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
