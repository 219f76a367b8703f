import type { HostSample, OwnerSigns, Pressures, PilotUse } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { type Body, isThere, wantedCpus } from './body.ts';
import type { Counters, Machine } from './machine.ts';
import type { Moment, OwnWaits } from './moments.ts';

/** Each pilot is read once in so long, as the daemon does; at each look while memory is short. */
const turnMs = 5000;
const shortShare = 0.1;

const unrecorded = unknown('it is not recorded');
const noPressures: Pressures = { cpu: unrecorded, memory: unrecorded, io: unrecorded };

/** Looks at the node of the model as the daemon's senses look at a real one. */
export class ModelSenses {
  /** Time in which the owner waited for himself. */
  readonly #own = { cpu: 0, memory: 0, memoryFull: 0, io: 0 };
  /** CPU time since the start, that of CPUs that come and go included. */
  #totalMs = 0;
  #uses: ReadonlyMap<string, PilotUse> = new Map();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #readCount = 0;

  look(
    machine: Machine,
    counters: Counters,
    moment: Moment,
    signs: OwnerSigns,
    bodies: readonly Body[],
    nowMs: number,
  ): HostSample {
    const { frame, isBlind } = moment;
    this.#totalMs += machine.cpuCount * moment.ms;
    for (const of of ['cpu', 'memory', 'memoryFull', 'io'] as const)
      this.#own[of] += (moment.waits[of] ?? 0) * moment.ms;
    let runnable = 1 + Math.ceil(moment.ownerCpus);
    for (const body of bodies) if (body.state === 'running') runnable += Math.ceil(wantedCpus(body));
    const blind = unknown('it could not be read when it was recorded');
    return {
      cpuCount: machine.cpuCount,
      cpu: isBlind.cpu
        ? blind
        : known({ busyMs: counters.ownerCpuMs + counters.pilotsCpuMs, totalMs: this.#totalMs }),
      pilotsCpuMs: frame.ownerIsExact ? known(counters.pilotsCpuMs) : blind,
      memory: isBlind.memory
        ? blind
        : known({
            totalBytes: machine.memoryBytes,
            availableBytes: counters.availableBytes,
            swapTotalBytes: frame.swapTotalBytes ?? 0,
            swapFreeBytes: counters.swapFreeBytes,
          }),
      pilotsMemoryBytes: isBlind.memory ? blind : known(counters.pilotsMemoryBytes),
      disk:
        frame.diskTotalBytes === null || frame.diskFreeBytes === null
          ? blind
          : known({ totalBytes: frame.diskTotalBytes, freeBytes: frame.diskFreeBytes }),
      runnable: known(runnable),
      pressure: { node: noPressures, pilots: noPressures, owner: [this.#pressures(moment.waits, counters)] },
      pilotUse: this.#read(machine, counters, bodies, nowMs),
      signs,
    };
  }

  #pressures(waits: OwnWaits, { owner }: Counters): Pressures {
    const stall = (
      share: number | null,
      someMs: number,
      fullMs = 0,
    ): Reading<{ someMs: number; fullMs: number }> =>
      share === null ? unrecorded : known({ someMs, fullMs });
    return {
      cpu: stall(waits.cpu, this.#own.cpu + owner.cpuMs),
      memory: stall(waits.memory, this.#own.memory + owner.memoryMs, this.#own.memoryFull),
      io: stall(waits.io, this.#own.io),
    };
  }

  #read(
    { memoryBytes }: Machine,
    { availableBytes }: Counters,
    bodies: readonly Body[],
    nowMs: number,
  ): ReadonlyMap<string, PilotUse> {
    const isShort = availableBytes < shortShare * memoryBytes;
    const isDue = nowMs - this.#readAtMs >= turnMs || bodies.length !== this.#readCount;
    if (!isShort && !isDue) return this.#uses;
    const there = bodies.filter((body) => body.managed && isThere(body));
    this.#uses = new Map(
      there.map(({ name, memoryBytes: bytes, cpuMs }) => [
        name,
        { memoryBytes: bytes, cpuMs, readAtMs: nowMs },
      ]),
    );
    [this.#readAtMs, this.#readCount] = [nowMs, bodies.length];
    return this.#uses;
  }
}
