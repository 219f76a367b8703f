import type { Log } from '../model/log.ts';

/** A tick runs this often, whatever happens in between. */
const everyMs = 1000;

/** Runs ticks: one each second, and one at once when something happens; never two at a time. */
export interface Loop {
  /** Something happened: tick as soon as the present work is done. */
  wake(): void;
  /** Runs until a tick answers that it was the last. Resolves with what that tick returned. */
  run(): Promise<void>;
}

/** Makes a loop over `tick`, which returns true when the daemon is to end. A tick that fails is logged, not fatal. */
export function createLoop(tick: () => boolean, log: Log): Loop {
  let soon: NodeJS.Immediate | null = null;
  let timer: NodeJS.Timeout | null = null;
  let end: () => void = () => undefined;
  let begun = false;
  let over = false;

  const once = (): void => {
    soon = null;
    if (over) return;
    let last = false;
    try {
      last = tick();
    } catch (error) {
      log.error(
        `a tick failed, the next one starts again: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
    if (last) {
      over = true;
      if (timer !== null) clearTimeout(timer);
      end();
    } else if (timer === null) timer = setTimeout(once, everyMs);
    else timer.refresh();
  };

  return {
    wake() {
      // The first tick comes with `run`, whatever happened before.
      if (begun && !over) soon ??= setImmediate(once);
    },
    async run() {
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      begun = true;
      once();
      await ended;
      if (soon !== null) clearImmediate(soon);
    },
  };
}
