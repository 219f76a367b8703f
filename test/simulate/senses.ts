import type { CloserLook, HostSample, Pressures, PilotUse } from '../../src/model/host.ts';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import type { Counters, Waits } from '../../src/replay/machine.ts';
import type { SimulatedMachine } from './machine.ts';
import { type Body, isThere } from '../../src/replay/body.ts';
import { PilotTurn } from '../../src/sample/pilotTurn.ts';
import type { Sense, World } from './world.ts';

/** Pilots are read in turn, each once in so many seconds, as the real senses do; all of them while memory is short. */
const turnMs = 5000;
const shortShare = 0.1;

/** Senses that look at a simulated node: what they have read of pilots lately is kept. */
export class Senses {
  readonly #machine: SimulatedMachine;
  readonly #uses = new Map<string, PilotUse>();
  readonly #turn = new PilotTurn();

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  /** `closerLook`: pilots are read as the daemon does it, all of them where it wants that. */
  look(
    counters: Counters,
    world: World,
    bodies: readonly Body[],
    nowMs: number,
    closerLook?: CloserLook,
  ): HostSample {
    const m = this.#machine;
    const seen = <T>(sense: Sense, value: T): Reading<T> =>
      world.blind.includes(sense) ? unknown(`${sense} cannot be read`) : known(value);
    const waits = (of: Waits) => seen('pressure', of);
    const there = bodies.filter((body) => body.managed && isThere(body));
    const running = there.filter((body) => body.state === 'running').length;
    const levels = {
      totalBytes: m.memoryBytes,
      availableBytes: counters.availableBytes,
      swapTotalBytes: m.swapBytes,
      swapFreeBytes: counters.swapFreeBytes,
    };
    const uses = (): ReadonlyMap<string, PilotUse> =>
      closerLook === undefined
        ? this.#read(there, counters, nowMs)
        : this.#readInTurn(there, nowMs, !world.blind.includes('memory') && closerLook.allPilots(levels));
    return {
      cpuCount: m.cpuCount,
      cpu: seen('cpu', {
        busyMs: counters.ownerCpuMs + counters.pilotsCpuMs,
        totalMs: m.cpuCount * nowMs,
      }),
      pilotsCpuMs: seen('pilotsCpu', counters.pilotsCpuMs),
      memory: seen('memory', levels),
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
      pilotUse: world.blind.includes('pilotUse') ? new Map() : uses(),
      signs: world.signs,
    };
  }

  #readInTurn(bodies: readonly Body[], nowMs: number, all: boolean): ReadonlyMap<string, PilotUse> {
    const byId = new Map(bodies.map((body) => [body.name, body]));
    return this.#turn.read([...byId.keys()], nowMs, all, (id) => {
      const body = byId.get(id);
      return body === undefined
        ? unknown('it is gone')
        : known({ memoryBytes: body.memoryBytes, cpuMs: body.cpuMs });
    });
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
