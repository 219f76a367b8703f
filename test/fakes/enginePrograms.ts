/** What a fake container does when its command runs: as much of a shell as tests ask for. */
export interface FakeProgram {
  /** The exit code with which it ends at once by itself; null when it goes on until it is ended. */
  readonly endsWith: number | null;
  /** What SIGTERM does: the exit code it ends with, or null when it pays no heed. */
  readonly onNotice: number | null;
  /** What it writes to its standard output as it starts. */
  readonly output: string;
}

/** Reads a command as a fake container takes it: `trap`, `exit`, `echo`, and programs that are not there. */
export function programOf(command: readonly string[]): FakeProgram {
  const text = command.join(' ');
  const trapped = /trap '(?:exit (\d+))?' TERM/.exec(text);
  const exits = /^(?:\/bin\/)?sh -c (?:echo \w+; )?exit (\d+)$/.exec(text);
  return {
    // The init program starts, and ends so when there is nothing to run.
    endsWith: text.startsWith('/no/such/') ? 127 : exits === null ? null : Number(exits[1]),
    onNotice: trapped === null ? 143 : trapped[1] === undefined ? null : Number(trapped[1]),
    output: /echo (\w+)/.exec(text)?.[1] ?? '',
  };
}
