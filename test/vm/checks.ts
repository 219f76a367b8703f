import { cpu } from './cpu.ts';
import { kernel } from './kernel.ts';
import { memoryChecks } from './memory.ts';
import { platform } from './platform.ts';
import { clearance, service } from './service.ts';

/** One thing that must be so on a node with systemd and cgroup v2. */
export interface Check {
  /** Without a colon: the report has one behind it. */
  readonly name: string;
  /** Gives what was seen, in a few words; rejects with what is not so. */
  readonly see: () => Promise<string>;
}

/** In the order in which they run: each goes on where the one before has left the node. */
export const checks: readonly Check[] = [
  ...platform,
  ...service.begin,
  ...kernel,
  ...service.go,
  ...cpu,
  ...memoryChecks,
  ...clearance,
];
