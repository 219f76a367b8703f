import type { ContainerDetail, ContainerEvent } from '../model/engine.ts';
import type { LastWord, PilotEnd } from '../model/pilot.ts';
import type { Reading } from '../model/reading.ts';

/** Reads what the pilot of this name said of its own end; null for nothing. */
export type LastWordOf = (name: string) => LastWord | null;

/** What the end of a pilot is reckoned from beside the end itself. */
export interface LifeSeen {
  /** The engine's stamp of its start, where it was told. */
  readonly startedAtWallMs: number | null;
  /** Our own clock, which saw the start. */
  readonly startedAtMs: Reading<number>;
  readonly nowMs: number;
}

/** An end as an inspection tells it; null where it tells none, or no start. */
export function endInspected(detail: ContainerDetail | undefined, lastWordOf: LastWordOf): PilotEnd | null {
  if (detail?.state !== 'ended' || detail.startedAtWallMs === null) return null;
  const livedMs = Math.max(0, (detail.endedAtWallMs ?? detail.startedAtWallMs) - detail.startedAtWallMs);
  return { exitCode: detail.exitCode, livedMs, said: lastWordOf(detail.name) };
}

/** An end as an event tells it. Both stamps are the engine's where both were seen; otherwise our own clock has to do. */
export function endTold(
  event: ContainerEvent,
  { startedAtWallMs, startedAtMs, nowMs }: LifeSeen,
  lastWordOf: LastWordOf,
): PilotEnd {
  const livedMs =
    startedAtWallMs !== null
      ? Math.max(0, event.atWallMs - startedAtWallMs)
      : startedAtMs.known
        ? nowMs - startedAtMs.value
        : 0;
  return { exitCode: event.exitCode, livedMs, said: lastWordOf(event.name) };
}

/** The highest code that a program ends with by itself; above are 128 and the number of a signal, and an engine's 255. */
const highestOwnCode = 128;

/** Signals of a program's own faults, which nobody sends: ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS (signal(7), x86 and ARM). */
const ownFaults: ReadonlySet<number> = new Set(
  [4, 5, 6, 7, 8, 11, 31].map((signal) => highestOwnCode + signal),
);

/** A signal that an engine sent as it went is followed by the end within this time: it kills what pays no heed to it. */
const heedMs = 60_000;

/** How a pilot ended. */
export interface RawEnd {
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
}

/**
 * Whether a pilot that ended at `endedMs` may have done so because its engine did: by a signal, which is what an engine
 * sends as it goes, or with the 255 that it gives to what it has lost sight of; or, with whatever exit code, soon after
 * its engine told that it had sent it a signal. Who ran out of memory ended by that.
 */
export function maybeEnginesDoing(
  { exitCode, outOfMemory }: RawEnd,
  signalledMs: number | null,
  endedMs: number,
): boolean {
  if (exitCode === null || outOfMemory || ownFaults.has(exitCode)) return false;
  return exitCode > highestOwnCode || (signalledMs !== null && endedMs - signalledMs < heedMs);
}
