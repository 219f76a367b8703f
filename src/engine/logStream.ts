import { EngineError } from '../model/engine.ts';
import { logSilenceMs } from './deadline.ts';
import { createFrameReader, createPlainReader, type LogPart } from './logFrames.ts';
import type { Session } from './session.ts';
import { pathOf } from './wire.ts';

/** One reading of a container's log. */
export interface LogRequest {
  readonly id: string;
  /** Such as `read the log of container x`; follows the word "cannot". */
  readonly what: string;
  readonly query: Readonly<Record<string, string>>;
  /** Frames tell the streams apart; a container with a terminal has none. */
  readonly isFramed: boolean;
  readonly follow: boolean;
}

/**
 * A container's log as it comes, a few pieces at a time; nothing is read before it is asked for, and nothing of it is
 * held. Silence is an `EngineError` (`timeout`), but when following; so is that `signal` aborts.
 */
export async function* readLog(
  session: Session,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<Iterable<LogPart>, void> {
  const { what, follow } = request;
  const silenceMs = follow ? null : logSilenceMs;
  const reader = request.isFramed ? createFrameReader() : createPlainReader();
  // The answer outlives the deadlines of its parts: it ends with this.
  const life = new AbortController();
  const end = (): void => life.abort();
  signal.addEventListener('abort', end, { once: true });
  try {
    const query = { stdout: '1', stderr: '1', follow: follow ? '1' : '0', ...request.query };
    const path = pathOf('containers', request.id, 'logs');
    const answer = await session.ask(what, silenceMs, signal, (wire, _deadline, asked) =>
      wire.open({ method: 'GET', path, query }, asked, life.signal).catch(asUnreadable),
    );
    const chunks = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer, void>;
    for (;;) {
      const next = await session.ask(what, silenceMs, signal, () => chunks.next());
      if (next.done === true) break;
      yield explained(reader.read(next.value), what);
    }
    explain(what, () => reader.end());
  } finally {
    signal.removeEventListener('abort', end);
    // An answer that nobody reads any more must not stay open.
    end();
  }
}

/** Docker answers 501, Podman 500: only their words tell that there is nothing to be read. */
function asUnreadable(thrown: unknown): never {
  if (!(thrown instanceof EngineError) || !/\blog(?:ging)? driver\b/i.test(thrown.message)) throw thrown;
  const message = `${thrown.message} (what this container writes is kept where no engine can read it)`;
  throw new EngineError('rejected', message, { cause: thrown });
}

function* explained(parts: Iterable<LogPart>, what: string): Iterable<LogPart> {
  const pieces = parts[Symbol.iterator]();
  for (;;) {
    const next = explain(what, () => pieces.next());
    if (next.done === true) return;
    yield next.value;
  }
}

function explain<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('failed', `cannot ${what}: ${why}`, { cause });
  }
}
