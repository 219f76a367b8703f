import { join } from 'node:path';
import { ClockTrust } from './clockTrust.ts';
import { diskLater, namesLater, removeLater, statLater } from './laterFile.ts';
import { errorLine } from './oneLine.ts';
import { draftEndings } from './pilotLogDraft.ts';

/** How much is kept. */
export interface RetentionLimits {
  readonly allBytes: number;
  readonly ageMs: number;
}

/** What keeping logs in bounds takes. */
export interface RetentionOptions {
  readonly folder: string;
  readonly limits: () => RetentionLimits;
  readonly wallMs: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly nowMs: () => number;
  readonly onTrouble: (text: string) => void;
  /** How much may be written to the disk of a folder; `Infinity` where that is not known. */
  readonly roomIn?: (folder: string) => Promise<number>;
}

interface KeptLog {
  readonly path: string;
  readonly bytes: number;
  readonly writtenWallMs: number;
}

/** Beside bytes, files are bounded: each takes an inode, and looking through them takes memory. */
const mostFiles = 20_000;
/** What is over is removed down to this part of the bounds, so that not each new log makes it look again. */
const keptPart = 0.9;
/** However little is written, age is looked at this often. */
const lookEveryMs = 3_600_000;
/** Nobody is writing a draft any more that is older than this. */
const draftAgeMs = 3_600_000;
/** A file takes whole blocks of the disk. */
const diskBlockBytes = 4096;

/** This part of a disk, and so much at most, stays free of logs: it is the owner's, and the journal's. */
const [freePart, mostFreeBytes] = [0.05, 1e9];

/**
 * Keeps a folder of logs within its age and size, and its disk from being filled, the oldest going first; ages count while the clock
 * can be believed. The folder is looked through at the start, then
 * once an hour and whenever what was added since makes it too much, by the thread pool, a file at a time.
 */
export class PilotLogRetention {
  readonly #options: Required<RetentionOptions>;
  readonly #clock: ClockTrust;
  #bytes = 0;
  #files = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = { roomIn, ...options };
    this.#clock = new ClockTrust({ ...options, marker: `${options.folder}.looked` });
  }

  /** Notes a new log. Resolves when what had to go for it is gone; nobody has to wait for that. */
  async added(bytes: number): Promise<void> {
    this.#bytes += onDisk(bytes);
    this.#files += 1;
    if (this.#isDue() || (await this.#room()) < 0) await this.look();
  }

  /** Whether the disk has room for one more; older ones go for it. */
  async hasRoom(): Promise<boolean> {
    if ((await this.#room()) > 0) return true;
    await this.look();
    return (await this.#room()) > 0;
  }

  #room(): Promise<number> {
    return this.#options.roomIn(this.#options.folder);
  }

  /** Looks through the folder and removes what is too old, or too much. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  #isDue(): boolean {
    const { limits, wallMs } = this.#options;
    const sinceMs = wallMs() - this.#lookedMs;
    // A clock that was put back makes the last look one of the future.
    const isLongAgo = sinceMs > lookEveryMs || sinceMs < 0;
    return isLongAgo || this.#bytes > limits().allBytes || this.#files > mostFiles;
  }

  async #look(): Promise<void> {
    const { limits, wallMs, folder, onTrouble } = this.#options;
    const { allBytes: wantedBytes, ageMs } = limits();
    this.#lookedMs = wallMs();
    try {
      const logs = (await this.#logsIn(folder)).toSorted((a, b) => b.writtenWallMs - a.writtenWallMs);
      const allBytes = Math.min(wantedBytes, sum(logs) + (await this.#room()));
      const isOver = logs.length > mostFiles || sum(logs) > allBytes;
      const part = isOver ? keptPart : 1;
      let [bytes, files] = [0, 0];
      const [newest] = logs;
      const isTrusted = newest !== undefined && (await this.#clock.isTrusted(newest.writtenWallMs));
      for (const log of logs) {
        const isOld = isTrusted && this.#lookedMs - log.writtenWallMs > ageMs;
        const isTooMuch = bytes + log.bytes > allBytes * part || files + 1 > mostFiles * part;
        if (isOld || isTooMuch) await removeLater(log.path);
        else {
          bytes += log.bytes;
          files += 1;
        }
      }
      [this.#bytes, this.#files] = [bytes, files];
    } catch (error) {
      onTrouble(`cannot keep ${folder} within its size: ${errorLine(error)}`);
    }
  }

  /** The logs in the folder; drafts that nobody is writing any more are removed on the way. */
  async #logsIn(folder: string): Promise<readonly KeptLog[]> {
    const logs: KeptLog[] = [];
    for (const name of await namesLater(folder)) {
      const path = join(folder, name);
      const stats = await statLater(path);
      if (stats === null || !stats.isFile()) continue;
      const isDraft = draftEndings.some((ending) => name.endsWith(`.log${ending}`));
      if (isDraft && this.#lookedMs - stats.mtimeMs > draftAgeMs) await removeLater(path);
      // What else somebody put there is not ours to remove.
      if (name.endsWith('.log')) logs.push({ path, bytes: onDisk(stats.size), writtenWallMs: stats.mtimeMs });
    }
    return logs;
  }
}

async function roomIn(folder: string): Promise<number> {
  const disk = await diskLater(folder);
  if (disk === null) return Number.POSITIVE_INFINITY;
  return disk.freeBytes - Math.min(freePart * disk.bytes, mostFreeBytes);
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / diskBlockBytes) * diskBlockBytes;
}

function sum(logs: readonly KeptLog[]): number {
  return logs.reduce((total, { bytes }) => total + bytes, 0);
}
