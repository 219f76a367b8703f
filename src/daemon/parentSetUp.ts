import { setUpIdleParent } from '../act/idleParent.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { readCgroupMounts } from '../sample/mounts.ts';
import { parentCpuFolder } from '../sample/pilotsParent.ts';

/** The kernel comes first: what it does for the owner, no daemon has to. Tells what could be had. */
export function setUpParent(info: EngineInfo, log: Log): void {
  const folder = parentCpuFolder(readCgroupMounts('/'), info);
  if (folder === null) {
    log.info(
      'the CPU class of pilots is as the engine sets it: their parent cgroup is not ours to make here',
    );
    return;
  }
  const { cpuClass, detail } = setUpIdleParent(folder);
  if (cpuClass === 'normal') log.warn(`pilots have the CPU weight of everybody else: ${detail}`);
  else log.info(`pilots are in the kernel's CPU class "${cpuClass}": ${detail}`);
}
