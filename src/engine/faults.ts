import { EngineError, type EngineFault } from '../model/engine.ts';

const messageLimit = 400;

/** Error codes of the system that mean "nobody is there", as Node names them. */
const unreachableCodes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ENOTSOCK: 'that is not a socket',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'the connection timed out',
};

/** What is asked, and where: the subject of every message. */
export interface Asked {
  /** Such as `start container plancton-worker-x`; follows the word "cannot". */
  readonly what: string;
  /** The engine's address, fit for printing. */
  readonly endpoint: string;
}

/** Text of others made fit for one line: no control characters, one space between words, cut to a sane length. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed here
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return line.length > messageLimit ? `${line.slice(0, messageLimit - 1)}…` : line;
}

/** Whatever was thrown between us and the engine, as the one error type that leaves this room. */
export function engineErrorOf(thrown: unknown, asked: Asked): EngineError {
  if (thrown instanceof EngineError) {
    return thrown;
  }
  const thrownCode = fieldOf(thrown, 'code');
  const code = typeof thrownCode === 'string' ? thrownCode : '';
  const text = oneLine(thrown instanceof Error ? thrown.message : String(thrown));
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `cannot ${asked.what}: user ${userName()} may not open ${asked.endpoint}: add the user to the group that owns the socket (docker), or run as root`;
    return new EngineError('denied', message, { cause: thrown });
  }
  const why = unreachableCodes[code] ?? (text === 'socket hang up' ? 'it closed the connection' : text);
  const message = `cannot ${asked.what}: no engine answers at ${asked.endpoint}: ${why}`;
  return new EngineError('unreachable', message, { cause: thrown });
}

/** The fault that an HTTP status of the engine stands for. */
export function faultOfStatus(status: number): EngineFault {
  switch (status) {
    case 401:
    case 403:
      return 'denied';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    default:
      return status < 500 ? 'rejected' : 'failed';
  }
}

/** The error for an answer that is not a success. */
export function answered(status: number, body: string, asked: Asked): EngineError {
  const fault = faultOfStatus(status);
  const hint =
    fault === 'denied' ? ` (user ${userName()}: ask for access to ${asked.endpoint}, or run as root)` : '';
  const message = `cannot ${asked.what}: the engine answered ${status}: ${oneLine(body) || 'nothing more'}${hint}`;
  return new EngineError(fault, message, { statusCode: status });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function userName(): string {
  return `${process.env['USER'] ?? process.env['LOGNAME'] ?? 'of this process'} (uid ${process.getuid?.() ?? '?'})`;
}
