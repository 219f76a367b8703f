/** Lets so many pieces of work run at a time; the others wait for their turn, in the order in which they came. */
export class Turns {
  readonly #most: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` when it is its turn. Rejects with an Error when that takes longer than this, or when `signal` aborts before. */
  async take<T>(work: () => Promise<T>, withinMs: number, signal: AbortSignal): Promise<T> {
    if (this.#running < this.#most) this.#running += 1;
    else await this.#turn(withinMs, signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const [next] = this.#waiting;
      // Whose turn it is now takes this one's place.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(onTurn);
        if (error === null) resolve();
        else reject(error);
      };
      const onTurn = (): void => settle(null);
      const onAbort = (): void => settle(new Error('given up on request'));
      const timer = setTimeout(
        () => settle(new Error(`it had no turn within ${withinMs / 1000} s`)),
        withinMs,
      );
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(onTurn);
    });
  }
}
