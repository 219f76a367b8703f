import type { ParentStatus } from '../../src/model/status.ts';

/** A parent cgroup of which everything could be had. */
export const wholeParent: ParentStatus = {
  cgroup: '/plancton-0011aabb',
  cpuClass: { asked: 'idle', had: 'idle', detail: '/sys/fs/cgroup/plancton-0011aabb/cpu.idle' },
  ioWeight: { had: true, detail: '/sys/fs/cgroup/plancton-0011aabb/io.bfq.weight' },
  oomScoreAdj: 1000,
  pidsLimit: 4096,
  can: { shrink: true, pause: true, reclaim: true, kill: true },
  fallback: '',
};
