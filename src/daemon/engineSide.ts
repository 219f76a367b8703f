import type { Actor } from '../act/actor.ts';
import { firstProcess, processesBelow } from '../act/pilotProcesses.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import type { PilotKeeper } from '../record/pilotKeeper.ts';
import type { NodeHost } from '../sample/node.ts';
import { containmentOf } from './containment.ts';
import { createEngineMove, type EngineMove } from './engineMove.ts';
import { EngineWatch } from './engineWatch.ts';
import { ImageDigests } from './imageDigests.ts';
import { createFirstRelief, type FirstRelief } from './firstRelief.ts';
import type { ImageKeeper } from './imageKeeper.ts';
import { createLimitRaiser } from './loweredLimits.ts';
import { openEngine } from './openEngine.ts';
import type { Identity } from './ownership.ts';
import { engineOf } from './parentContents.ts';
import { ParentKeeper } from './parentKeeper.ts';
import { realSurroundings } from './parentSetUp.ts';
import { createPilotActor } from './pilotActor.ts';
import { PilotCare } from './pilotCare.ts';
import { kindNamed } from './pilotSpecs.ts';
import { createTrialWatch, type TrialWatch } from './trialWatch.ts';
import { type OnCall, timedEngine } from './timedEngine.ts';

/** What stands between a daemon and its engine is made of these. */
export interface EngineSideParts {
  readonly identity: Identity;
  readonly hostname: string;
  readonly runFolder: string;
  readonly images: ImageKeeper;
  readonly node: NodeHost;
  readonly keep: PilotKeeper;
  /** CPUs of this node. */
  readonly nodeCpus: number;
  readonly clock: Clock;
  readonly log: Log;
  settings(): Settings;
  /** Called when there is something new to decide on. */
  onNews(): void;
  /** Called when a call of the engine is over. */
  readonly onCall: OnCall;
}

/** All that a daemon knows of its engine, and does to it. */
export interface EngineSide {
  readonly watch: EngineWatch;
  readonly actor: Actor;
  readonly parents: ParentKeeper;
  readonly care: PilotCare;
  readonly firstRelief: FirstRelief;
  /** The way to another engine. */
  readonly move: EngineMove;
  readonly trials: TrialWatch;
  /** The digest of an image in its registry; null where none is known. */
  digestOf(imageId: string): string | null;
  /** Ends it when nothing is done to the engine any more. */
  close(): Promise<void>;
  /** Where the engine is; empty before it was looked for. */
  endpoint(): string;
}

/** Makes the engine's side of a daemon; nothing is asked of the engine before `watch.start`. */
export function createEngineSide(parts: EngineSideParts): EngineSide {
  const { identity, node, clock, log } = parts;
  const settings = (): Settings => parts.settings();
  const isRoot = process.getuid?.() === 0;
  const around = realSurroundings(identity.instance);
  let endpoint = '';

  const parents = new ParentKeeper({
    around,
    uid: process.getuid?.() ?? 0,
    // Who is not root lacks the right before he lacks the tree.
    containment: isRoot ? containmentOf('/') : null,
    log,
    nowMs: () => clock.nowMs(),
    settings,
    isStray: (id) => node.isStray(id),
  });
  // What a daemon of before left running can be helped before an engine answers: by root, whose trees these are.
  const presumed = isRoot ? engineOf(around) : null;
  if (presumed !== null) parents.useEngine(presumed);

  const care = new PilotCare({
    runFolder: parts.runFolder,
    hostRunFolder: settings().hostRunFolder,
    clock,
    log,
    firstProcessOf: (id) => firstProcessOf(parents, id),
  });

  const raiseLimits = createLimitRaiser({ log, treesOf: (id) => parents.treesOf(id) });
  const digests = new ImageDigests();
  const closed = new AbortController();
  const watch = new EngineWatch({
    openEngine: () => {
      const engine = timedEngine(openEngine(settings().engine, log), () => clock.nowMs(), parts.onCall);
      endpoint = engine.endpoint;
      return engine;
    },
    identity,
    adoptUnlabelled: () => settings().adoptUnlabelled,
    images: parts.images,
    imageOfKind: (kind) => kindNamed(settings(), kind)?.image ?? null,
    isPulling: (reference) =>
      actor.inFlight().some(({ action }) => action.do === 'pull' && action.reference === reference),
    lastWordOf: (name) => care.lastWordOf(name),
    endedWithEngine: (id) => parts.keep.endedWithEngine(id),
    clock,
    log,
    onChange: () => parts.onNews(),
    onProcesses: (processes) => {
      node.alsoCount(processes);
      const { images, pilots } = watch.view();
      raiseLimits(pilots);
      const ids = [...images.map(({ id }) => id ?? ''), ...pilots.map(({ imageId }) => imageId)];
      void digests.learn(watch.engine(), ids, closed.signal);
    },
    onConnected: (info) => {
      log.info(`engine ${info.product} ${info.version} answers at ${endpoint}, API ${info.apiVersion}`);
      parents.useEngine(info);
      care.useEngine(info);
      node.useEngine(info, identity.instance);
      trials.connected();
    },
  });

  const actor = createPilotActor({
    ...parts,
    watch,
    parents,
    care,
    onSettled: () => parts.onNews(),
  });
  const trials = createTrialWatch({
    runFolder: parts.runFolder,
    identity,
    engine: () => watch.engine(),
    log,
  });
  const firstRelief = createFirstRelief({ around, log, parent: () => parents.parent });
  return {
    watch,
    actor,
    parents,
    care,
    firstRelief,
    move: createEngineMove({ log, clock, endpoint: () => endpoint, leave: () => watch.useAnother() }),
    trials,
    digestOf: (imageId) => digests.of(imageId),
    async close() {
      closed.abort();
      await trials.close();
      await watch.close();
      firstRelief.close();
      await parents.close();
    },
    endpoint: () => endpoint,
  };
}

/** The first process of a container that we can reach; null of one that is out of reach, or has ended already. */
function firstProcessOf(parents: ParentKeeper, id: string): number | null {
  const trees = parents.treesOf(id);
  const [folder] = trees === null ? [] : [trees.unified, ...trees.legacy].filter((path) => path !== null);
  try {
    return folder === undefined ? null : firstProcess(processesBelow(folder), id);
  } catch {
    return null;
  }
}
