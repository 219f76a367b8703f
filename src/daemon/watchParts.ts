import type { Clock } from '../model/clock.ts';
import type { Engine, EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { PilotEnd } from '../model/pilot.ts';
import type { ImageKeeper } from './imageKeeper.ts';
import type { Identity } from './ownership.ts';
import type { LastWordOf } from './pilotEnd.ts';

/** What the watch over an engine is made of. */
export interface WatchParts {
  /** Finds the engine anew: its address may come from a context or a socket that is there only later. */
  openEngine(): Engine;
  readonly identity: Identity;
  readonly adoptUnlabelled: () => boolean;
  readonly images: ImageKeeper;
  /** Name of the image that pilots of this kind are made of now; null for a kind that is not there. */
  imageOfKind(kind: string | null): string | null;
  /** Whether an image of this name is being pulled: one that is there then is there by us. */
  isPulling(reference: string): boolean;
  readonly lastWordOf: LastWordOf;
  /** How a pilot ended that a daemon before this one saw end with its engine; null for any other. */
  endedWithEngine(id: string): PilotEnd | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something changed that a decision may rest on. */
  onChange(): void;
  onConnected(info: EngineInfo): void;
  /** Called after each listing with the first processes of those that were inspected. */
  onProcesses(processes: readonly { id: string; pid: number }[]): void;
}
