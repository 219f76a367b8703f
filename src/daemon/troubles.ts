import type { Action, ActionResult } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';

/** What ends or removes one container; it is tried again, with growing pauses, while it fails. */
type Ending = Extract<Action, { readonly id: string }>;

/** What cannot be done to which pilot: told when it changes, not at each try. */
export class Troubles {
  readonly #of = new Map<string, string>();

  /** Why this pilot's end or removal failed when it was last tried; null when nothing did. */
  of(name: string): string | null {
    return this.#of.get(name) ?? null;
  }

  /** The result as it is to be told, by the pilot's name; null when the same was told before. */
  worthTelling(result: ActionResult): ActionResult | null {
    const { action, ok } = result;
    if (!isEnding(action)) return result;
    if (ok) {
      this.#of.delete(action.name);
      return result;
    }
    const error = result.error.replace(`container ${action.id}`, `container ${action.name}`);
    if (this.#of.get(action.name) === error) return null;
    this.#of.set(action.name, error);
    return { ...result, error };
  }

  /** Forgets those that are not there any more, whoever removed them. */
  retain(pilots: readonly Pilot[]): void {
    if (this.#of.size === 0) return;
    const there = new Set(pilots.map((pilot) => pilot.name));
    for (const name of this.#of.keys()) if (!there.has(name)) this.#of.delete(name);
  }
}

function isEnding(action: Action): action is Ending {
  return 'id' in action;
}
