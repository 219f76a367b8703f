import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import type { LiftCost } from '../act/lift.ts';
import {
  foreignClass,
  type ParentClass,
  type ParentPlace,
  setUpParentClass,
  watchedClass,
} from '../act/parentClass.ts';
import { askSystemd } from '../act/systemdSlice.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { CpuClass } from '../model/means.ts';
import { readKernelFile } from '../sample/kernelFile.ts';
import { type CgroupMounts, readCgroupMounts } from '../sample/mounts.ts';
import { parentFor, type WeighedGroup, weighedGroup } from '../sample/pilotsParent.ts';

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
  const place = placeOf(group, info, around);
  const refusal = place.isOurs ? null : await askSystemd(around.systemctl, asked, signal);
  const parent = setUpParentClass(place, asked, cost);
  return refusal === null ? parent : { ...parent, detail: `${parent.detail}; systemd: ${refusal}` };
}

/** The same where nothing is to be done (`dry_run`): the parent as it is, and what would be set. Never throws. */
export function watchParent(info: EngineInfo, asked: CpuClass, around: ParentSurroundings): ParentClass {
  const group = weighedGroup(around.mounts(), info, around.instance);
  return group === null
    ? foreignClass(asked, whyNone(info))
    : watchedClass(placeOf(group, info, around), asked);
}

function placeOf(group: WeighedGroup, info: EngineInfo, { disks }: ParentSurroundings): ParentPlace {
  return {
    cpuFolder: group.cpuFolder,
    io: { folder: group.ioFolder, top: group.ioTop, disks },
    unifiedTop: group.unifiedTop,
    isOurs: info.cgroupDriver === 'cgroupfs',
  };
}

/** Why pilots have no group at the top of the tree whose class could be set. */
function whyNone(info: EngineInfo): string {
  if (!info.local) return 'the engine runs on another machine, whose kernel is out of reach';
  if (info.cgroupDriver === 'none') return 'the engine manages no cgroups';
  if (info.rootless)
    return 'the engine is rootless: the weight of its pilots counts only among the processes of its user';
  return `no tree of the CPU controller (cgroup version ${info.cgroupVersion}) is mounted here`;
}

/**
 * Takes the parent cgroup away, in every tree that has it; one that holds a pilot cannot be removed, and stays. Gives
 * whether it will be empty in a moment: what is left of pilots is their groups, or Podman's monitors, which outlive them.
 */
export function removeEmptyParent(info: EngineInfo, instance: string): boolean {
  const parent = parentFor(info, instance);
  if (parent === null || info.cgroupDriver !== 'cgroupfs' || info.rootless) return false;
  const { unified, legacy } = readCgroupMounts('/');
  const mounts = new Set([...Object.values(legacy), ...(unified === null ? [] : [unified])]);
  const left = [...mounts].map((mount) => `${mount}${parent}`).filter((folder) => !isRemoved(folder));
  return left.length > 0 && left.every(hasNoPilot);
}

/** Podman keeps its monitors in a group of their own there, and leaves that behind. */
const monitors = 'conmon';

function isRemoved(folder: string): boolean {
  for (const one of [`${folder}/${monitors}`, folder]) {
    try {
      rmdirSync(one);
    } catch {
      // Not there, or in use.
    }
  }
  return !existsSync(folder);
}

function hasNoPilot(folder: string): boolean {
  const groups = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());
  return groups
    .filter(({ name }) => name !== monitors)
    .map(({ name }) => readKernelFile(`${folder}/${name}/cgroup.procs`))
    .every((members) => !members.known || members.value === '');
}
