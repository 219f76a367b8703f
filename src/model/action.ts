import type { EngineFault } from './engine.ts';
import type { PilotRecord } from './history.ts';
import type { Outcome, PilotEnd } from './pilot.ts';
import type { Reason } from './reason.ts';

/** What only decisions know of a pilot that has ended; it goes into the journal. */
export interface LifeFacts {
  /** Of its label; null where it bears none. */
  readonly kind: string | null;
  /** Why it was ended, where it did not end by itself. */
  readonly why: Reason | null;
  /** What it said of its own end, in one line; empty for nothing. */
  readonly said: string;
  /** Its end as an event or a listing told it; null or absent where none did. */
  readonly end?: PilotEnd | null;
  /** What its outcome is because it was asked to end; absent: nobody asked. */
  readonly asked?: Outcome;
  /** Somebody has seen that it ran, whatever the engine says now. */
  readonly ran?: boolean;
}

/** Something to be done to the engine. Each is carried out once; the next tick sees what came of it. */
export type Action =
  /** `kind` is the name of its kind; `prepared` the container that was made for it ahead of time, where there is one. */
  | {
      readonly do: 'start';
      readonly kind: string;
      readonly name: string;
      readonly prepared?: string;
      readonly why: string;
    }
  /** Makes the container of a pilot that is to start later. */
  | { readonly do: 'prepare'; readonly kind: string; readonly name: string }
  /** Removes a prepared container that will not be started. */
  | { readonly do: 'discard'; readonly id: string; readonly name: string; readonly why: string }
  /** Notice, then kill: for a pilot that runs. */
  | {
      readonly do: 'stop';
      readonly id: string;
      readonly name: string;
      readonly outcome: Outcome;
      readonly graceMs: number;
      readonly why: Reason;
      /** Through its own cgroup where that can be reached, with no engine in the path: the owner waits for its memory. */
      readonly byUs?: { readonly signal: string };
    }
  /** Reads the end of a pilot that has ended or never started, tells it, and removes the container. */
  | {
      readonly do: 'reap';
      readonly id: string;
      readonly name: string;
      readonly outcome: Outcome;
      readonly life?: LifeFacts;
    }
  /** Changes how much CPU a running pilot may use, live; `cpus` null gives it its kind's limit back. */
  | {
      readonly do: 'shrink';
      readonly id: string;
      readonly name: string;
      readonly cpus: number | null;
      readonly why: Reason;
    }
  /** Freezes a pilot: it keeps its memory and uses no CPU. */
  | { readonly do: 'pause'; readonly id: string; readonly name: string; readonly why: Reason }
  | { readonly do: 'thaw'; readonly id: string; readonly name: string; readonly why: Reason }
  /** Asks the kernel to move a paused pilot's memory to swap (`memory.reclaim`, cgroup v2 only). */
  | {
      readonly do: 'reclaim';
      readonly id: string;
      readonly name: string;
      readonly bytes: number;
      readonly why: Reason;
    }
  /** Ends a pilot through its own cgroup, with no engine in the path: one that was asked to go, and that memory waits for. */
  | { readonly do: 'kill'; readonly id: string; readonly name: string; readonly why: Reason }
  /** Kills and removes at once, whatever it does. */
  | {
      readonly do: 'remove';
      readonly id: string;
      readonly name: string;
      readonly why: Reason;
      readonly life?: LifeFacts;
    }
  | { readonly do: 'pull'; readonly reference: string; readonly why: string }
  /** `reference` is the name that we brought it under, which may go with it. */
  | { readonly do: 'remove-image'; readonly imageId: string; readonly reference: string };

/** What names an action while it is in flight: no second one of the same name is begun before it is over. */
export function actionKey(action: Action): string {
  switch (action.do) {
    case 'start':
      return `start ${action.name}`;
    case 'prepare':
      return `prepare ${action.name}`;
    case 'stop':
      return `stop ${action.name}`;
    case 'shrink':
      // To give CPU back is something else than to take it, and must not be taken for its repetition.
      return `shrink ${action.name} to ${action.cpus ?? 'its own'}`;
    case 'pause':
    case 'thaw':
    case 'reclaim':
    case 'kill':
      return `${action.do} ${action.name}`;
    case 'discard':
    case 'reap':
    case 'remove':
      return `remove ${action.name}`;
    case 'pull':
      return `pull ${action.reference}`;
    case 'remove-image':
      return `remove-image ${action.imageId}`;
  }
}

/** How one pilot's life went, as the engine told at its end. */
export interface EndReport {
  readonly name: string;
  readonly outcome: Outcome;
  /** Ended by us, not by itself. */
  readonly killed: boolean;
  readonly started: boolean;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** Milliseconds from its start to its end by the engine's stamps; 0 when it never started. */
  readonly livedMs: number;
  /** What the engine says kept it from starting; empty when nothing did. */
  readonly startError: string;
  /** What is kept of it for good; absent where nothing was, or is not yet. */
  readonly record?: PilotRecord;
}

/** What an action brought about, where there is more to say than that it is done. */
export type Fact =
  | { readonly of: 'start'; readonly id: string }
  | { readonly of: 'prepare'; readonly id: string }
  | { readonly of: 'end'; readonly report: EndReport }
  | { readonly of: 'pull'; readonly imageId: string }
  | { readonly of: 'remove-image'; readonly gone: boolean };

/** What became of an action. */
export interface ActionResult {
  readonly action: Action;
  readonly ok: boolean;
  readonly fact: Fact | null;
  /** One line of why not, and in which way; empty and null when it went well. */
  readonly error: string;
  readonly fault: EngineFault | null;
  readonly tookMs: number;
}
