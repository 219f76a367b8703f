import { type ChildProcess, execFile, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';

/** Where a program is, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Runs a program to its end and gives its standard output; rejects with what it said when it fails. */
export async function run(program: string, args: readonly string[], timeoutMs = 60_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'utf8', timeout: timeoutMs, maxBuffer: 64_000_000 } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}

/** Runs a program on our own terminal to its end; gives its exit code. */
export async function runHere(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return exitCode(child);
}

/** A program in the background. */
export interface Background {
  readonly child: ChildProcess;
  runs(): boolean;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a program that Ctrl-C does not reach (we end it in our own order), but that the kernel ends when we are
 * killed; what it says goes to the file `log`.
 */
export function background(
  program: string,
  args: readonly string[],
  log: string,
  env: NodeJS.ProcessEnv,
): Background {
  const setpriv = findProgram('setpriv');
  const output = openSync(log, 'a');
  const words = [program, ...args];
  const options = { stdio: ['ignore', output, output], detached: true, env } satisfies SpawnOptions;
  const child =
    setpriv === null
      ? spawn(program, args, options)
      : spawn(setpriv, ['--pdeathsig', 'TERM', ...words], options);
  closeSync(output);
  child.on('error', () => undefined);
  const runs = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    child,
    runs,
    async stop(graceMs) {
      if (!runs()) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The exit code of a child: 128 and the signal's worth for one that was killed, 127 for one that never began. */
export async function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 128));
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
