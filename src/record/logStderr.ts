import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard error as a place for lines. Never throws. */
export interface LogStderr {
  /** systemd reads it: lines carry their priority in front and leave the time to the journal (sd-daemon(3)). */
  readonly isJournal: boolean;
  write(text: string): void;
  close(): void;
}

/** Opens standard error so that a terminal stopped by Ctrl-S, or a reader that sleeps, never holds up the daemon. */
export function openStderr(environment: NodeJS.ProcessEnv): LogStderr {
  const { fd, isOurs } = withoutBlocking();
  let torn = false;
  return {
    isJournal: isJournal(environment),
    write: (text) => {
      const bytes = Buffer.from(torn ? `\n${text}` : text);
      try {
        torn = writeSync(fd, bytes) < bytes.length;
      } catch {
        // Full or gone: the file has the line.
      }
    },
    close: () => {
      if (isOurs) closeSync(fd);
    },
  };
}

/** One line straight to standard error, for when the log itself is in trouble. */
export function tellStderr(text: string): void {
  try {
    writeSync(2, `plancton: ${text}\n`);
  } catch {
    // Nobody is left to be told.
  }
}

/** systemd.exec(5): JOURNAL_STREAM holds device and inode of the stream, so a redirection is told apart. */
function isJournal(environment: NodeJS.ProcessEnv): boolean {
  try {
    const { dev, ino } = fstatSync(2);
    return environment['JOURNAL_STREAM'] === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** A second opening has flags of its own; setting them on the first would change them for whoever shares it. */
function withoutBlocking(): { fd: number; isOurs: boolean } {
  try {
    if (fstatSync(2).isFIFO() || isatty(2)) {
      const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
      return { fd: openSync('/proc/self/fd/2', flags), isOurs: true };
    }
  } catch {
    // Another user's terminal, or none: the first opening has to do.
  }
  return { fd: 2, isOurs: false };
}
