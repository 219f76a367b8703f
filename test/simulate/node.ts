import type { Decision, Policy, Seen } from '../../src/decide/types.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { plainMachine, type SimulatedMachine } from './machine.ts';
import { isThere, type Nature, pilotOf, plainNature } from '../../src/replay/body.ts';
import { type Decider, simulation } from './simulation.ts';
import { quietWorld, type World } from './world.ts';

/** A short story, second by second, for whoever wants to look at each of them. */
export interface Tale {
  /** The world in each second; after the last it stays. */
  readonly worlds: readonly World[];
  /** What pilots are like, in the order of their starts, again from the first after the last. */
  readonly natures?: readonly Nature[];
  readonly foreign?: readonly string[];
  /** Where it happens: what the rules say of the CPU class follows it. */
  readonly machine?: Partial<SimulatedMachine>;
}

/** What one tick saw and decided, and what there really was, for whoever judges it. */
export interface Frame {
  readonly world: World;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly containers: readonly Pilot[];
  /** Pilots that nothing ends once they were asked to. */
  readonly stuck: ReadonlySet<string>;
  /** CPUs that pilots may use which run or are paused, by name. */
  readonly cpus: ReadonlyMap<string, number>;
}

/** Lives through a tale and keeps each of its seconds. */
export function simulate(decider: Decider, policy: Policy, tale: Tale): Frame[] {
  const { worlds, natures = [plainNature], foreign = [] } = tale;
  const machine = { ...plainMachine, ...tale.machine };
  const frames: Frame[] = [];
  simulation({
    decider,
    policy: { ...policy, means: { ...policy.means, cpuClass: machine.cpuClass } },
    machine,
    foreign,
    story: (ms) => worlds[Math.min(worlds.length - 1, Math.floor((ms - 1) / 1000))] ?? quietWorld,
    forMs: worlds.length * 1000,
    stepMs: 500,
    nature: (index) => natures[index % natures.length] ?? plainNature,
    watch: ({ world, seen, decision, bodies }) =>
      frames.push({
        world,
        seen,
        decision,
        containers: [...bodies.values()].map(pilotOf),
        stuck: new Set([...bodies.values()].filter(({ nature }) => nature.stuck).map(({ name }) => name)),
        cpus: new Map([...bodies.values()].filter(isThere).map((body) => [body.name, body.cpus])),
      }),
  });
  return frames;
}

/** The same world for so many seconds, or one for each of them. */
export function seconds(
  count: number,
  world: Partial<World> | ((second: number) => Partial<World>),
): World[] {
  return Array.from({ length: count }, (_, second) => ({
    ...quietWorld,
    ...(typeof world === 'function' ? world(second) : world),
  }));
}
