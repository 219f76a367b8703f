const endSignals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** The signals that ask the daemon to end; SIGHUP is one of them, by contract. */
export interface EndSignals {
  /** The first one that came; null as long as none has. */
  first(): NodeJS.Signals | null;
  /** Calls `end` for each that came already, and for each that comes. */
  heed(end: (signal: NodeJS.Signals) => void): void;
}

/**
 * Catches them from now on. Others learn of a daemon by its PID file: what they send must not kill it half-way into its
 * place.
 */
export function catchEndSignals(): EndSignals {
  const came: NodeJS.Signals[] = [];
  let heeded: (signal: NodeJS.Signals) => void = (signal) => came.push(signal);
  let first: NodeJS.Signals | null = null;
  for (const name of endSignals)
    process.on(name, (signal) => {
      first ??= signal;
      heeded(signal);
    });
  return {
    first: () => first,
    heed(end) {
      heeded = end;
      for (const signal of came.splice(0)) end(signal);
    },
  };
}
