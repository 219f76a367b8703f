import type { OwnerSigns } from '../../src/model/host.ts';
import type { ControlFiles } from '../../src/model/view.ts';
import { noSigns } from '../decide/world.ts';

/** A sense that can fail. */
export type Sense = 'cpu' | 'pilotsCpu' | 'memory' | 'pilotsMemory' | 'disk' | 'pressure' | 'pilotUse';

/** What the world does to the node at one instant; the node does the rest. */
export interface World {
  /** CPUs and memory that the owner wants, and the share of the disk's time. */
  readonly ownerCpus: number;
  readonly ownerMemoryBytes: number;
  readonly ownerDisk: number;
  readonly diskFreeBytes: number;
  /** It answers, is not there (each call fails at once), or takes calls and says nothing. */
  readonly engine: 'answers' | 'away' | 'hangs';
  readonly startsFail: boolean;
  readonly blind: readonly Sense[];
  readonly signs: OwnerSigns;
  readonly control: ControlFiles;
  /** The daemon dies and another follows, which knows what was saved. */
  readonly daemonDies: boolean;
}

/** The world over time, in milliseconds since the start. */
export type Story = (ms: number) => World;

/** An owner who is away, on a node where all is well. */
export const quietWorld: World = {
  ownerCpus: 0,
  ownerMemoryBytes: 2e9,
  ownerDisk: 0,
  diskFreeBytes: 400e9,
  engine: 'answers',
  startsFail: false,
  blind: [],
  signs: noSigns,
  control: { drain: false, stop: false, forceStop: false, renew: [] },
  daemonDies: false,
};

/** An owner who takes `cpus` in the first half of each period and nothing in the second. */
export function squareWave(periodMs: number, cpus: number): Story {
  const [on, off] = [{ ...quietWorld, ownerCpus: cpus }, quietWorld];
  return (ms) => (ms % periodMs < periodMs / 2 ? on : off);
}

/** An owner who allocates memory at a steady rate up to some bytes, keeps it for a while and gives it back. */
export function allocator(fromMs: number, bytesPerSecond: number, peakBytes: number, holdMs: number): Story {
  const least = quietWorld.ownerMemoryBytes;
  const risesMs = ((peakBytes - least) / bytesPerSecond) * 1000;
  return (ms) => {
    const into = ms - fromMs;
    if (into < 0 || into > risesMs + holdMs) return quietWorld;
    const ownerMemoryBytes = Math.min(peakBytes, least + (into / 1000) * bytesPerSecond);
    return { ...quietWorld, ownerMemoryBytes };
  };
}
