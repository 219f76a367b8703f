import { rmdirSync } from 'node:fs';
import { foreignClass, type LiftCost, type ParentClass, setUpParentClass } from '../act/parentClass.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { readCgroupMounts } from '../sample/mounts.ts';
import { parentCpuFolder, parentFor } from '../sample/pilotsParent.ts';

/** The kernel comes first: what it does for the owner, no daemon has to. Tells what could be had. */
export function setUpParent(info: EngineInfo, instance: string, cost: LiftCost, log: Log): ParentClass {
  const folder = parentCpuFolder(readCgroupMounts('/'), info, instance);
  if (folder === null) {
    const parent = foreignClass('their parent cgroup is not ours to make here');
    log.info(`the CPU class of pilots is as the engine sets it: ${parent.detail}`);
    return parent;
  }
  const parent = setUpParentClass(folder, cost);
  if (parent.cpuClass === 'normal')
    log.warn(`pilots have the CPU weight of everybody else: ${parent.detail}`);
  else log.info(`pilots are in the kernel's CPU class "${parent.cpuClass}": ${parent.detail}`);
  return parent;
}

/** Takes the parent cgroup away, in every tree that has it; one that holds a pilot cannot be removed, and stays. */
export function removeEmptyParent(info: EngineInfo, instance: string): void {
  const parent = parentFor(info, instance);
  if (parent === null || info.cgroupDriver !== 'cgroupfs' || info.rootless) return;
  const { unified, legacy } = readCgroupMounts('/');
  const mounts = new Set([...Object.values(legacy), ...(unified === null ? [] : [unified])]);
  for (const mount of mounts) {
    try {
      rmdirSync(`${mount}${parent}`);
    } catch {
      // Not there, or in use.
    }
  }
}
