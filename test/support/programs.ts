import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A server of a test's own. */
export interface Server {
  readonly pid: number;
  /** What it has written to its log so far. */
  log(): string;
  /** Whether it still runs. */
  runs(): boolean;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when it has ended. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** Where a program is; throws, naming the Debian package to install, when it is nowhere on the path. */
export function requireProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found === undefined) {
    throw new Error(`this test needs the program ${name}: apt-get install ${debianPackage}`);
  }
  return found;
}

/** Starts a server that dies with this process, its output in the file `logPath`. */
export function startServer(
  program: string,
  args: readonly string[],
  logPath: string,
  env: Readonly<Record<string, string>> = {},
): Server {
  const setpriv = requireProgram('setpriv', 'util-linux');
  const output = openSync(logPath, 'a');
  // A test run that is killed must not leave engines behind.
  const child = spawn(setpriv, ['--pdeathsig', 'TERM', program, ...args], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  });
  closeSync(output);
  const runs = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(logPath, 'utf8'),
    runs,
    stop: (graceMs = 20_000) => end(child, runs, 'SIGTERM', graceMs),
    kill: () => end(child, runs, 'SIGKILL', 0),
  };
}

/** Runs a program to its end and gives its standard output; rejects with its standard error when it fails. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { encoding: 'utf8', env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else {
          reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
        }
      },
    );
  });
}

async function end(
  child: ChildProcess,
  runs: () => boolean,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!runs()) {
    return;
  }
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
