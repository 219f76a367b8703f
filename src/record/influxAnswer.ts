import { oneLine } from './oneLine.ts';

/** What an answer of InfluxDB 1.x to a write means for the batch that was written. */
export type Verdict =
  | { readonly say: 'taken' }
  /** All but `refused` points are stored; sending those again would be refused again. */
  | { readonly say: 'partly'; readonly refused: number; readonly why: string }
  | { readonly say: 'no-database' }
  /** The batch is too large for the server or for something before it. */
  | { readonly say: 'too-large'; readonly why: string }
  /** Something in the batch cannot be understood, and nothing of it is stored. */
  | { readonly say: 'refused'; readonly why: string }
  | { readonly say: 'denied'; readonly why: string }
  | { readonly say: 'later'; readonly why: string };

/** Reads the answer to a write (InfluxDB 1.x HTTP API, `/write`). */
export function judgeWrite(status: number, body: string): Verdict {
  if (status >= 200 && status < 300) return { say: 'taken' };
  const why = errorText(status, body);
  if (status === 404 && /database not found/i.test(why)) return { say: 'no-database' };
  if (status === 401 || status === 403) return { say: 'denied', why: deniedText(status) };
  if (status === 413) return { say: 'too-large', why };
  if (status === 400) {
    const refused = pointsRefused(body);
    return refused === null ? { say: 'refused', why } : { say: 'partly', refused, why };
  }
  return { say: 'later', why };
}

/** Reads the answer to `CREATE DATABASE`: why it failed, or null. An error may come with status 200. */
export function judgeCreate(status: number, body: string): string | null {
  if (status === 401 || status === 403) return 'and this user may not create it';
  const error = errorOf(body);
  if (status >= 200 && status < 300 && error === null) return null;
  return `and cannot be created: ${errorText(status, body)}`;
}

/** `dropped=` does not count lines that could not be parsed: those are named one by one. */
function pointsRefused(body: string): number | null {
  if (!/partial write/i.test(body)) return null;
  const told = Number(/dropped=(\d+)/.exec(body)?.[1] ?? 0);
  const unparsed = body.match(/unable to parse/g)?.length ?? 0;
  return Math.max(1, told, unparsed);
}

/** Our own words: the server's would name the user. */
function deniedText(status: number): string {
  return status === 401
    ? 'the user or the password is wrong (401)'
    : 'this user may not write to the database (403)';
}

function errorText(status: number, body: string): string {
  const said = oneLine(errorOf(body) ?? body).slice(0, 300);
  return said === '' ? `it answers ${status}` : `it answers ${status}: ${said}`;
}

function errorOf(body: string): string | null {
  try {
    const answer = JSON.parse(body) as { error?: unknown; results?: readonly { error?: unknown }[] };
    const error = answer.error ?? answer.results?.find((result) => result.error !== undefined)?.error;
    return typeof error === 'string' ? error : null;
  } catch {
    return null;
  }
}
