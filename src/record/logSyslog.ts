import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { errorLine } from './oneLine.ts';

/** Where syslog, or the journal in its place, listens. */
export const syslogSocket = '/dev/log';

/** How a syslog is reached. */
export interface SyslogOptions {
  /** Another socket than `/dev/log`. */
  readonly socket: string;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  /** Told when there is no way to the syslog; at most once per trouble. */
  readonly onTrouble: (text: string) => void;
}

const restartAfterMs = 60_000;
const longestCloseMs = 1_000;
const mostWaitingBytes = 262_144;

/** Whether a syslog or a journal listens there. */
export function hasSyslog(socket: string): boolean {
  return statSync(socket, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/**
 * Feeds syslog through util-linux's `logger`, because Node has no datagram sockets of the file system. One long-lived
 * child, begun with the first line and begun anew at most once a minute; a line that finds none, or finds it stuck, is
 * left out: the file has it. Never waits and never keeps the process alive.
 */
export class Syslog {
  readonly #options: SyslogOptions;
  #child: ChildProcess | null = null;
  #startAtMs = 0;
  #inTrouble = false;

  constructor(options: SyslogOptions) {
    this.#options = options;
  }

  /** Sends one line, with a priority of syslog(3). */
  write(priority: number, line: string): void {
    if (this.#child === null && this.#options.nowMs() >= this.#startAtMs) this.#tryStart();
    const input = this.#child?.stdin;
    if (!input?.writable || input.writableLength > mostWaitingBytes) return;
    input.write(`<${priority}>${line}\n`);
  }

  /** Waits, for a second at most, until the child has taken what there is; it sends that and ends by itself. */
  async close(): Promise<void> {
    this.#startAtMs = Number.POSITIVE_INFINITY;
    const input = this.#child?.stdin;
    if (!input?.writable) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, longestCloseMs);
      const over = () => {
        clearTimeout(deadline);
        resolve();
      };
      input.once('close', over);
      input.end(over);
    });
  }

  #tryStart(): void {
    this.#startAtMs = this.#options.nowMs() + restartAfterMs;
    try {
      this.#start();
    } catch (error) {
      this.#complain(errorLine(error));
    }
  }

  #start(): void {
    const { socket } = this.#options;
    const how = ['--tag', 'plancton', '--priority', 'daemon.info', '--prio-prefix', `--id=${process.pid}`];
    const where = socket === syslogSocket ? [] : ['--socket', socket];
    // In a group of its own: Ctrl-C is for us, and our last lines are still to come.
    const child: ChildProcess = spawn('logger', [...how, '--size', '8192', ...where], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.on('error', (error) => this.#ended(child, errorLine(error)));
    child.on('exit', (code, signal) => this.#ended(child, `it ended (${signal ?? code})`));
    this.#child = child;
    child.unref();
    unrefPipe(child);
    // Without free file handles there is no pipe either.
    child.stdin?.on('error', () => this.#ended(child, 'its input broke'));
  }

  #ended(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#startAtMs === Number.POSITIVE_INFINITY) return;
    if (this.#options.nowMs() >= this.#startAtMs) this.#inTrouble = false;
    this.#complain(why);
  }

  #complain(why: string): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    this.#options.onTrouble(`logger cannot pass lines to syslog: ${why}`);
  }
}

function unrefPipe(child: ChildProcess): void {
  const pipe = child.stdin;
  if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
