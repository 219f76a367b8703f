import { escapeUnprintable } from './oneLine.ts';

/** A line of the log as the front makes it. */
export interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly pid: number;
  readonly hostname: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

/** `INFO  message key=value key2="with space"`: one line, whatever is in it. */
export function textLine(record: LogRecord): string {
  const { level, time: _time, pid: _pid, hostname: _hostname, msg, ...facts } = record;
  const parts = Object.entries(facts).map(
    ([name, value]) => ` ${escapeUnprintable(name)}=${factText(value)}`,
  );
  return `${level.toUpperCase().padEnd(5)} ${escapeUnprintable(msg)}${parts.join('')}`;
}

/** Bare where that is unmistakable, otherwise in the quotes of JSON. */
function factText(value: unknown): string {
  const isBare = typeof value === 'string' && /^[^\s"=\\]+$/.test(value);
  return escapeUnprintable(isBare ? value : JSON.stringify(value));
}
