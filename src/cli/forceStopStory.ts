import { engineAwayPatienceMs } from '../daemon/forceStopEnd.ts';
import { counted, spanText } from '../decide/numbers.ts';
import type { Status } from '../model/status.ts';
import { troublesOf } from './statusText.ts';

/** The same is said again this often. */
const sayEveryMs = 10_000;

/** What a force-stop waits for, told to who waits for it. Times are monotonic, in milliseconds. */
export class ForceStopStory {
  #last: { readonly away: boolean; readonly atMs: number } | null = null;
  #beganMs: number | null = null;
  #awaySinceMs: number | null = null;
  #troubles: readonly string[] = [];

  /**
   * What is to be said of this status, null where the daemon gave none; null for nothing. An engine that is away is told
   * at once, progress now and then.
   */
  take(status: Status | null, nowMs: number): string | null {
    this.#beganMs ??= nowMs;
    if (status === null) {
      if (nowMs - (this.#last?.atMs ?? this.#beganMs) < sayEveryMs) return null;
      this.#last = { away: false, atMs: nowMs };
      return 'Waiting for the daemon, which does not tell what it does; planctonctl stop ends it whatever it does';
    }
    const away = !status.engine.answering;
    this.#awaySinceMs = away ? (this.#awaySinceMs ?? nowMs) : null;
    this.#troubles = away ? [status.engine.reason] : troublesOf(status);
    const isNews = this.#last === null ? away : this.#last.away !== away;
    if (!isNews && nowMs - (this.#last?.atMs ?? this.#beganMs) < sayEveryMs) return null;
    this.#last = { away, atMs: nowMs };
    const left = status.pilots.list.filter(({ managed }) => managed).length;
    if (this.#awaySinceMs === null) return `Waiting for ${counted(left, 'pilot')} to be removed`;
    const sofar = nowMs - this.#awaySinceMs;
    const since = sofar < sayEveryMs ? '' : `, for ${spanText(sofar)} now`;
    const known = left === 0 ? 'no pilot is known' : `${counted(left, 'pilot')} known`;
    return `Waiting for the container engine, which does not answer (${status.engine.reason})${since}; ${known}; given up after ${engineAwayPatienceMs / 1000} s`;
  }

  /** What was in the way when it was last heard of. */
  troubles(): readonly string[] {
    return this.#troubles;
  }
}
