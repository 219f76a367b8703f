import type { ServerResponse } from 'node:http';

/** What is asked for, as far as an answer may depend on it. */
export interface Question {
  readonly query: URLSearchParams;
  /** The `Accept` header, empty where there is none. */
  readonly accept: string;
  /** `Accept-Encoding` and `If-None-Match`, empty as well. */
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
  /** Whether it comes from this very node. */
  readonly isLocal: boolean;
}

/** A whole answer. */
export interface Reply {
  readonly status?: number;
  /** `Content-Type`. */
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Further headers, in small letters. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that goes on until either side ends it: takes over the connection, whose headers are not sent yet. */
export interface Stream {
  begin(response: ServerResponse): void;
}

/** Answers `GET` and `HEAD` of one path. */
export type Route = (question: Question) => Reply | Stream | Promise<Reply | Stream>;

/**
 * What every answer says. Nothing is loaded from elsewhere, nothing is run that is not a file of this page, no other page
 * may frame it or read of it, and no browser guesses what an answer is.
 */
export const safeHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** A line of text: what is wrong, and what to do. */
export function textReply(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

/** Data for programs. */
export function jsonReply(value: unknown): Reply {
  return { type: 'application/json', body: JSON.stringify(value) };
}
