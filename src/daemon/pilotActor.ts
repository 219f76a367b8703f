import { type Actor, createActor } from '../act/actor.ts';
import { outcomeOf, ttlOf } from '../decide/outcome.ts';
import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { EngineError, type EngineInfo } from '../model/engine.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Kind } from '../model/kind.ts';
import type { PilotEnd } from '../model/pilot.ts';
import type { Settings } from '../model/settings.ts';
import type { EngineWatch } from './engineWatch.ts';
import type { Identity } from './ownership.ts';
import type { ParentKeeper } from './parentKeeper.ts';
import type { PilotCare } from './pilotCare.ts';
import { createSpecs, kindNamed } from './pilotSpecs.ts';

/** What acting on pilots takes. */
export interface ActorParts {
  readonly watch: EngineWatch;
  readonly parents: ParentKeeper;
  readonly care: PilotCare;
  readonly keep: PilotKeep;
  readonly identity: Identity;
  readonly hostname: string;
  readonly clock: Clock;
  readonly nodeCpus: number;
  /** The configuration in force. */
  settings(): Settings;
  onSettled(): void;
}

/** The actor of this daemon: its pilots bear its labels, live below its parent cgroup, and have folders of theirs. */
export function createPilotActor(parts: ActorParts): Actor {
  const { watch, parents, care, keep, clock } = parts;
  const engineInfo = (): EngineInfo | null => watch.view().info;
  const tools = {
    // What needs no engine is done without one.
    get engine() {
      return watch.engine();
    },
    clock,
    keep,
    get parent() {
      return parents.parent;
    },
    treesOf: (id: string) => parents.treesOf(id),
    specFor: createSpecs({
      identity: parts.identity,
      hostname: parts.hostname,
      settings: () => parts.settings(),
      engineInfo,
      nodeCpus: () => nodeCpus(engineInfo(), parts.nodeCpus),
      ttlMs: ttlOf,
      place: async (facts) => care.place(facts),
    }),
    cpusOf: (name: string) => cpusOf(name, parts),
    outcomeOf: ({ name, kind }: { name: string; kind: string | null }, end: PilotEnd) =>
      outcomeOf(endsOf(kind, parts), { ...end, said: end.said ?? care.lastWordOf(name) }),
  };
  const actor = createActor(
    () => tools,
    clock,
    () => parts.onSettled(),
  );
  return care.around(actor);
}

/** CPUs of the machine that the engine runs on, which is mostly this one. */
function nodeCpus(info: EngineInfo | null, here: number): number {
  return info === null || info.local ? here : info.cpuCount;
}

/** What a kind says of its pilots' ends; one that nobody knows any more says nothing. */
function endsOf(kindName: string | null, parts: ActorParts): Pick<Kind, 'outcomes' | 'fizzleMs'> {
  return kindMeant(parts.settings(), kindName) ?? { outcomes: {}, fizzleMs: 0 };
}

/** The kind of this name; of a pilot that bears none it is the only one. */
function kindMeant({ kinds }: Pick<Settings, 'kinds'>, name: string | null): Kind | undefined {
  return kindNamed({ kinds }, name) ?? (kinds.length === 1 && name === null ? kinds[0] : undefined);
}

/** The CPUs that a pilot was made with; of one that does not bear them, what its kind has, or the only kind. */
function cpusOf(name: string, parts: ActorParts): number {
  const made = parts.watch.madeAs(name);
  const { kinds } = parts.settings();
  const kind = kindNamed({ kinds }, made.kind) ?? (kinds.length === 1 ? kinds[0] : undefined);
  const cpus = made.cpus ?? kind?.cpus;
  if (cpus !== undefined) return cpus;
  throw new EngineError('rejected', `cannot give CPUs back to ${name}: nothing tells how many it had`);
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
