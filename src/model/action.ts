import type { Outcome } from './pilot.ts';
import type { Reason } from './reason.ts';

/** Something to be done to the engine. Each is carried out once; the next tick sees what came of it. */
export type Action =
  | { readonly do: 'start'; readonly name: string; readonly why: string }
  /** Notice, then kill: for a pilot that runs. */
  | {
      readonly do: 'stop';
      readonly id: string;
      readonly name: string;
      readonly outcome: Outcome;
      readonly graceMs: number;
      readonly why: Reason;
    }
  /** Reads the end of a pilot that has ended or never started, tells it, and removes the container. */
  | { readonly do: 'reap'; readonly id: string; readonly name: string; readonly outcome: Outcome }
  /** Kills and removes at once, whatever it does. */
  | { readonly do: 'remove'; readonly id: string; readonly name: string; readonly why: Reason }
  | { readonly do: 'pull'; readonly reference: string; readonly why: string }
  | { readonly do: 'remove-image'; readonly imageId: string };

/** What names an action while it is in flight: no second one of the same name is begun before it is over. */
export function actionKey(action: Action): string {
  switch (action.do) {
    case 'start':
      return `start ${action.name}`;
    case 'stop':
      return `stop ${action.name}`;
    case 'reap':
    case 'remove':
      return `remove ${action.name}`;
    case 'pull':
      return `pull ${action.reference}`;
    case 'remove-image':
      return `remove-image ${action.imageId}`;
  }
}

/** What became of an action. */
export interface ActionResult {
  readonly action: Action;
  readonly ok: boolean;
  /** One line of why not; empty when it went well. */
  readonly error: string;
  readonly tookMs: number;
}
