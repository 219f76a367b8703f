import { execFile, type ExecFileException } from 'node:child_process';
import { join } from 'node:path';
import type { LoadResult } from '../config/load.ts';
import { OtherVersion, unpack } from '../config/passing.ts';
import { version } from './version.ts';

/** Reads and checks one configuration file; never rejects. */
export type ReadSettings = (file: string) => Promise<LoadResult>;

const deadlineMs = 30_000;
const mostBytes = 8_000_000;

/**
 * Reads a configuration in a process of its own. YAML and its schema would stay in the daemon's memory for good (4 MB
 * of its 50, measured) for the sake of a file that changes once in a month; and what a hostile file may do to a parser,
 * it does to a process that nobody misses. `folder` holds the reader's bundle.
 */
export function settingsReader(folder: string): ReadSettings {
  const program = join(folder, 'configReader.cjs');
  return async (file) =>
    new Promise((resolve) => {
      const words = ['--max-old-space-size=256', program, file];
      const options = {
        timeout: deadlineMs,
        killSignal: 'SIGKILL',
        maxBuffer: mostBytes,
        encoding: 'utf8',
      } as const;
      const take = (error: ExecFileException | null, text: string): void => {
        try {
          resolve(unpack(text, version));
        } catch (thrown) {
          resolve(unread(thrown instanceof OtherVersion ? upgraded(thrown) : failed(error)));
        }
      };
      try {
        execFile(process.execPath, words, options, take);
      } catch (error) {
        // No memory for another process, say: told at once, and not by the callback.
        take(error as ExecFileException, '');
      }
    });
}

/** The reader is started from the disk, where an upgrade puts another one while the daemon runs. */
function upgraded({ version: installed }: OtherVersion): string {
  const other = installed === null ? 'another version' : `version ${installed}`;
  return `Plancton ${version} runs and ${other} has been installed since: restart it (planctonctl stop, planctonctl start)`;
}

/** The error's own text repeats the command line and the child's output: only its kind is told. */
function failed(error: ExecFileException | null): string {
  return error === null
    ? 'its reader was cut short'
    : `its reader failed (${error.signal ?? error.code ?? 'unknown'})`;
}

const unreadMark = 'unread: ';

function unread(why: string): LoadResult {
  const problem = { line: null, column: null, key: '', message: `cannot be read: ${why}` };
  return { ok: false, problems: [problem], warnings: [], fingerprint: `${unreadMark}${why}` };
}

/** Whether nobody has looked at the file, so that its faults, if it has any, are not known. */
export function wasUnread(result: LoadResult): boolean {
  return result.fingerprint.startsWith(unreadMark);
}
