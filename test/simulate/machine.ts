import type { Machine } from '../../src/replay/machine.ts';

/** A node of the model, and what its kernel tells of it. */
export interface SimulatedMachine extends Machine {
  /** The owner's groups have pressure files of their own. */
  readonly ownerSlices: boolean;
}

/** Four CPUs, 64 GB, no swap, the idle class. */
export const plainMachine: SimulatedMachine = {
  cpuCount: 4,
  memoryBytes: 64e9,
  swapBytes: 0,
  cpuClass: 'idle',
  ownerSlices: true,
};
