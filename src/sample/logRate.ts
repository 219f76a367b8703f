import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { failed } from './kernelFile.ts';
import { type FileLook, type LogLook, type LogTrace, nextTrace, rateOf } from './logRateTrace.ts';

/** A log is looked at so often; one that grows fast, or is new to us, more often. Ticks come a little early or late. */
const quietMs = 1900;
const busyMs = 900;
/** One that grew by more since the last look grows fast. */
const fastBytes = 256 * 1024;
/** So many looks make a rate; until then a log is new to us. */
const newLooks = 4;
/** At least so many logs are looked at in one go, and at most this share of all. */
const fewest = 8;
const mostShare = 0.6;
/** Size at which a pilot's log is rotated: the engine is told so at its creation. */
const rotatedAtBytes = 10_000_000;

interface Watched {
  readonly trace: LogTrace | null;
  readonly looks: number;
  readonly lookedAtMs: number;
  readonly rate: Reading<number>;
}

/** Where each driver has its file, below the engine's data folder: an engine tells it in an inspection of each, or not. */
const places: Record<EngineInfo['product'], Readonly<Record<string, (id: string) => string>>> = {
  docker: {
    'json-file': (id) => `containers/${id}/${id}-json.log`,
    local: (id) => `containers/${id}/local-logs/container.log`,
  },
  podman: {
    'k8s-file': (id) => `overlay-containers/${id}/userdata/ctr.log`,
    'json-file': (id) => `overlay-containers/${id}/userdata/ctr.log`,
  },
};

/**
 * The file in which an engine keeps what a container writes. Unknown, with the reason, where there is none that can be
 * looked at: a cgroup tells nothing of it, because the engine does the writing.
 */
export function logFileOf(info: EngineInfo, id: string): Reading<string> {
  if (!info.local) return unknown('the engine runs on another machine');
  const place = places[info.product][info.loggingDriver];
  if (place !== undefined) return known(join(info.dataFolder, place(id)));
  const driver = info.loggingDriver === '' ? 'a driver that it does not name' : info.loggingDriver;
  return unknown(`the engine keeps no log file for it (${driver})`);
}

/** How fast pilots write their logs: each is looked at every two seconds, those that write fast at each sample. */
export class LogRates {
  readonly #watched = new Map<string, Watched>();

  /**
   * Looks at those logs that are due, and gives the rate of each pilot by its id, in bytes a second of what reaches the
   * file (an engine adds to each line). Pilots that are not among them are forgotten. A rate is known after three looks
   * or so, and is at least what it says.
   */
  read(logs: ReadonlyMap<string, Reading<string>>, nowMs: number): ReadonlyMap<string, Reading<number>> {
    for (const id of this.#watched.keys()) if (!logs.has(id)) this.#watched.delete(id);
    for (const [id, path] of this.#due(logs, nowMs)) this.#look(id, path, nowMs);
    const rates = new Map<string, Reading<number>>();
    for (const [id, log] of logs) {
      const rate = log.known ? this.#watched.get(id)?.rate : log;
      rates.set(id, rate ?? unknown('its log has not been looked at yet'));
    }
    return rates;
  }

  /** Whoever has waited longest for its turn comes first. */
  #due(logs: ReadonlyMap<string, Reading<string>>, nowMs: number): readonly (readonly [string, string])[] {
    const due: { readonly id: string; readonly path: string; readonly turns: number }[] = [];
    for (const [id, log] of logs) {
      if (!log.known) continue;
      const watched = this.#watched.get(id);
      const turns = watched === undefined ? Infinity : (nowMs - watched.lookedAtMs) / pauseOf(watched);
      if (turns >= 1) due.push({ id, path: log.value, turns });
    }
    const most = Math.max(fewest, Math.ceil(logs.size * mostShare));
    if (due.length > most) due.sort((a, b) => (a.turns === b.turns ? 0 : b.turns - a.turns)).splice(most);
    return due.map(({ id, path }) => [id, path]);
  }

  #look(id: string, path: string, nowMs: number): void {
    const before = this.#watched.get(id);
    const look = lookAt(path, before?.trace?.last ?? null, nowMs);
    if (!look.known) {
      this.#watched.set(id, { trace: null, looks: 0, lookedAtMs: nowMs, rate: look });
      return;
    }
    const trace = nextTrace(before?.trace ?? null, look.value, rotatedAtBytes);
    this.#watched.set(id, {
      trace,
      looks: (before?.looks ?? 0) + 1,
      lookedAtMs: nowMs,
      rate: rateOf(trace),
    });
  }
}

/** How long until it is due again. */
function pauseOf({ trace, looks }: Watched): number {
  const isBusy = trace !== null && (looks < newLooks || trace.grownBytes >= fastBytes);
  return isBusy ? busyMs : quietMs;
}

/** The former file is asked for only where the current one has changed: a quiet log costs one stat(2). */
function lookAt(path: string, before: LogLook | null, nowMs: number): Reading<LogLook> {
  try {
    const current = fileLook(statSync(path));
    const isSame =
      before !== null &&
      before.current.file === current.file &&
      before.current.sizeBytes === current.sizeBytes &&
      before.current.writtenWallMs === current.writtenWallMs;
    if (isSame) return known({ ...before, atMs: nowMs });
    const former = statSync(`${path}.1`, { throwIfNoEntry: false });
    return known({ atMs: nowMs, current, former: former === undefined ? null : fileLook(former) });
  } catch (error) {
    return failed(path, error);
  }
}

function fileLook({ ino, size, mtimeMs }: Stats): FileLook {
  return { file: ino, sizeBytes: size, writtenWallMs: mtimeMs };
}
