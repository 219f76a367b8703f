import type { Clock } from '../model/clock.ts';
import type { ContainerDetail, Engine } from '../model/engine.ts';
import { readKernelFile } from '../sample/kernelFile.ts';

/** So long before its stream of events breaks an engine may have begun to end its containers. */
const beforeMs = 15_000;
/** So long after it answers again it may tell of ends that came with its own. */
const afterMs = 5000;

const leastPauseMs = 1000;
const longestPauseMs = 30_000;
/** Slots are empty until an engine that is back is found: it is looked for after this part of the time it has been away. */
const pausePart = 1 / 8;

/** How long it takes until an engine is looked for again that has been away for so long. */
export function lookAgainMs(awayMs: number): number {
  return Math.min(longestPauseMs, Math.max(leastPauseMs, awayMs * pausePart));
}

/** When the engine was away: what ended then, by a signal, ended with it. Times are in `Clock.nowMs` terms. */
export class Outage {
  #goneMs: number | null = null;
  /** When it first listed what it has since it was away, or since this daemon began; null while it has not. */
  #backMs: number | null = null;

  /**
   * It does not answer any more; gives since when ends may be its doing. Being away goes on until it is back, and begins
   * only with one that was there: of what was before the daemon nobody knows.
   */
  begin(nowMs: number): number {
    if (this.#backMs !== null) this.#goneMs = nowMs;
    this.#backMs = null;
    return (this.#goneMs ?? Number.POSITIVE_INFINITY) - beforeMs;
  }

  /** It has listed what it has. */
  end(nowMs: number): void {
    this.#backMs ??= nowMs;
  }

  /** Whether it is away, or has listed nothing since. */
  get isOn(): boolean {
    return this.#goneMs !== null && this.#backMs === null;
  }

  /** Whether the end of one that started at `startedMs`, told now, may have come with the engine's. */
  covers(startedMs: number | null, nowMs: number): boolean {
    if (this.isOn) return true;
    const justBack = this.#backMs !== null && nowMs - this.#backMs < afterMs;
    return justBack && startedMs !== null && this.#goneMs !== null && startedMs < this.#goneMs;
  }
}

/** An event is told this long after what it tells of, at most. */
const eventDelayMs = 1000;

/** Where containers have ended before anybody looked, since when their engine remembers; one that does not tell is no outage. */
export async function firstEventOf(
  engine: Engine,
  details: ReadonlyMap<string, ContainerDetail>,
  signal: AbortSignal,
): Promise<number | null> {
  const hasEnded = [...details.values()].some(({ state }) => state === 'ended');
  return hasEnded ? engine.firstEventMs(signal).catch(() => null) : null;
}

/**
 * Whether a container ended before its engine began, which has been restarted since: `firstEventMs` is its first event,
 * null where it does not tell.
 */
export function endedBefore(detail: ContainerDetail, firstEventMs: number | null): boolean {
  const { endedAtWallMs } = detail;
  return firstEventMs !== null && endedAtWallMs !== null && endedAtWallMs + eventDelayMs < firstEventMs;
}

/**
 * Whether a container of an engine on this node was started before the node was: it ended with the node. The kernel's
 * count goes on while the node sleeps, as the clock on the wall does; a second is left for what they differ by.
 */
export function isOfAnotherBoot(detail: ContainerDetail, isLocal: boolean, clock: Clock): boolean {
  const uptime = isLocal ? readKernelFile('/proc/uptime') : null;
  if (uptime?.known !== true || detail.startedAtWallMs === null) return false;
  return detail.startedAtWallMs < clock.wallMs() - Number(uptime.value.split(' ')[0]) * 1000 - 1000;
}
