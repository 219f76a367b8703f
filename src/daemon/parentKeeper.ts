import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { foreignClass, type ParentClass } from '../act/parentClass.ts';
import type { PilotTrees } from '../act/pilotCgroup.ts';
import { canPause, canThrottle } from '../engine/engineMeans.ts';
import { oomScoreAdjFor } from '../engine/pilotLimits.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { areSameMeans, type CpuClass, type KernelMeans, noMeans } from '../model/means.ts';
import type { Pilot } from '../model/pilot.ts';
import { readingOr } from '../model/reading.ts';
import type { Settings } from '../model/settings.ts';
import type { ParentStatus } from '../model/status.ts';
import { readCpuMs } from '../sample/groupUse.ts';
import { readKernelFile, readOnce } from '../sample/kernelFile.ts';
import { parentFor, pilotTrees, weighedGroup } from '../sample/pilotsParent.ts';
import { fallBackOf } from './fallBack.ts';
import { type ParentSurroundings, removeEmptyParent, setUpParent, watchParent } from './parentSetUp.ts';

/** How often it is looked whether the parent is still as it was made: a few file reads. */
const checkMs = 5000;
/** A pilot that is said to run and is not seen for so long has not just ended: it is out of sight. */
const missingMs = 5000;

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
  readonly settings: () => Pick<Settings, 'cpuClass' | 'kinds' | 'dryRun'>;
  /** Whether a pilot is seen elsewhere than below our parent: what the original left is where its engine put it. */
  readonly isStray: (id: string) => boolean;
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
  /** Pilots that are said to run and are not found, and since when, while none is. */
  #missing: ReadonlyMap<string, number> = new Map();
  /** Whether our pilots are below the parent that we see; null until that is sure. */
  #inSight: boolean | null = null;
  #means: KernelMeans = noMeans;
  /** Whether the parent was only looked at (`dry_run`). */
  #isWatched = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#parent = foreignClass(parts.settings().cpuClass, 'no engine has answered yet');
  }

  get parent(): ParentClass {
    return this.#parent;
  }

  /** Why what the node tells of pilots is not to be believed; null when it is, or when there are none. */
  get blindness(): string | null {
    return this.#inSight === false || this.#missing.size > 0 ? outOfSight : null;
  }

  /** The rungs that the ladder of relief has here, as far as they are known now: the same object while they are the same. */
  get means(): KernelMeans {
    const now = this.#meansNow();
    if (!areSameMeans(this.#means, now)) this.#means = now;
    return this.#means;
  }

  #meansNow(): KernelMeans {
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
      pidsLimit: Math.max(...settings().kinds.map(({ pidsLimit }) => pidsLimit)),
      can: { shrink: canThrottle, pause: canPause, reclaim: canReclaim, kill: ownKill },
      fallback: this.#fallBack(cpuClass),
    };
  }

  /** An engine answers, perhaps another one than before. */
  useEngine(info: EngineInfo): void {
    this.#info = info;
    this.#inSight = null;
    this.#missing = new Map();
    this.#hasMemoryController = info.cgroupVersion === 2 && hasController(this.#parts.around, 'memory');
    this.#setUp(info);
  }

  /** The configuration has changed. */
  useSettings(): void {
    const { cpuClass, dryRun } = this.#parts.settings();
    if (this.#info === null) return;
    if (cpuClass !== this.#parent.asked || dryRun !== this.#isWatched) this.#setUp(this.#info);
  }

  /** To be called with each tick. Looks, now and then, whether all is as it was made. */
  check(pilots: readonly Pilot[]): void {
    const nowMs = this.#parts.nowMs();
    const isDue = nowMs - this.#checkedMs >= checkMs;
    // Until it is known whether pilots are in sight, what is told of them may be the owner's.
    if (isDue || this.#inSight === null) this.#look(pilots, nowMs);
    if (!isDue) return;
    this.#checkedMs = nowMs;
    const isUndone = this.#parent.isUndone();
    if (isUndone && this.#isSuspect && this.#info !== null) {
      const what = "the CPU class or the I/O weight of the pilots' parent cgroup";
      this.#parts.log.warn(`somebody changed ${what}: it is set again`);
      this.#setUp(this.#info);
    }
    this.#isSuspect = isUndone && !this.#isSuspect;
  }

  /** Lets go of the parent; takes it away where it is empty, or will be in a moment. */
  async close(): Promise<void> {
    this.#settingUp.abort();
    if (this.#isWatched) return;
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
    const { cpuClass: asked, dryRun } = settings();
    this.#isWatched = dryRun;
    const take = (parent: ParentClass): void => {
      if (signal.aborted) return;
      this.#parent = parent;
      const fallback = this.#fallBack(parent.cpuClass);
      if (fallback !== '') log.warn(`pilots are in the CPU class "${parent.cpuClass}": ${fallback}`);
      else log.info(`pilots are in the kernel's CPU class "${parent.cpuClass}": ${parent.detail}`);
      const { had, detail } = parent.ioWeight;
      log.info(
        had ? `pilots have the smallest I/O weight: ${detail}` : `pilots have no I/O weight: ${detail}`,
      );
    };
    if (dryRun) take(watchParent(info, asked, around));
    else void setUpParent(info, asked, around, cost, signal).then(take);
  }

  /**
   * Pilots that run must show below the parent, one of them at least: else we look at another tree than the engine's, and
   * what is missing there says nothing. One that was seen settles it.
   */
  #look(pilots: readonly Pilot[], nowMs: number): void {
    const { around, uid, isStray, log } = this.#parts;
    const info = this.#info;
    if (this.#inSight === true || info === null || parentFor(info, around.instance) === null) return;
    const alive = pilots.filter(
      ({ id, managed, state }) => managed && (state === 'running' || state === 'paused') && !isStray(id),
    );
    const mounts = alive.length === 0 ? null : around.mounts();
    const foldersOf = (id: string): readonly string[] => {
      const trees = mounts === null ? null : pilotTrees(mounts, info, around.instance, id, uid);
      return trees === null ? [] : [...trees.legacy, ...(trees.unified === null ? [] : [trees.unified])];
    };
    const isFound = alive.some(({ id }) => foldersOf(id).some((folder) => existsSync(folder)));
    const before = this.#missing;
    this.#missing = new Map(isFound ? [] : alive.map(({ id }) => [id, before.get(id) ?? nowMs]));
    if (isFound) this.#inSight = true;
    const [lost] = [...this.#missing].filter(([, sinceMs]) => nowMs - sinceMs >= missingMs);
    if (lost === undefined || this.#inSight === false) return;
    this.#inSight = false;
    const place = foldersOf(lost[0])[0];
    log.warn(
      `${this.#fallBack('normal') || outOfSight} (looked for ${place === undefined ? 'a mounted tree' : dirname(place)})`,
    );
  }

  #fallBack(had: CpuClass): string {
    const { containment, uid, settings } = this.#parts;
    if (this.#info === null) return '';
    return fallBackOf({
      info: this.#info,
      asked: this.#parent.asked,
      had,
      why: this.#inSight === false ? outOfSight : this.#parent.detail,
      means: this.means,
      isInSight: this.#inSight !== false,
      containment,
      isRoot: uid === 0,
      dryRun: settings().dryRun,
    });
  }
}

/** CPU time of all that the class is lifted for, in milliseconds, as the kernel counts it; null where that cannot be read. */
function usedBelow({ instance, mounts }: ParentSurroundings, info: EngineInfo): number | null {
  const folder = weighedGroup(mounts(), info, instance)?.countFolder ?? null;
  return folder === null ? null : readingOr(readCpuMs(info.cgroupVersion, folder, readOnce), null);
}

function hasController({ mounts }: ParentSurroundings, controller: string): boolean {
  const { unified } = mounts();
  const controllers = unified === null ? null : readKernelFile(`${unified}/cgroup.controllers`);
  return controllers?.known === true && controllers.value.trim().split(' ').includes(controller);
}
