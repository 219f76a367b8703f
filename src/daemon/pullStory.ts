import { counted, spanText } from '../decide/numbers.ts';
import type { Action, ActionResult } from '../model/action.ts';

type Pull = Extract<Action, { readonly do: 'pull' }>;

/** What is told of the end of an action, and how loudly. */
export interface Told {
  readonly level: 'debug' | 'info' | 'warn';
  readonly text: string;
}

/**
 * How pulls go on: a registry that does not give an image is told once, and again when it refuses for another reason or
 * gives it after all, however often it is asked meanwhile.
 */
export class PullStory {
  readonly #failing = new Map<string, { readonly reason: string; readonly tries: number }>();

  /** Whether the beginning of this pull is worth a line: that of one more try is not. */
  isNews(pull: Pull): boolean {
    return !this.#failing.has(pull.reference);
  }

  /** Takes the end of a pull; `imageIsThere` says whether one that failed leaves an image to run. */
  tell(pull: Pull, result: ActionResult, imageIsThere: boolean): Told {
    const before = this.#failing.get(pull.reference);
    if (result.ok) {
      this.#failing.delete(pull.reference);
      const after = before === undefined ? '' : `, after ${counted(before.tries, 'failure')}`;
      return {
        level: 'info',
        text: `pulled image ${pull.reference} in ${tookText(result.tookMs)}${after}`,
      };
    }
    const text = imageIsThere
      ? asLocal(pull, result.error)
      : `${result.error}; tried again with growing pauses`;
    const reason = withoutNumbers(text);
    this.#failing.set(pull.reference, { reason, tries: (before?.tries ?? 0) + 1 });
    return { level: before?.reason === reason ? 'debug' : 'warn', text };
  }
}

/** The same reason names another port or another request each time. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '#');
}

/** A failure that pilots do not feel: what they run comes first, for those who read the beginning only. */
function asLocal({ reference }: Pull, error: string): string {
  const known = `cannot pull image ${reference}: `;
  const why = error.startsWith(known) ? error.slice(known.length) : error;
  return `pilots run the local image ${reference}: it cannot be pulled (${why}), which is tried again with growing pauses`;
}

function tookText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : spanText(ms);
}
