import type { Log } from '../../src/model/log.ts';

/** A log that keeps its lines for the test to look at. */
export interface KeptLog extends Log {
  readonly lines: readonly string[];
}

/** Makes a log whose lines are `LEVEL message`. */
export function keepLog(): KeptLog {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, debug: say('DEBUG'), info: say('INFO'), warn: say('WARN'), error: say('ERROR') };
}
