import type { PilotFacts } from '../../src/act/pilotFolderFeatures.ts';

/** A pilot to be told of itself, changed as a test wants it. */
export function factsOf(changed: Partial<PilotFacts> = {}): PilotFacts {
  return {
    name: 'plancton-worker-k3v9x0',
    kind: 'analysis',
    node: 'wn042',
    cpus: 2.5,
    memoryBytes: 2_000_000_000,
    swapBytes: 500_000_000,
    ttlMs: 43_200_900,
    stopGraceMs: 10_000,
    nodeCpus: 8,
    hs06: 100,
    ...changed,
  };
}
