const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What Ctrl-C and its like ask of a command that looks after something. */
export interface Leaving {
  /** Aborts at the first signal, for as long as there is nothing that could be asked to go. */
  readonly atOnce: AbortSignal;
  /** From now on the first signal asks, and each further one urges; one that came before asks now. */
  onAsked(ask: () => void, urge: () => void): void;
  forget(): void;
}

/** Takes the signals that end a command, until it is to forget them. */
export function leaveOnSignals(): Leaving {
  const abort = new AbortController();
  let asked: (() => void) | null = null;
  let urged: (() => void) | null = null;
  let times = 0;
  const take = (): void => {
    times += 1;
    if (asked === null) abort.abort();
    else if (times === 1) asked();
    else urged?.();
  };
  for (const signal of signals) process.on(signal, take);
  return {
    atOnce: abort.signal,
    onAsked(ask, urge) {
      [asked, urged] = [ask, urge];
      if (times > 0) ask();
    },
    forget() {
      for (const signal of signals) process.removeListener(signal, take);
    },
  };
}
