import { spawn, spawnSync } from 'node:child_process';
import type { Log } from '../model/log.ts';

/** systemd's own advice: ping at half of the time that it waits. */
const pingShare = 0.5;

/**
 * Tells systemd that the daemon is ready, and pings its watchdog where the unit has one; nothing without systemd.
 * Node has no unix datagrams, so systemd's own `systemd-notify` is spawned (7 ms, NotifyAccess=all).
 */
export function notifySystemd(log: Log): { stopping(): void } {
  if (process.env['NOTIFY_SOCKET'] === undefined) return { stopping: () => undefined };
  const tell = (word: string): void => {
    const failed = (error: unknown): void => log.warn(`systemd-notify ${word}: ${(error as Error).message}`);
    try {
      const child = spawn('systemd-notify', [`--pid=${process.pid}`, word], { stdio: 'ignore' });
      child.on('error', failed);
      child.unref();
    } catch (error) {
      failed(error);
    }
  };
  tell('READY=1');
  const waitsMs = Number(process.env['WATCHDOG_USEC'] ?? 0) / 1000;
  const timer = waitsMs > 0 ? setInterval(() => tell('WATCHDOG=1'), waitsMs * pingShare) : null;
  timer?.unref();
  return {
    stopping() {
      if (timer !== null) clearInterval(timer);
      tell('STOPPING=1');
    },
  };
}

/** Tells systemd that there is nothing left to wait for, and waits until it is told: the process ends next. */
export function sayReadyToSystemd(): void {
  if (process.env['NOTIFY_SOCKET'] === undefined) return;
  spawnSync('systemd-notify', [`--pid=${process.pid}`, 'READY=1'], { stdio: 'ignore', timeout: 5000 });
}
