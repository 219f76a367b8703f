import type { Settings } from '../model/settings.ts';
import type { DaemonLog } from '../record/log.ts';

/** Writes the log as the configuration wants it. */
export function applyLogSettings(log: DaemonLog, settings: Pick<Settings, 'logFormat' | 'syslog'>): void {
  log.setFormat(settings.logFormat);
  log.setSyslog(settings.syslog);
}

/** Calls `end` at each signal that asks the daemon to end; SIGHUP is one of them, by contract. */
export function onEndSignals(end: (signal: NodeJS.Signals) => void): void {
  const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, end);
}
