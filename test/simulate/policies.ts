import type { Policy } from '../../src/decide/types.ts';
import type { CpuClass, KernelMeans } from '../../src/model/means.ts';
import { policy, type Rules, withRules } from '../decide/world.ts';
import { plainMachine, type SimulatedMachine } from './machine.ts';

/** A node and the rules on it that go together. */
export interface Setting {
  readonly machine: SimulatedMachine;
  readonly policy: Policy;
}

/** The defaults on a node of four CPUs on which everything can be had, with pilots of this class. */
export function settingOf(
  cpuClass: CpuClass,
  changes: { machine?: Partial<SimulatedMachine>; policy?: Rules; means?: Partial<KernelMeans> } = {},
): Setting {
  const means: KernelMeans = {
    cpuClass,
    canThrottle: true,
    canPause: true,
    canReclaim: true,
    ownKill: true,
    ...changes.means,
  };
  return {
    machine: { ...plainMachine, cpuClass, ...changes.machine },
    policy: withRules({ ...policy, means }, changes.policy ?? {}),
  };
}

/** What stays free for the owner in the defaults. */
export const reserveBytes = 0.05 * plainMachine.memoryBytes;
