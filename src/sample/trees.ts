import { join } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';
import { type CgroupMounts, readCgroupMounts } from './mounts.ts';

/** Where each reading of a group is found: the mount of its tree, null where there is none. */
export interface Trees {
  readonly version: 1 | 2;
  readonly cpu: string | null;
  readonly memory: string | null;
  /** Always a v2 tree: a hybrid node has v1 controllers and, beside them, v2 groups with pressure files. */
  readonly pressure: string | null;
}

/** No tree: no engine has answered yet, or it runs elsewhere. */
export const noTrees: Trees = { version: 2, cpu: null, memory: null, pressure: null };

/** The trees that an engine on this node puts its containers into, as paths that can be opened from here. */
export function treesBelow(root: string, info: EngineInfo): Trees {
  if (!info.local) return noTrees;
  const { unified, legacy } = mountsBelow(root);
  if (info.cgroupVersion === 2) return { version: 2, cpu: unified, memory: unified, pressure: unified };
  const { cpuacct = null, memory = null } = legacy;
  return { version: 1, cpu: cpuacct, memory, pressure: unified };
}

function mountsBelow(root: string): CgroupMounts {
  const { unified, legacy } = readCgroupMounts(root);
  const at = (folder: string): string => join(root, folder);
  const entries = Object.entries(legacy).map(([controller, folder]) => [controller, at(folder)] as const);
  return { unified: unified === null ? null : at(unified), legacy: Object.fromEntries(entries) };
}
