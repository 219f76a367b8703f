import { type Actor, createActor } from '../act/actor.ts';
import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { PilotSpec } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import { parentFor } from '../sample/pilotsParent.ts';
import type { EngineWatch } from './engineWatch.ts';
import { type Identity, labelsOf, pilotHostname } from './ownership.ts';
import type { ParentKeeper } from './parentKeeper.ts';

/** What acting on pilots takes. */
export interface ActorParts {
  readonly watch: EngineWatch;
  readonly parents: ParentKeeper;
  readonly identity: Identity;
  readonly hostname: string;
  readonly clock: Clock;
  /** The recipe in force. */
  kind(): Kind;
  onSettled(): void;
}

/** The actor of this daemon: its pilots bear its labels and live below its parent cgroup. */
export function createPilotActor(parts: ActorParts): Actor {
  const { watch, parents, identity, hostname, clock } = parts;
  const specFor = (name: string): PilotSpec => {
    const { info } = watch.view();
    return {
      name,
      hostname: pilotHostname(hostname, name),
      kind: parts.kind(),
      labels: labelsOf(identity, name),
      cgroupParent: info === null ? null : parentFor(info, identity.instance),
    };
  };
  const tools = {
    // What needs no engine is done without one.
    get engine() {
      return watch.engine();
    },
    clock,
    get parent() {
      return parents.parent;
    },
    treesOf: (id: string) => parents.treesOf(id),
    specFor,
  };
  return createActor(
    () => tools,
    clock,
    () => parts.onSettled(),
  );
}

/** How long the end of the daemon waits for verbs in flight. */
const settleMs = 5000;

/** Waits for what is in flight and tells what came of it: it may have ended pilots or begun them. */
export async function settle(
  actor: Actor,
  watch: EngineWatch,
  tell: (result: ActionResult) => void,
): Promise<void> {
  await actor.settle(settleMs);
  for (const result of actor.takeResults()) {
    tell(result);
    // One that was prepared in the last moment is nobody's.
    if (result.fact?.of === 'prepare') await discard(watch, result.fact.id);
  }
}

async function discard(watch: EngineWatch, id: string): Promise<void> {
  try {
    await watch.engine().remove(id, AbortSignal.timeout(settleMs));
  } catch {
    // The next daemon finds it in its memory, and uses or removes it.
  }
}
