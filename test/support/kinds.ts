import type { Kind } from '../../src/model/kind.ts';

/** A small recipe that needs nothing, changed as a test wants it. */
export function kindOf(changed: Partial<Kind> = {}): Kind {
  return {
    name: 'test',
    image: 'busybox:latest',
    command: ['sleep', '600'],
    cpus: 0.5,
    memoryBytes: 64 * 1024 * 1024,
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
    ttlMs: 60_000,
    stopGraceMs: 1000,
    ...changed,
  };
}
