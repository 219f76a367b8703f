import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { requireProgram } from './programs.ts';
import { until } from './until.ts';

/** A program on a terminal of its own. */
export interface OnTerminal {
  /** All that it has written so far. */
  output(): string;
  type(keys: string): void;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** The process on this terminal whose command line has this word. */
  pidOf(word: string): Promise<number>;
  /** Gives the terminal of this process another size, as a window does that is drawn larger. */
  resize(pid: number, columns: number, rows: number): void;
  /** Has a process that was suspended go on; `script` has suspended itself with it. */
  goOn(pid: number): void;
  /** Sends a signal to all that runs in the foreground of the terminal, as a terminal that goes away does. */
  hangUp(): void;
}

/** Runs a program on a pseudo-terminal of 80 columns and 24 rows, which `script` (util-linux) makes. */
export function onTerminal(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): OnTerminal {
  const script = requireProgram('script', 'bsdutils');
  const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const { NO_COLOR: _, ...inherited } = process.env;
  const child = spawn(script, ['-q', '-f', '-e', '-c', `stty rows 24 cols 80; exec ${quoted}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...inherited, SHELL: '/bin/sh', TERM: 'xterm', ...env },
    cwd,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    output: () => output,
    type: (keys) => void child.stdin.write(keys),
    ended: once(child, 'close').then(([code]) => code as number | null),
    pidOf: (word) =>
      until(`a process with ${word}`, () =>
        descendants(child.pid ?? 0).find((pid) => commandLine(pid).includes(word)),
      ),
    resize: (pid, columns, rows) =>
      void execFileSync('stty', ['-F', `/proc/${pid}/fd/0`, 'cols', String(columns), 'rows', String(rows)]),
    goOn: (pid) => {
      child.kill('SIGCONT');
      process.kill(pid, 'SIGCONT');
    },
    hangUp: () => void child.kill('SIGKILL'),
  };
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => parentOf(one) === pid);
  return [...children, ...children.flatMap(descendants)];
}

function parentOf(pid: number): number | null {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
