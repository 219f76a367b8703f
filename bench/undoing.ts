import type { Undoing } from './scene.ts';

/** Undoes what the work deferred, the last first, however the work ended; a failed undoing is told and the rest still happens. */
export async function withUndoing<T>(work: (undoing: Undoing) => Promise<T>): Promise<T> {
  const undos: (() => Promise<void> | void)[] = [];
  try {
    return await work({ defer: (undo) => void undos.push(undo) });
  } finally {
    for (const undo of undos.toReversed()) {
      try {
        await undo();
      } catch (error) {
        process.stderr.write(`cannot clean up: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  }
}

/** Aborts at the signals that ask a program to end, and says that it cleans up. */
export function abortOnSignals(name: string): AbortController {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.stderr.write(`${name}: ${signal}, cleaning up\n`);
      abort.abort(new Error('interrupted'));
    });
  }
  return abort;
}
