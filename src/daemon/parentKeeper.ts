import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { foreignClass, type ParentClass } from '../act/parentClass.ts';
import type { PilotTrees } from '../act/pilotCgroup.ts';
import { canPause, canThrottle } from '../engine/engineMeans.ts';
import { oomScoreAdjFor } from '../engine/pilotSpec.ts';
import type { ActionResult } from '../model/action.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { type CpuClass, type KernelMeans, noMeans } from '../model/means.ts';
import type { Pilot } from '../model/pilot.ts';
import { readingOr } from '../model/reading.ts';
import type { Settings } from '../model/settings.ts';
import type { ParentStatus } from '../model/status.ts';
import { readCpuMs } from '../sample/groupUse.ts';
import { readKernelFile } from '../sample/kernelFile.ts';
import { parentFor, pilotTrees, weighedGroup } from '../sample/pilotsParent.ts';
import { type ParentSurroundings, removeEmptyParent, setUpParent } from './parentSetUp.ts';

/** How often it is looked whether the parent is still as it was made: a few file reads. */
const checkMs = 5000;

/** How long the end waits for what is left of pilots that have just been removed, and how often it looks. */
const emptyingMs = 3000;
const emptyingLookMs = 100;

const outOfSight = 'the pilots are not below the parent cgroup that can be seen from here';

/** What keeping the parent takes. */
export interface KeeperParts {
  readonly around: ParentSurroundings;
  readonly uid: number;
  /** The kind of container that the daemon runs in; null when in none. */
  readonly containment: string | null;
  readonly log: Log;
  readonly nowMs: () => number;
  /** The configuration in force. */
  readonly settings: () => Pick<Settings, 'cpuClass' | 'kind'>;
}

/**
 * Keeps the pilots' parent cgroup as it is wanted: sets it up when an engine answers, looks now and then whether
 * somebody undid it or took it away, and tells what the kernel does for us here and what it does not.
 */
export class ParentKeeper {
  readonly #parts: KeeperParts;
  #info: EngineInfo | null = null;
  #parent: ParentClass;
  #hasMemoryController = false;
  #settingUp = new AbortController();
  #checkedMs = 0;
  /** Found undone at the last look: another daemon may only have lifted it for a start. */
  #isSuspect = false;
  #lastStarted: string | null = null;
  /** A pilot that was not found at the last look: it may just have ended. */
  #missing: string | null = null;
  /** Whether our pilots are below the parent that we see; null until that is sure. */
  #inSight: boolean | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#parent = foreignClass(parts.settings().cpuClass, 'no engine has answered yet');
  }

  get parent(): ParentClass {
    return this.#parent;
  }

  /** The rungs that the ladder of relief has here, as far as they are known now. */
  get means(): KernelMeans {
    const info = this.#info;
    if (info === null) return noMeans;
    const isOurs = parentFor(info, this.#parts.around.instance) !== null && this.#inSight !== false;
    // Signals and files of another user's processes are root's; a rootless engine's are its user's.
    const mayTouch = isOurs && (this.#parts.uid === 0 || info.rootless);
    return {
      cpuClass: this.#inSight === false ? 'normal' : this.#parent.cpuClass,
      canThrottle: canThrottle(info),
      canPause: canPause(info),
      canReclaim: mayTouch && this.#hasMemoryController,
      ownKill: mayTouch,
    };
  }

  /** The folders of a pilot's cgroup; null where they are out of reach. */
  treesOf(id: string): PilotTrees | null {
    const { around, uid } = this.#parts;
    if (this.#info === null || !this.means.ownKill) return null;
    return pilotTrees(around.mounts(), this.#info, around.instance, id, uid);
  }

  status(): ParentStatus {
    const { around, settings } = this.#parts;
    const info = this.#info;
    const { cpuClass, canThrottle, canPause, canReclaim, ownKill } = this.means;
    const { asked, detail, ioWeight } = this.#parent;
    return {
      cgroup: info === null ? null : parentFor(info, around.instance),
      cpuClass: { asked, had: cpuClass, detail },
      ioWeight: this.#inSight === false ? { had: false, detail: outOfSight } : ioWeight,
      oomScoreAdj: info === null ? null : oomScoreAdjFor(info),
      pidsLimit: settings().kind.pidsLimit,
      can: { shrink: canThrottle, pause: canPause, reclaim: canReclaim, kill: ownKill },
      fallback: this.#fallback(cpuClass),
    };
  }

  /** An engine answers, perhaps another one than before. */
  useEngine(info: EngineInfo): void {
    this.#info = info;
    this.#inSight = null;
    this.#lastStarted = null;
    this.#hasMemoryController = info.cgroupVersion === 2 && hasController(this.#parts.around, 'memory');
    this.#setUp(info);
  }

  /** The configuration has changed. */
  useSettings(): void {
    if (this.#info !== null && this.#parts.settings().cpuClass !== this.#parent.asked)
      this.#setUp(this.#info);
  }

  noteResult({ fact }: ActionResult): void {
    if (fact?.of === 'start') this.#lastStarted = fact.id;
  }

  /** Looks, now and then, whether all is as it was made. */
  check(pilots: readonly Pilot[]): void {
    const nowMs = this.#parts.nowMs();
    if (nowMs - this.#checkedMs < checkMs) return;
    this.#checkedMs = nowMs;
    this.#look(pilots);
    const isUndone = this.#parent.isUndone();
    if (isUndone && this.#isSuspect && this.#info !== null) {
      this.#parts.log.warn("somebody changed the CPU class of the pilots' parent cgroup: it is set again");
      this.#setUp(this.#info);
    }
    this.#isSuspect = isUndone && !this.#isSuspect;
  }

  /** Lets go of the parent; takes it away where it is empty, or will be in a moment. */
  async close(): Promise<void> {
    this.#settingUp.abort();
    const deadlineMs = this.#parts.nowMs() + emptyingMs;
    while (this.#info !== null && removeEmptyParent(this.#info, this.#parts.around.instance)) {
      if (this.#parts.nowMs() >= deadlineMs) return;
      await wait(emptyingLookMs);
    }
  }

  #setUp(info: EngineInfo): void {
    const { around, log, nowMs, settings } = this.#parts;
    this.#settingUp.abort();
    this.#settingUp = new AbortController();
    const { signal } = this.#settingUp;
    const cost = { nowMs, cpuCount: info.cpuCount, pilotsCpuMs: () => usedBelow(around, info) };
    const asked = settings().cpuClass;
    const take = (parent: ParentClass): void => {
      if (signal.aborted) return;
      this.#parent = parent;
      const fallback = this.#fallback(parent.cpuClass);
      if (fallback !== '') log.warn(`pilots are in the CPU class "${parent.cpuClass}": ${fallback}`);
      else log.info(`pilots are in the kernel's CPU class "${parent.cpuClass}": ${parent.detail}`);
      const { had, detail } = parent.ioWeight;
      log.info(
        had ? `pilots have the smallest I/O weight: ${detail}` : `pilots have no I/O weight: ${detail}`,
      );
    };
    void setUpParent(info, asked, around, cost, signal).then(take);
  }

  /** A pilot that we started and that runs must show below the parent: else we look at another tree than the engine's. */
  #look(pilots: readonly Pilot[]): void {
    const { around, uid, log } = this.#parts;
    const id = this.#lastStarted;
    if (this.#inSight !== null || this.#info === null || id === null) return;
    if (!pilots.some((pilot) => pilot.id === id && pilot.state === 'running')) return;
    const trees = pilotTrees(around.mounts(), this.#info, around.instance, id, uid);
    if (trees === null) return;
    const folders = [...trees.legacy, ...(trees.unified === null ? [] : [trees.unified])];
    if (folders.some((folder) => existsSync(folder))) this.#inSight = true;
    else if (this.#missing === id) this.#inSight = false;
    this.#missing = id;
    if (this.#inSight === false)
      log.warn(`${this.#fallback('normal')} (looked for ${dirname(folders[0] ?? '')})`);
  }

  #fallback(had: CpuClass): string {
    const { containment, uid } = this.#parts;
    const { asked, detail } = this.#parent;
    const isLess = had === 'normal' ? asked !== 'normal' : had === 'low' && asked === 'idle';
    if (this.#info === null || !isLess) return '';
    const why = [
      this.#inSight === false ? outOfSight : detail,
      ...(containment === null
        ? []
        : [`the daemon runs in ${containment}, and needs the node's own cgroup tree and process ids there`]),
      ...(uid === 0 || !this.#info.local ? [] : ['only root may set it']),
    ];
    return `${why.join('; ')}; room is given back by shrinking, pausing and ending pilots`;
  }
}

/** CPU time of all that the class is lifted for, in milliseconds, as the kernel counts it; null where that cannot be read. */
function usedBelow({ instance, mounts }: ParentSurroundings, info: EngineInfo): number | null {
  const folder = weighedGroup(mounts(), info, instance)?.countFolder ?? null;
  return folder === null ? null : readingOr(readCpuMs(info.cgroupVersion, folder, readKernelFile), null);
}

function hasController({ mounts }: ParentSurroundings, controller: string): boolean {
  const { unified } = mounts();
  const controllers = unified === null ? null : readKernelFile(`${unified}/cgroup.controllers`);
  return controllers?.known === true && controllers.value.trim().split(' ').includes(controller);
}
