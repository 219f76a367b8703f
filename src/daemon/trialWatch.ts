import type { Engine } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { Identity } from './ownership.ts';
import { orphansNoted, sweepTrials } from './trials.ts';

/** How often the run folder is looked at for tried pilots whose process is gone. */
const lookEveryMs = 10_000;
/** What the removals of one sweep may take in all. */
const sweepMs = 60_000;
/** The daemon's end waits this long for a sweep that is under way. */
const closeMs = 5000;

/** What looking after other processes' tried pilots takes. */
export interface TrialWatchParts {
  readonly runFolder: string;
  readonly identity: Identity;
  engine(): Pick<Engine, 'list' | 'remove'>;
  readonly log: Log;
}

/** Removes pilots that somebody tried, and that were left behind because their process was killed. */
export interface TrialWatch {
  /** An engine has answered: what was left before this daemon, or before this boot, is looked for there once. */
  connected(): void;
  /** To be called with each tick. `forced`: all pilots are being removed. */
  look(nowMs: number, forced: boolean): void;
  /** Lets a sweep that is under way end, for a while. */
  close(): Promise<void>;
}

/** Looks after tried pilots: while there are none it costs a look at a folder that is not there, each ten seconds. */
export function createTrialWatch(parts: TrialWatchParts): TrialWatch {
  let underWay: Promise<void> | null = null;
  let giveUp = new AbortController();
  let lookedMs = Number.NEGATIVE_INFINITY;
  let wasForced = false;
  let hasConnected = false;

  const sweep = async (): Promise<void> => {
    giveUp = new AbortController();
    const { signal } = giveUp;
    const deadline = setTimeout(() => giveUp.abort(), sweepMs);
    try {
      const { identity, runFolder } = parts;
      const { removed, troubles } = await sweepTrials(parts.engine(), identity, runFolder, signal);
      for (const name of removed)
        parts.log.info(`removed ${name}, a pilot that was tried: the process that looked after it is gone`);
      for (const text of troubles)
        parts.log.warn(`a pilot that was tried and left behind is not removed: ${text}`);
    } catch (error) {
      parts.log.debug(`pilots that were tried are not looked for: ${(error as Error).message}`);
    } finally {
      clearTimeout(deadline);
    }
  };
  const begin = (): void => {
    underWay ??= sweep().finally(() => {
      underWay = null;
    });
  };
  return {
    connected() {
      hasConnected = true;
      begin();
    },
    look(nowMs, forced) {
      const isDue = nowMs - lookedMs >= lookEveryMs || (forced && !wasForced);
      wasForced = forced;
      if (!hasConnected || !isDue) return;
      lookedMs = nowMs;
      if (orphansNoted(parts.runFolder).length > 0) begin();
    },
    async close() {
      if (underWay === null) return;
      const deadline = setTimeout(() => giveUp.abort(), closeMs);
      await underWay;
      clearTimeout(deadline);
    },
  };
}
