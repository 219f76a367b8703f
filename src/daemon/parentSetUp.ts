import { rmdirSync } from 'node:fs';
import type { LiftCost } from '../act/lift.ts';
import { foreignClass, type ParentClass, setUpParentClass } from '../act/parentClass.ts';
import { askSystemd } from '../act/systemdSlice.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { CpuClass } from '../model/means.ts';
import { type CgroupMounts, readCgroupMounts } from '../sample/mounts.ts';
import { parentFor, weighedGroup } from '../sample/pilotsParent.ts';

/** What setting up the parent takes beside the engine that answers. */
export interface ParentSurroundings {
  readonly instance: string;
  readonly mounts: () => CgroupMounts;
  /** `/sys/block`. */
  readonly disks: string;
  /** `systemctl`, or what stands for it. */
  readonly systemctl: string;
}

/** This node as it is. */
export function realSurroundings(instance: string): ParentSurroundings {
  return { instance, mounts: () => readCgroupMounts('/'), disks: '/sys/block', systemctl: 'systemctl' };
}

/** The kernel comes first: what it does for the owner, no daemon has to. Never throws. */
export async function setUpParent(
  info: EngineInfo,
  asked: CpuClass,
  around: ParentSurroundings,
  cost: LiftCost,
  signal: AbortSignal,
): Promise<ParentClass> {
  const group = weighedGroup(around.mounts(), info, around.instance);
  if (group === null) return foreignClass(asked, whyNone(info));
  const isOurs = info.cgroupDriver === 'cgroupfs';
  const refusal = isOurs ? null : await askSystemd(around.systemctl, asked, signal);
  const parent = setUpParentClass(
    {
      cpuFolder: group.cpuFolder,
      io: { folder: group.ioFolder, top: group.ioTop, disks: around.disks },
      unifiedTop: group.unifiedTop,
      isOurs,
    },
    asked,
    cost,
  );
  return refusal === null ? parent : { ...parent, detail: `${parent.detail}; systemd: ${refusal}` };
}

/** Why pilots have no group at the top of the tree whose class could be set. */
function whyNone(info: EngineInfo): string {
  if (!info.local) return 'the engine runs on another machine, whose kernel is out of reach';
  if (info.cgroupDriver === 'none') return 'the engine manages no cgroups';
  if (info.rootless)
    return 'the engine is rootless: the weight of its pilots counts only among the processes of its user';
  return `no tree of the CPU controller (cgroup version ${info.cgroupVersion}) is mounted here`;
}

/** Takes the parent cgroup away, in every tree that has it; one that holds a pilot cannot be removed, and stays. */
export function removeEmptyParent(info: EngineInfo, instance: string): void {
  const parent = parentFor(info, instance);
  if (parent === null || info.cgroupDriver !== 'cgroupfs' || info.rootless) return;
  const { unified, legacy } = readCgroupMounts('/');
  const mounts = new Set([...Object.values(legacy), ...(unified === null ? [] : [unified])]);
  for (const mount of mounts) {
    // Podman keeps its monitors in a group of their own there, and leaves that behind.
    for (const folder of [`${mount}${parent}/conmon`, `${mount}${parent}`]) {
      try {
        rmdirSync(folder);
      } catch {
        // Not there, or in use.
      }
    }
  }
}
