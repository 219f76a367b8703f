import type { Kind } from '../../src/model/kind.ts';

/** A recipe of no importance. */
export const kind: Kind = {
  name: 'pilot',
  image: 'pilot:1',
  command: ['/bin/sleep', '1000'],
  cpus: 1,
  memoryBytes: 2e9,
  swapBytes: 0,
  pidsLimit: 4096,
  privileged: false,
  user: '0:0',
  binds: [],
  devices: [],
  capabilitiesAdded: [],
  capabilitiesDropped: [],
  securityOptions: [],
  networkMode: 'bridge',
  ttlMs: 1000,
  stopGraceMs: 1000,
};
