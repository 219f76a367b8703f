import { type Engine, EngineError, type LogOptions, type OnLogChunk } from '../model/engine.ts';
import { isoTime } from '../model/isoTime.ts';
import { askOf } from './containers.ts';
import { stateOf } from './containerView.ts';
import { createLastBytes, type LastBytes } from './lastBytes.ts';
import type { LogPart } from './logFrames.ts';
import { type LogRequest, readLog } from './logStream.ts';
import type { Session } from './session.ts';

/**
 * How long reading again what was there may take before what has come by then is told: a log that was rotated meanwhile
 * never gets to where it was.
 */
const catchUpMs = 2000;

/** Reading what a container has written; see `Engine.logs`. */
export function createLogs(session: Session): Engine['logs'] {
  return async (id, options, onChunk, signal) => {
    try {
      await readOut(session, id, options, onChunk, signal);
    } catch (thrown) {
      const isGivenUp = signal.aborted && thrown instanceof EngineError && thrown.fault === 'aborted';
      if (!(options.follow && isGivenUp)) throw thrown;
    }
  };
}

async function readOut(
  session: Session,
  id: string,
  options: LogOptions,
  onChunk: OnLogChunk,
  signal: AbortSignal,
): Promise<void> {
  const what = `read the log of container ${id}`;
  const { Config, State } = await askOf(session, id, what, signal);
  const state = stateOf(State?.Status ?? '');
  // Podman may lose the end of a log that is followed although its container has ended.
  const follow = options.follow && (state === 'running' || state === 'paused');
  const { sinceWallMs, tailBytes } = options;
  const query = sinceWallMs === undefined ? {} : { since: sinceFor(session, sinceWallMs) };
  const request: LogRequest = { id, what, query, isFramed: Config?.Tty !== true, follow };
  if (tailBytes === null) {
    for await (const parts of readLog(session, request, signal)) await tell(parts, onChunk);
    return;
  }
  const last = createLastBytes(tailBytes);
  if (follow) {
    const before = await sizeOf(readLog(session, { ...request, follow: false }, signal));
    await tellFrom(before, session, request, last, onChunk, signal);
    return;
  }
  for await (const parts of readLog(session, request, signal)) for (const part of parts) last.add(part);
  await tell(last.parts(), onChunk);
}

/** Docker takes seconds with fractions, Podman a written time; both leave out what is before. */
function sinceFor(session: Session, wallMs: number): string {
  const wholeMs = Math.floor(wallMs);
  if (session.info()?.product === 'podman') return isoTime(wholeMs);
  const nanoseconds = String(wholeMs % 1000)
    .padStart(3, '0')
    .padEnd(9, '0');
  return `${Math.floor(wholeMs / 1000)}.${nanoseconds}`;
}

async function sizeOf(pieces: AsyncIterable<Iterable<LogPart>>): Promise<number> {
  let size = 0;
  for await (const parts of pieces) for (const { bytes } of parts) size += bytes.length;
  return size;
}

async function tell(parts: Iterable<LogPart>, onChunk: OnLogChunk): Promise<void> {
  for (const { stream, bytes } of parts) {
    const taken = onChunk(stream, bytes);
    // Most take it at once: a wait for each would cost more than all the rest.
    if (taken !== undefined) await taken;
  }
}

/**
 * Tells the end of the first `before` bytes, which `last` holds, and then all that follows. Engines know the end of a log
 * by lines only, and one of them (Podman 4) hangs when it is asked for lines that were written in pieces.
 */
async function tellFrom(
  before: number,
  session: Session,
  request: LogRequest,
  last: LastBytes,
  onChunk: OnLogChunk,
  signal: AbortSignal,
): Promise<void> {
  const life = new AbortController();
  const end = (): void => life.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), catchUpMs);
  });
  const pieces = readLog(session, request, life.signal);
  let pending = pieces.next();
  try {
    for (let size = 0; size < before; pending = pieces.next()) {
      const next = await Promise.race([pending, overdue]);
      if (next === null || next.done === true) break;
      for (const part of next.value) {
        last.add(part);
        size += part.bytes.length;
      }
    }
    await tell(last.parts(), onChunk);
    for (let next = await pending; next.done !== true; next = await pieces.next()) {
      await tell(next.value, onChunk);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    // Where whoever is told has failed, a piece may be on its way yet that nobody waits for.
    pending.catch(() => undefined);
    end();
  }
}
