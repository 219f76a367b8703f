import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError, type EngineInfo } from '../model/engine.ts';
import type { Bind } from '../model/kind.ts';
import { codeOf } from './kernelValue.ts';
import {
  insidePaths,
  jobFeatures,
  machineFeatures,
  type PilotFacts,
  pilotEnv,
  seconds,
  startFeatures,
} from './pilotFolderFeatures.ts';
import { dropFeature, featureIn, isGone, makeFolder, putFeatures, removeTree } from './pilotFolderFiles.ts';
import { isMounted, isSeenBy, mountState, unmountStates, whyNoMounts } from './pilotFolderState.ts';

/** What a pilot's container is made with so that it finds its folders. */
export interface PilotPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly binds: readonly Bind[];
}

/** Where a pilot's words are, as the daemon sees it. `bounded`: it is a file system of its own, and cannot outgrow its bound. */
export interface StateFolder {
  readonly path: string;
  readonly bounded: boolean;
}

/** What bounds what pilots write into their state folders, for the status: `why` it is no more than watched. */
export interface StateBound {
  readonly bound: 'mounted' | 'watched';
  readonly why: string;
}

/**
 * The folders of all pilots, `<runFolder>/pilots/<name>`: what each is told (`machinefeatures`, `jobfeatures`, read-only
 * for it) and where it may speak (`state`). What gives a line or null never throws: null is done, a line is why not.
 */
export interface PilotFolders {
  /** To be told whenever an engine has answered; before that nothing is mounted. */
  useEngine(info: EngineInfo): void;
  /** Makes a pilot's folder anew, before its container is made. Rejects with `EngineError` (`failed`), nothing left behind. */
  make(facts: PilotFacts): Promise<PilotPlace>;
  /** To be called right before a container is started: its features must be there when it looks. */
  noteStart(name: string, wallMs: number): string | null;
  /** The pilot will have to be gone by then: to be called before it is given notice. */
  announceEnd(name: string, wallMs: number): string | null;
  /** All pilots of the node will have to be gone by then (the schedule closes); null: that is off. May be called at each tick. */
  announceNodeEnd(wallMs: number | null): string | null;
  /**
   * Looks, once a pilot runs, whether it has the mounted state folder, `pid` being its first process here. Where it has
   * not, the engine looks elsewhere than we mount: what we mounted goes, so that the pilots' own folders show, and
   * nothing is mounted from then on.
   */
  confirm(name: string, pid: number): Promise<string | null>;
  stateFolder(name: string): StateFolder;
  bound(): StateBound;
  /** To be called once a pilot's container is removed and its last words are read. One that is gone already is done. */
  remove(name: string): Promise<string | null>;
  /** Removes the folders of all pilots but these: what a daemon that was killed has left. */
  sweep(keep: ReadonlySet<string>): Promise<string | null>;
}

/** An announced end that moves by less is the same: it is reckoned anew at each tick. */
const sameEndMs = 2000;
/** As engines have them; it becomes a part of paths and must stay one. */
const nameOfContainer = /^[A-Za-z0-9][\w.-]{0,254}$/;

/** The pilots' folders below the daemon's run folder. `hostRunFolder` is where that is for the engine, when it differs. */
export function openPilotFolders(
  runFolder: string,
  hostRunFolder: string | null,
  uid: number = process.getuid?.() ?? 0,
): PilotFolders {
  const all = join(runFolder, 'pilots');
  let selinux = false;
  let whyNot = 'no engine has answered yet';
  let unseen = '';
  let mountTrouble = '';
  let nodeEndWallMs: number | null | undefined;

  const folderOf = (name: string): string => join(all, refuseOddName(name));
  const bindOf = (name: string, part: string, target: string, mode: string): Bind => ({
    source: join(hostRunFolder ?? runFolder, 'pilots', name, part),
    target,
    mode: selinux ? `${mode},Z` : mode,
  });
  const told = (what: string, work: () => void): string | null => {
    try {
      work();
      return null;
    } catch (error) {
      return `cannot ${what}: ${lineOf(error)}`;
    }
  };
  const remove = async (name: string): Promise<string | null> => {
    const folder = join(all, name);
    if (!nameOfContainer.test(name) || isGone(folder)) return null;
    const trouble = (await unmountStates([join(folder, 'state')])) ?? (await removeTree(folder));
    return trouble === null ? null : `cannot remove the folder of pilot ${name}: ${trouble}`;
  };
  const names = (): readonly string[] => {
    try {
      return readdirSync(all).filter((name) => nameOfContainer.test(name));
    } catch {
      return [];
    }
  };

  return {
    useEngine(info) {
      selinux = info.selinux;
      whyNot = whyNoMounts(info, hostRunFolder, uid);
    },
    async make(facts) {
      const folder = join(all, facts.name);
      try {
        refuseOddName(facts.name);
        // What is there under this name is a start's that failed.
        const trouble = await remove(facts.name);
        if (trouble !== null) throw new Error(trouble);
        makeFolder(all, 0o700);
        for (const part of ['', 'machinefeatures', 'jobfeatures']) makeFolder(join(folder, part), 0o755);
        makeFolder(join(folder, 'state'), 0o1777);
        putFeatures(join(folder, 'machinefeatures'), machineFeatures(facts, nodeEndWallMs ?? null));
        putFeatures(join(folder, 'jobfeatures'), jobFeatures(facts));
      } catch (error) {
        await remove(facts.name);
        const message = `cannot make the folder of pilot ${facts.name}: ${lineOf(error)}`;
        throw new EngineError('failed', message, { cause: error });
      }
      if (whyNot === '' && unseen === '') mountTrouble = (await mountState(join(folder, 'state'))) ?? '';
      const binds = [
        bindOf(facts.name, 'machinefeatures', insidePaths.machine, 'ro'),
        bindOf(facts.name, 'jobfeatures', insidePaths.job, 'ro'),
        bindOf(facts.name, 'state', insidePaths.state, 'rw'),
      ];
      return { env: pilotEnv(facts), binds };
    },
    noteStart(name, wallMs) {
      return told(`tell pilot ${name} its start`, () => {
        const folder = join(folderOf(name), 'jobfeatures');
        putFeatures(folder, startFeatures(wallMs, featureIn(folder, 'wall_limit_secs')));
      });
    },
    announceEnd(name, wallMs) {
      return told(`announce its end to pilot ${name}`, () =>
        putFeatures(join(folderOf(name), 'jobfeatures'), { shutdowntime_job: seconds(wallMs) }),
      );
    },
    announceNodeEnd(wallMs) {
      if (isSame(nodeEndWallMs, wallMs)) return null;
      nodeEndWallMs = wallMs;
      const troubles = names().map((name) =>
        told(`announce the end of all pilots to pilot ${name}`, () => {
          const folder = join(all, name, 'machinefeatures');
          if (wallMs === null) dropFeature(folder, 'shutdowntime');
          else putFeatures(folder, { shutdowntime: seconds(wallMs) });
        }),
      );
      return troubles.find((trouble) => trouble !== null) ?? null;
    },
    async confirm(name, pid) {
      const state = join(all, name, 'state');
      if (isSeenBy(pid, insidePaths.state, state) !== false) return null;
      unseen = 'what the daemon mounts does not reach the engine, which has mounts of its own';
      return await unmountStates(names().map((each) => join(all, each, 'state')));
    },
    stateFolder(name) {
      // Asked for eight times a second: to normalize a path costs more than all else of it.
      const path = `${all}/${name}/state`;
      return { path, bounded: isMounted(path) };
    },
    bound() {
      const why = [whyNot, unseen, mountTrouble].find((each) => each !== '') ?? '';
      return why === '' ? { bound: 'mounted', why } : { bound: 'watched', why };
    },
    remove,
    async sweep(keep) {
      const left = names().filter((name) => !keep.has(name));
      await unmountStates(left.map((name) => join(all, name, 'state')));
      const troubles: string[] = [];
      for (const name of left) {
        const trouble = await remove(name);
        if (trouble !== null) troubles.push(trouble);
      }
      const [first] = troubles;
      return first === undefined ? null : `${first} (${troubles.length} of ${left.length} are left)`;
    },
  };
}

function refuseOddName(name: string): string {
  if (!nameOfContainer.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a container`);
  return name;
}

function isSame(before: number | null | undefined, wallMs: number | null): boolean {
  if (before === undefined || before === null || wallMs === null) return before === wallMs;
  return Math.abs(before - wallMs) < sameEndMs;
}

/** One line of an error of the file system, its path with it. */
function lineOf(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException;
  const isSystems = error instanceof Error && 'code' in error && path !== undefined;
  return isSystems ? `${path}: ${codeOf(error)}` : error instanceof Error ? error.message : String(error);
}
