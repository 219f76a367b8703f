import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine, Ran, RunOptions } from './machine.ts';

/** How long a program that was told to end may take for it, before it is killed. */
const killAfterMs = 2000;
const mostOutputBytes = 1_000_000;

/** The machine that this process runs on. */
export const realMachine: Machine = {
  run: runProgram,
  exists: existsSync,
  readText(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  },
  writeText(path, text) {
    mkdirSync(dirname(path), { recursive: true });
    const beside = `${path}.${process.pid}.new`;
    try {
      writeFileSync(beside, text, { mode: 0o644, flag: 'wx' });
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  },
};

function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  if (options.signal.aborted) return Promise.resolve({ how: 'aborted' });
  return new Promise((resolve) => {
    // A session of its own: it has no terminal to ask on, and can be killed with all that it starts.
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: environmentWith(options),
      stdio: 'pipe',
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.stderr.on('data', (chunk: Buffer) => options.onStderr?.(chunk.toString('utf8')));
    let stoppedBy: 'timeout' | 'aborted' | null = null;
    let killer: NodeJS.Timeout | undefined;
    const stop = (why: 'timeout' | 'aborted') => {
      stoppedBy ??= why;
      signalGroup(child, 'SIGTERM');
      killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMs);
    };
    const abort = () => stop('aborted');
    const deadline = setTimeout(() => stop('timeout'), options.deadlineMs);
    options.signal.addEventListener('abort', abort, { once: true });
    const settle = (ran: Ran) => {
      clearTimeout(deadline);
      clearTimeout(killer);
      options.signal.removeEventListener('abort', abort);
      resolve(ran);
    };
    child.on('error', (error) => {
      settle(codeOf(error) === 'ENOENT' ? { how: 'missing' } : { how: 'failed', why: error.message });
    });
    // Helpers of a program that was stopped must not go on writing behind it.
    child.on('exit', () => stoppedBy !== null && signalGroup(child, 'SIGKILL'));
    child.on('close', (code, signal) => {
      if (stoppedBy !== null) settle({ how: stoppedBy });
      else if (code === null) settle({ how: 'failed', why: `it was ended by ${signal ?? 'a signal'}` });
      else settle({ how: 'ended', code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
    // A program that does not read what it is given ends on its own account; its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
  });
}

function environmentWith(options: RunOptions): NodeJS.ProcessEnv {
  const all = { ...process.env, ...options.environment };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function collect(stream: NodeJS.ReadableStream): Buffer[] {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostOutputBytes) chunks.push(chunk);
  });
  return chunks;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
