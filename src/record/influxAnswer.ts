import { oneLine } from './oneLine.ts';
import type { InfluxReply } from './influxRequest.ts';

/** What an answer of InfluxDB to a write means for the batch that was written. */
export type Verdict =
  | { readonly say: 'taken' }
  /** All but `refused` points are stored; sending those again would be refused again. */
  | { readonly say: 'partly'; readonly refused: number; readonly why: string }
  | { readonly say: 'no-database' }
  /** The batch is too large for the server or for something before it. */
  | { readonly say: 'too-large'; readonly why: string }
  /** Something in the batch cannot be understood; what of it is stored is not known, and may be sent again. */
  | { readonly say: 'refused'; readonly why: string }
  /** Somebody has to do something about it. */
  | { readonly say: 'denied'; readonly why: string }
  /** Not now; `afterMs` is how long the server asks to be left alone, null where it does not say. */
  | { readonly say: 'later'; readonly why: string; readonly afterMs: number | null };

/** How the writer has said who it is. */
export type Credential = 'user' | 'token';

/**
 * Reads the answer to a write, of `/write` (InfluxDB 1.x), `/api/v2/write` (2.x, and 3.x's clouds and clusters) or
 * `/api/v3/write_lp` (3.x). 2.x tells of points that it refused with 422, 3.x with 400; some of its editions do not say
 * whether the others are stored. That is no harm: a point that is written twice is there once.
 */
export function judgeWrite(
  { status, body, retryAfterMs }: InfluxReply,
  credential: Credential = 'user',
): Verdict {
  if (status >= 200 && status < 300) return { say: 'taken' };
  const why = errorText(status, body);
  if (status === 401 || status === 403) return { say: 'denied', why: deniedText(status, credential) };
  if (status === 413) return { say: 'too-large', why };
  if (status === 400 || status === 415 || status === 422) {
    const refused = pointsRefused(body);
    return refused === null ? { say: 'refused', why } : { say: 'partly', refused, why };
  }
  if (status === 404 && /database not found/i.test(why)) return { say: 'no-database' };
  // What is not InfluxDB's own word may be a proxy's whose InfluxDB is away.
  if (status === 404 && saysNotFound(body)) return { say: 'denied', why };
  return { say: 'later', why, afterMs: retryAfterMs ?? null };
}

/** Reads the answer to `CREATE DATABASE`: why it failed, or null. An error may come with status 200. */
export function judgeCreate({ status, body }: InfluxReply): string | null {
  if (status === 401 || status === 403) return 'and this user may not create it';
  const error = errorOf(body);
  if (status >= 200 && status < 300 && error === null) return null;
  return `and cannot be created: ${errorText(status, body)}`;
}

/** How many points of a partial write were refused; null for what is none. */
function pointsRefused(body: string): number | null {
  if (!/partial write/i.test(body)) return null;
  // 1.x and 2.x: `dropped=` does not count lines that could not be parsed, those are named one by one. 3.x lists all.
  const told = Number(/dropped=(\d+)/.exec(body)?.[1] ?? 0);
  const unparsed = body.match(/unable to parse/g)?.length ?? 0;
  const { data } = answerOf(body);
  return Math.max(1, told, unparsed, Array.isArray(data) ? data.length : 0);
}

/** Our own words: the server's would name the user. */
function deniedText(status: number, credential: Credential): string {
  if (credential === 'token')
    return status === 401
      ? 'the token is wrong, or may not write there (401)'
      : 'this token may not write there (403)';
  return status === 401
    ? 'the user or the password is wrong (401)'
    : 'this user may not write to the database (403)';
}

function errorText(status: number, body: string): string {
  const said = oneLine(errorOf(body) ?? body).slice(0, 300);
  return said === '' ? `it answers ${status}` : `it answers ${status}: ${said}`;
}

/** What of an answer's JSON any version may have. */
interface Answer {
  /** 1.x and 3.x; 2.x has `code` and `message`. */
  readonly error?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  /** 1.x, of a query. */
  readonly results?: readonly { readonly error?: unknown }[];
  /** 3.x: a line each that was refused. */
  readonly data?: unknown;
}

function answerOf(body: string): Answer {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

function saysNotFound(body: string): boolean {
  return answerOf(body).code === 'not found';
}

function errorOf(body: string): string | null {
  const { error, message, results, data } = answerOf(body);
  const said = error ?? message ?? results?.find((result) => result.error !== undefined)?.error;
  if (typeof said !== 'string') return null;
  const [first] = Array.isArray(data) ? (data as { readonly error_message?: unknown }[]) : [];
  return typeof first?.error_message === 'string' ? `${said}: ${first.error_message}` : said;
}
