import type { HostSample, Pressures, PilotUse } from '../../src/model/host.ts';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import type { Counters, Waits } from '../../src/replay/machine.ts';
import type { SimulatedMachine } from './machine.ts';
import { type Body, isThere } from '../../src/replay/body.ts';
import type { Sense, World } from './world.ts';

/** Pilots are read in turn, each once in so many seconds, as the real senses do; all of them while memory is short. */
const turnMs = 5000;
const shortShare = 0.1;

/** Senses that look at a simulated node: what they have read of pilots lately is kept. */
export class Senses {
  readonly #machine: SimulatedMachine;
  readonly #uses = new Map<string, PilotUse>();

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  look(counters: Counters, world: World, bodies: readonly Body[], nowMs: number): HostSample {
    const m = this.#machine;
    const seen = <T>(sense: Sense, value: T): Reading<T> =>
      world.blind.includes(sense) ? unknown(`${sense} cannot be read`) : known(value);
    const waits = (of: Waits) => seen('pressure', of);
    const there = bodies.filter((body) => body.managed && isThere(body));
    const running = there.filter((body) => body.state === 'running').length;
    return {
      cpuCount: m.cpuCount,
      cpu: seen('cpu', {
        busyMs: counters.ownerCpuMs + counters.pilotsCpuMs,
        totalMs: m.cpuCount * nowMs,
      }),
      pilotsCpuMs: seen('pilotsCpu', counters.pilotsCpuMs),
      memory: seen('memory', {
        totalBytes: m.memoryBytes,
        availableBytes: counters.availableBytes,
        swapTotalBytes: m.swapBytes,
        swapFreeBytes: counters.swapFreeBytes,
      }),
      pilotsMemoryBytes: seen(
        'pilotsMemory',
        there.reduce((sum, body) => sum + body.memoryBytes, 0),
      ),
      disk: seen('disk', { totalBytes: 500e9, freeBytes: world.diskFreeBytes }),
      // Whoever reads it runs, too.
      runnable: known(Math.ceil(world.ownerCpus) + running + 1),
      pressure: {
        node: pressures(waits(counters.node)),
        pilots: pressures(waits(counters.pilots)),
        owner: m.ownerSlices ? [pressures(waits(counters.owner))] : [],
      },
      pilotUse: world.blind.includes('pilotUse') ? new Map() : this.#read(there, counters, nowMs),
      signs: world.signs,
    };
  }

  #read(bodies: readonly Body[], counters: Counters, nowMs: number): ReadonlyMap<string, PilotUse> {
    const short = counters.availableBytes < shortShare * this.#machine.memoryBytes;
    const names = new Set(bodies.map((body) => body.name));
    for (const name of this.#uses.keys()) if (!names.has(name)) this.#uses.delete(name);
    for (const { name, memoryBytes, cpuMs } of bodies) {
      const last = this.#uses.get(name);
      if (last !== undefined && !short && nowMs - last.readAtMs < turnMs) continue;
      this.#uses.set(name, { memoryBytes, cpuMs, readAtMs: nowMs });
    }
    return new Map(this.#uses);
  }
}

function pressures(waits: Reading<Waits>): Pressures {
  const stall = (ms: (of: Waits) => number) =>
    waits.known ? known({ someMs: ms(waits.value), fullMs: 0 }) : waits;
  return { cpu: stall((of) => of.cpuMs), memory: stall((of) => of.memoryMs), io: stall((of) => of.diskMs) };
}
