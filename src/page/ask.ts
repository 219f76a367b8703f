/** What came of a question. */
export type Answer<T> = { readonly ok: true; readonly value: T } | Refused;

/** What was said instead of an answer. */
export interface Refused {
  readonly ok: false;
  /** 0 where nothing answered. */
  readonly status: number;
  /** For people. */
  readonly text: string;
  /** After how long it wants to be asked again (`Retry-After`), in milliseconds; null where it does not say. */
  readonly retryAfterMs: number | null;
}

const withinMs = 15_000;

/** Asks the daemon that the page came from. Never rejects. */
export async function ask<T>(path: string): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(withinMs), cache: 'no-store' });
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    const { status } = response;
    return { ok: false, status, text: (await response.text()).trim(), retryAfterMs: retryAfterMs(response) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, status: 0, text, retryAfterMs: null };
  }
}

/** The daemon says it in seconds; anything else is no word of its own. */
function retryAfterMs({ headers }: Response): number | null {
  const told = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(told) ? Number(told) * 1000 : null;
}
