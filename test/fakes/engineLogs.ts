import type { EngineError, LogOptions, OnLogChunk } from '../../src/model/engine.ts';
import type { Said } from './enginePrograms.ts';

/** Something that a fake container has written. */
export interface Written extends Said {
  readonly atWallMs: number;
}

/** What the containers of a fake engine have written, and who reads it. */
export interface FakeLogs {
  write(id: string, said: readonly Said[]): void;
  written(id: string): readonly Written[];
  /** Wakes who follows: the container has ended. */
  ended(id: string): void;
  /** Whoever follows gets this error: the engine has gone. */
  breakOff(error: EngineError): void;
  read(
    container: { readonly id: string; readonly isLive: () => boolean },
    options: LogOptions,
    onChunk: OnLogChunk,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Makes an empty store. */
export function createLogs(wallMs: () => number): FakeLogs {
  const logs = new Map<string, Written[]>();
  const waiting = new Set<{ readonly id: string; readonly settle: (error: EngineError | null) => void }>();
  const written = (id: string): Written[] => logs.get(id) ?? [];
  const wake = (id: string): void => waiting.forEach((reader) => reader.id === id && reader.settle(null));

  /** Resolves at the next thing that happens to a container's log, and when the signal aborts. */
  const nextChange = (id: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const reader = {
        id,
        settle: (error: EngineError | null) => {
          waiting.delete(reader);
          signal.removeEventListener('abort', give);
          if (error === null) resolve();
          else reject(error);
        },
      };
      const give = (): void => reader.settle(null);
      waiting.add(reader);
      signal.addEventListener('abort', give);
    });

  return {
    written,
    write: (id, said) => {
      logs.set(id, [...written(id), ...said.map((piece) => ({ ...piece, atWallMs: wallMs() }))]);
      wake(id);
    },
    ended: wake,
    breakOff: (error) => waiting.forEach((reader) => reader.settle(error)),
    read: async ({ id, isLive }, { follow, tailBytes, sinceWallMs = 0 }, onChunk, signal) => {
      let told = written(id).length;
      const wanted = written(id).filter(({ atWallMs }) => atWallMs >= Math.floor(sinceWallMs));
      for (const piece of lastOf(wanted, tailBytes)) await onChunk(piece.stream, Buffer.from(piece.text));
      if (!follow) return;
      while (!signal.aborted && (isLive() || told < written(id).length)) {
        const fresh = written(id).slice(told);
        told += fresh.length;
        for (const piece of fresh) await onChunk(piece.stream, Buffer.from(piece.text));
        if (fresh.length === 0) await nextChange(id, signal);
      }
    },
  };
}

function lastOf(pieces: readonly Written[], mostBytes: number | null): readonly Said[] {
  if (mostBytes === null) return pieces;
  let left = mostBytes;
  const kept = pieces.toReversed().map(({ stream, text }) => {
    const bytes = Buffer.from(text);
    const cut = bytes.subarray(Math.max(0, bytes.length - left));
    left -= cut.length;
    return { stream, text: cut.toString() };
  });
  return kept.toReversed().filter(({ text }) => text !== '');
}
