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
    if (!isEnding(action)) return action.do === 'start' && !ok ? byName(result, action.name) : result;
    if (ok) {
      this.#of.delete(action.name);
      return result;
    }
    const told = byName(result, action.name);
    if (this.#of.get(action.name) === told.error) return null;
    this.#of.set(action.name, told.error);
    return told;
  }

  /** Forgets those that are not there any more, whoever removed them. */
  retain(pilots: readonly Pilot[]): void {
    if (this.#of.size === 0) return;
    const there = new Set(pilots.map((pilot) => pilot.name));
    for (const name of this.#of.keys()) if (!there.has(name)) this.#of.delete(name);
  }
}

/** The engine is spoken to of ids; people know pilots by their names. The id of a new container is told nowhere else. */
function byName(result: ActionResult, name: string): ActionResult {
  const { action } = result;
  const id = 'id' in action ? action.id : /(?<=container )[0-9a-f]{64}\b/;
  const error = result.error.replace(id, name);
  return error === result.error ? result : { ...result, error };
}

function isEnding(action: Action): action is Ending {
  return 'id' in action;
}
