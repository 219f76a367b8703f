import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the kernel treats pilots beside everything else. */
export type CpuClass = 'idle' | 'low' | 'normal';

/** What was set up, as read back, and why not more. */
export interface ParentSetUp {
  readonly cpuClass: CpuClass;
  readonly detail: string;
}

/**
 * Makes the pilots' parent cgroup in this folder of the CPU controller and puts it in the idle class (`cpu.idle`,
 * Linux 5.15), else at the smallest weight: the kernel then gives the owner the CPU within microseconds, with no
 * daemon in the path. Weights compare siblings only, so the folder must be at the top. Never throws.
 */
export function setUpIdleParent(folder: string): ParentSetUp {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    return { cpuClass: 'normal', detail: `${folder} cannot be made: ${(error as Error).message}` };
  }
  if (writtenAndRead(join(folder, 'cpu.idle'), '1'))
    return { cpuClass: 'idle', detail: join(folder, 'cpu.idle') };
  // The smallest of cgroup v1 and of v2.
  if (writtenAndRead(join(folder, 'cpu.shares'), '2'))
    return { cpuClass: 'low', detail: join(folder, 'cpu.shares') };
  if (writtenAndRead(join(folder, 'cpu.weight'), '1'))
    return { cpuClass: 'low', detail: join(folder, 'cpu.weight') };
  return { cpuClass: 'normal', detail: `${folder} has no weight that can be set` };
}

function writtenAndRead(file: string, value: string): boolean {
  try {
    writeFileSync(file, value, { flag: 'r+' });
    return readFileSync(file, 'utf8').trim() === value;
  } catch {
    return false;
  }
}
