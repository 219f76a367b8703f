import { foreignClass, type ParentClass, setUpParentClass } from '../act/parentClass.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { readCgroupMounts } from '../sample/mounts.ts';
import { parentCpuFolder } from '../sample/pilotsParent.ts';

/** The kernel comes first: what it does for the owner, no daemon has to. Tells what could be had. */
export function setUpParent(info: EngineInfo, log: Log): ParentClass {
  const folder = parentCpuFolder(readCgroupMounts('/'), info);
  if (folder === null) {
    const parent = foreignClass('their parent cgroup is not ours to make here');
    log.info(`the CPU class of pilots is as the engine sets it: ${parent.detail}`);
    return parent;
  }
  const parent = setUpParentClass(folder);
  if (parent.cpuClass === 'normal')
    log.warn(`pilots have the CPU weight of everybody else: ${parent.detail}`);
  else log.info(`pilots are in the kernel's CPU class "${parent.cpuClass}": ${parent.detail}`);
  return parent;
}
