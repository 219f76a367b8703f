/** What came of a question. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `status` is 0 where nothing answered; `text` is what was said instead, for people. */
  | { readonly ok: false; readonly status: number; readonly text: string };

const withinMs = 15_000;

/** Asks the daemon that the page came from. Never rejects. */
export async function ask<T>(path: string): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(withinMs), cache: 'no-store' });
    if (response.ok) return { ok: true, value: (await response.json()) as T };
    return { ok: false, status: response.status, text: (await response.text()).trim() };
  } catch (error) {
    return { ok: false, status: 0, text: error instanceof Error ? error.message : String(error) };
  }
}
