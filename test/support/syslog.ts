import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** A real syslogd that nobody else on the machine sees. */
export interface SyslogServer {
  /** Where it listens. */
  readonly socket: string;
  /** What it has written: time, host, `facility.level`, tag and message on each line. */
  received(): string;
  remove(): Promise<void>;
}

/**
 * Starts busybox's syslogd (Debian: busybox-static). It can listen at /dev/log only, so it gets a /dev of its own in a
 * mount namespace (util-linux's unshare, as root), which is reached through /proc.
 */
export async function startSyslog(): Promise<SyslogServer> {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-syslog-'));
  const file = join(folder, 'log');
  const script = `mount -t tmpfs tmpfs /dev && touch /dev/null && exec busybox syslogd -n -O ${file}`;
  const child = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const socket = `/proc/${child.pid}/root/dev/log`;
  const remove = async () => {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    const ended = isOver ? null : once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const listens = until(
    'busybox syslogd listens',
    () => child.exitCode !== null || (existsSync(file) && existsSync(socket)),
  );
  await listens.catch(remove);
  if (child.exitCode !== null || !existsSync(file)) {
    throw new Error(`busybox syslogd (Debian: busybox-static) does not start: ${said}`);
  }
  return {
    socket,
    received: () => readFileSync(file, 'utf8'),
    remove,
  };
}
