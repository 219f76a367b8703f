import { cpus } from 'node:os';
import { basename, dirname } from 'node:path';
import type { PilotTrees } from '../act/pilotCgroup.ts';
import type { EngineInfo } from '../model/engine.ts';
import { readingOr } from '../model/reading.ts';
import { readMemoryBytes } from '../sample/groupUse.ts';
import { listFolder, readOnce } from '../sample/kernelFile.ts';
import type { ParentSurroundings } from './parentSetUp.ts';

/** A pilot that is known by its cgroup only. */
export interface Guest {
  readonly id: string;
  readonly trees: PilotTrees;
  /** What its end would free; 0 where that cannot be read. */
  readonly memoryBytes: number;
}

/** What engines call a container's cgroup below its parent: Docker and Podman, cgroupfs and systemd. */
const groupName = /^(?:(?:docker|libpod)-)?([0-9a-f]{64})(?:\.scope)?$/;

/**
 * The containers below this daemon's own parent cgroup, whichever engine put them there: its name is made from the
 * instance of this daemon, so that nobody else's are there. A rootless engine's are not looked for.
 */
export function foundBelow({ instance, mounts }: ParentSurroundings): readonly Guest[] {
  const { unified, legacy } = mounts();
  const foldersIn = (mount: string): ReadonlyMap<string, string> =>
    new Map(
      placesOf(mount, instance).flatMap((place) => {
        const names = readingOr(listFolder(place), []);
        return names.flatMap((name): [string, string][] => {
          const id = groupName.exec(name)?.[1];
          return id === undefined ? [] : [[id, `${place}/${name}`]];
        });
      }),
    );
  const inUnified = unified === null ? new Map<string, string>() : foldersIn(unified);
  const inLegacy = [...new Set(Object.values(legacy))].map(foldersIn);
  const inMemory = legacy.memory === undefined ? inUnified : foldersIn(legacy.memory);
  const ids = new Set([inUnified, ...inLegacy].flatMap((folders) => [...folders.keys()]));
  return [...ids].map((id) => ({
    id,
    trees: {
      unified: inUnified.get(id) ?? null,
      legacy: inLegacy.flatMap((folders) => folders.get(id) ?? []),
    },
    memoryBytes: memoryOf(legacy.memory === undefined ? 2 : 1, inMemory.get(id)),
  }));
}

/**
 * What can be told of the engine that put containers there before it has answered: enough to find their class and to
 * lift it. Null where there are none.
 */
export function engineOf(around: ParentSurroundings): EngineInfo | null {
  const [guest] = foundBelow(around);
  const folder = guest?.trees.unified ?? guest?.trees.legacy[0];
  if (folder === undefined) return null;
  return {
    product: basename(folder).startsWith('libpod-') ? 'podman' : 'docker',
    version: '',
    apiVersion: '',
    cpuCount: Math.max(1, cpus().length),
    memoryBytes: 0,
    cgroupDriver: dirname(folder).endsWith('.slice') ? 'systemd' : 'cgroupfs',
    cgroupVersion: around.mounts().legacy.cpu === undefined ? 2 : 1,
    rootless: false,
    local: true,
    selinux: false,
    apparmor: false,
    hasInit: false,
    dataFolder: '/',
    loggingDriver: '',
  };
}

function placesOf(mount: string, instance: string): readonly string[] {
  const name = `plancton-${instance.slice(0, 8)}`;
  return [`${mount}/${name}`, `${mount}/plancton.slice/${name}.slice`];
}

function memoryOf(version: 1 | 2, folder: string | undefined): number {
  return folder === undefined ? 0 : readingOr(readMemoryBytes(version, folder, readOnce), 0);
}
