/** How a program went. `missing`: there is no such program; its output is bytes, for it may be in any encoding. */
export type Ran =
  | { readonly how: 'ended'; readonly code: number; readonly stdout: Buffer; readonly stderr: Buffer }
  | { readonly how: 'missing' }
  | { readonly how: 'failed'; readonly why: string }
  | { readonly how: 'timeout' }
  | { readonly how: 'aborted' };

/** How a program is to be run. */
export interface RunOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** What it gets on its standard input; nothing by default. */
  readonly input?: Buffer;
  /** Told what it writes to its standard error, as it comes. */
  readonly onStderr?: (text: string) => void;
  /** Variables to set, or with `undefined` to take away, over our own environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What a bootstrap asks of the machine beside the configuration folder itself. Programs are never run by a shell. */
export interface Machine {
  /** Runs a program to its end. Never rejects; past the deadline, or aborted, it is killed with all it has started. */
  run(program: string, args: readonly string[], options: RunOptions): Promise<Ran>;
  exists(path: string): boolean;
  /** The text of a file, or null where there is none. Throws what the file system says otherwise. */
  readText(path: string): string | null;
  /** Puts a file (0644) in place at once, with the folders it needs. Throws what the file system says. */
  writeText(path: string, text: string): void;
}

/** What went wrong with a program, as the end of a sentence; empty when it ended with 0. */
export function complaintOf(program: string, ran: Ran): string {
  switch (ran.how) {
    case 'missing':
      return `the program ${program} is not there`;
    case 'failed':
      return `${program} could not be run: ${ran.why}`;
    case 'timeout':
      return `${program} did not end in time`;
    case 'aborted':
      return `${program} was interrupted`;
    case 'ended':
      return ran.code === 0 ? '' : `${program} ended with ${ran.code}${firstLine(ran.stderr)}`;
  }
}

function firstLine(output: Buffer): string {
  const line = output
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text !== '');
  return line === undefined ? '' : `: ${line}`;
}
