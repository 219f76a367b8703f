/** Facts that go with a log line; values are printed by the log, `Secret`s as `***`. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** The daemon's log. One line per call; never throws, never waits for a disk that is full. */
export interface Log {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}
