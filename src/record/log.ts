import { join } from 'node:path';
import { isoTime } from '../model/isoTime.ts';
import type { Log, LogFacts } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import { plainFacts, plainText } from './logFacts.ts';
import { type LogStderr, openStderr, tellStderr } from './logStderr.ts';
import { hasSyslog, Syslog, syslogSocket } from './logSyslog.ts';
import { type LogRecord, textLine } from './logText.ts';
import { errorLine, escapeUnprintable } from './oneLine.ts';
import { RotatingFile } from './rotatingFile.ts';

/** Where the log goes, and in what shape. */
export interface LogOptions {
  /** Holds `plancton.log` and the old ones; null for no file. */
  readonly folder: string | null;
  /** Null while it is not known yet: lines are held back until `setFormat` tells it, or the end, which has them as text. */
  readonly format: Settings['logFormat'] | null;
  /** In the foreground the terminal, or the journal, sees the lines too. */
  readonly alsoStderr: boolean;
  readonly syslog: Settings['syslog'];
  readonly hostname: string;
  /** Lines for those who look for a fault, too. */
  readonly debug?: boolean;
  readonly wallMs?: () => number;
  readonly nowMs?: () => number;
  readonly mostBytes?: number;
  readonly keep?: number;
  readonly syslogSocket?: string;
  readonly stderr?: LogStderr;
}

/** The daemon's log with what its owner may do to it. */
export interface DaemonLog extends Log {
  /** Where the log of the run before is now; null when there was none. */
  readonly rolledTo: string | null;
  setFormat(format: Settings['logFormat']): void;
  setSyslog(mode: Settings['syslog']): void;
  /**
   * Lets go of files and children; later lines go nowhere. The file is complete at once; to wait for the promise, a
   * second at most, makes syslog complete too.
   */
  close(): Promise<void>;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Priorities of syslog(3). */
const priorities: Record<Level, number> = { error: 3, warn: 4, info: 6, debug: 7 };
const longestLine = 32_000;
/** More lines than this are not held back: then they are text from there on. */
const mostHeld = 1000;

/**
 * Opens the log; never throws, whatever the disk does. The front is our own: pino would cost the daemon 1.5 MB of its
 * 50 (measured, bundled), and bounding facts and hiding secrets has to be done before it anyway.
 */
export function createLog(options: LogOptions): DaemonLog {
  const wallMs = options.wallMs ?? Date.now;
  const nowMs = options.nowMs ?? (() => performance.now());
  const time = () => isoTime(wallMs());
  const stderr = options.alsoStderr ? (options.stderr ?? openStderr(process.env)) : null;
  let format = options.format;
  let closed = false;
  let syslog: Syslog | null = null;
  let held: readonly { readonly level: Level; readonly record: LogRecord }[] = [];

  /** How the log speaks of lines that it could not write. */
  const lossLine = (lost: number, why: string) =>
    format === 'json'
      ? `${JSON.stringify({ level: 'warn', time: time(), pid: process.pid, hostname: options.hostname, lost, why, msg: 'lines are missing here' })}\n`
      : `${time()} WARN  lines are missing here lost=${lost} why=${JSON.stringify(why)}\n`;
  const file =
    options.folder === null
      ? null
      : new RotatingFile({
          path: join(options.folder, 'plancton.log'),
          mostBytes: options.mostBytes ?? 10_000_000,
          keep: options.keep ?? 50,
          nowMs,
          onTrouble: tellStderr,
          lossLine,
        });

  function spread(level: Level, facts: Record<string, unknown>, msg: string): void {
    const common = { level, time: time(), pid: process.pid, hostname: options.hostname };
    const record: LogRecord = { ...common, ...facts, msg };
    if (format !== null) return put(level, record);
    held = [...held, { level, record }];
    if (held.length > mostHeld) release('text');
  }

  /** Lines that were held back go where they belong, before all others. */
  function release(wanted: Settings['logFormat']): void {
    format = wanted;
    const first = held;
    held = [];
    for (const { level, record } of first) put(level, record);
  }

  function put(level: Level, record: LogRecord): void {
    const text = format === 'json' ? escapeUnprintable(JSON.stringify(record)) : textLine(record);
    const stamped = format === 'json' ? text : `${record.time} ${text}`;
    file?.write(`${stamped}\n`);
    stderr?.write(stderr.isJournal ? `<${priorities[level]}>${text}\n` : `${stamped}\n`);
    syslog?.write(priorities[level], text);
  }

  const say =
    (level: Level) =>
    (message: string, facts: LogFacts = {}) => {
      if (closed || (level === 'debug' && options.debug !== true)) return;
      try {
        const plain = plainFacts(facts);
        const size = JSON.stringify(plain).length;
        spread(level, size > longestLine ? { factsTooLong: size } : plain, plainText(message));
      } catch (error) {
        // A fact that throws when it is looked at must not take the line with it.
        spread(level, { factsUnreadable: errorLine(error) }, plainText(message));
      }
    };

  const log: DaemonLog = {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    rolledTo: file?.rolledTo ?? null,
    setFormat: release,
    setSyslog: (mode) => {
      void syslog?.close();
      syslog = syslogFor(mode);
    },
    close: async () => {
      if (closed) return;
      release(format ?? 'text');
      closed = true;
      file?.close();
      stderr?.close();
      await syslog?.close();
    },
  };

  function syslogFor(mode: Settings['syslog']): Syslog | null {
    const socket = options.syslogSocket ?? syslogSocket;
    // The journal has every line already, from standard error.
    if (mode === 'off' || (mode === 'auto' && (stderr?.isJournal || !hasSyslog(socket)))) return null;
    if (!hasSyslog(socket))
      log.warn(`syslog is on, but nothing listens at ${socket}: lines go to the file only`);
    return new Syslog({ socket, nowMs, onTrouble: (text) => log.warn(text) });
  }

  syslog = syslogFor(options.syslog);
  return log;
}
