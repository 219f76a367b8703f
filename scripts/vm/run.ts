import { spawn } from 'node:child_process';

interface RunOptions {
  /** How long it may take; a minute by default. */
  readonly deadlineMs?: number;
  /** Asks it to end. */
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end, behind the others on this machine, and gives its standard output; rejects with the last of
 * what it said when it fails. One that has to end gets SIGTERM, and is waited for: nothing of it goes on behind our back.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { deadlineMs = 60_000, signal, env = {} } = options;
  signal.throwIfAborted();
  const child = spawn('nice', ['-n', '5', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ending = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const end = (): void => void child.kill('SIGTERM');
  ending.addEventListener('abort', end);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ending.removeEventListener('abort', end);
  if (code === 0) return stdout;
  signal.throwIfAborted();
  const last = stderr.trim().split('\n').slice(-8).join('; ');
  const why = ending.aborted ? `it had not ended after ${deadlineMs / 1000} s` : `${code}: ${last}`;
  throw new Error(`${program} failed: ${why}`);
}
