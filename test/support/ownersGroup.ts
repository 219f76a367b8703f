import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { until } from './until.ts';

/** A cgroup of the owner's own. */
export interface OwnersGroup {
  /** Version of the tree that its controller works in. */
  readonly version: 1 | 2;
  readonly folder: string;
  /** The file that takes the number of a process that is to be in it. */
  readonly members: string;
  /** Ends who is in it, and takes it away; does nothing where that is done. */
  end(): Promise<void>;
}

/**
 * Makes a cgroup with this controller, named after what its members do. Below `system.slice` where there is one, as what
 * is the owner's. Throws where no such controller is mounted.
 */
export function makeOwnersGroup(controller: 'blkio' | 'memory', does: string): OwnersGroup {
  const { unified, legacy } = readCgroupMounts('/');
  const name = `owner-who-${does}-${process.pid}`;
  const mount = legacy[controller];
  const folder = mount === undefined ? join(unifiedPlace(unified, controller), name) : join(mount, name);
  const members = join(folder, 'cgroup.procs');
  mkdirSync(folder);
  return {
    version: mount === undefined ? 2 : 1,
    folder,
    members,
    async end() {
      if (!existsSync(folder)) return;
      await until(`the end of the owner who ${does}`, () => {
        const pids = readFileSync(members, 'utf8').split('\n').filter(Boolean).map(Number);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        return pids.length === 0;
      });
      rmdirSync(folder);
    },
  };
}

/** Where groups of the owner's are in the unified tree, with the controller (`io` for `blkio`) turned on for them. */
function unifiedPlace(unified: string | null, controller: 'blkio' | 'memory'): string {
  if (unified === null)
    throw new Error(`this test needs the ${controller} controller of cgroups, and none are mounted`);
  const slice = join(unified, 'system.slice');
  const above = existsSync(slice) ? [unified, slice] : [unified];
  const word = controller === 'blkio' ? '+io' : `+${controller}`;
  for (const folder of above) writeFileSync(join(folder, 'cgroup.subtree_control'), word);
  return above.at(-1) ?? unified;
}
