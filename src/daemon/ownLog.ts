import { createLog, type DaemonLog } from '../record/log.ts';
import { nodeClock } from './clock.ts';

/** What a daemon's log is made of. */
export interface OwnLogParts {
  /** Holds `plancton.log`. */
  readonly folder: string;
  /** Lines also go to standard error. */
  readonly foreground: boolean;
  readonly hostname: string;
  /** An error in words for people, a line for each fault. */
  readonly explain: (error: unknown) => string;
}

/**
 * Opens the log for as long as `work` lasts. What ends it with an error is told there too: who started the daemon, a
 * boot perhaps, may have kept nothing of what it said. Rejects with what `work` rejects with.
 */
export async function withLog(
  { folder, foreground, hostname, explain }: OwnLogParts,
  work: (log: DaemonLog) => Promise<void>,
): Promise<void> {
  const log = createLog({
    folder,
    format: null,
    alsoStderr: foreground,
    syslog: 'auto',
    hostname,
    // `performance` loads more of Node than it is worth here: 0.3 MB (measured).
    nowMs: () => nodeClock.nowMs(),
  });
  try {
    await work(log);
  } catch (error) {
    for (const line of explain(error).split('\n')) log.error(line);
    throw error;
  } finally {
    await log.close();
  }
}
