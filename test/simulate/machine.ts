import type { CpuClass } from '../../src/model/means.ts';
import { type Body, isThere, killed, turn } from './pilot.ts';
import type { World } from './world.ts';

/** What the node is made of. */
export interface Machine {
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** How the kernel treats the pilots beside the owner. */
  readonly cpuClass: CpuClass;
  /** The owner's groups have pressure files of their own. */
  readonly ownerSlices: boolean;
}

/** Four CPUs, 64 GB, no swap, the idle class. */
export const plainMachine: Machine = {
  cpuCount: 4,
  memoryBytes: 64e9,
  swapBytes: 0,
  cpuClass: 'idle',
  ownerSlices: true,
};

/** Time in which somebody waited, as pressure files count it. */
export interface Waits {
  cpuMs: number;
  memoryMs: number;
  diskMs: number;
}

/** Counters since the start: the kernel's, and what nobody but the simulation can know. */
export interface Counters {
  ownerCpuMs: number;
  pilotsCpuMs: number;
  /** CPU time that the owner left: all that pilots could have had. */
  leftCpuMs: number;
  /** CPU time that the owner wanted, the node has, and pilots had instead. */
  takenCpuMs: number;
  readonly node: Waits;
  readonly owner: Waits;
  readonly pilots: Waits;
  availableBytes: number;
  swapFreeBytes: number;
  /** Pilots that the kernel killed because memory was out. */
  outOfMemoryKills: number;
}

/** Counters of a node that was just switched on. */
export function newCounters(machine: Machine): Counters {
  const none = (): Waits => ({ cpuMs: 0, memoryMs: 0, diskMs: 0 });
  return {
    ownerCpuMs: 0,
    pilotsCpuMs: 0,
    leftCpuMs: 0,
    takenCpuMs: 0,
    node: none(),
    owner: none(),
    pilots: none(),
    availableBytes: machine.memoryBytes,
    swapFreeBytes: machine.swapBytes,
    outOfMemoryKills: 0,
  };
}

/** Lets the node run for `ms`, in which the world stays as it is. */
export function run(
  machine: Machine,
  counters: Counters,
  world: World,
  bodies: readonly Body[],
  nowMs: number,
  ms: number,
): void {
  const running = bodies.filter((body) => body.state === 'running');
  shareCpus(machine, counters, world, running, ms);
  shareDisk(counters, world, running, ms);
  for (const body of running) live(body, nowMs + ms);
  shareMemory(machine, counters, world, bodies, nowMs + ms, ms);
}

/**
 * What guests cost the owner of the CPUs that both want: a task of his that wakes finds a guest on its CPU, and the
 * kernel gives even an idle group its 3 parts of 1027. Measured, he keeps 99 % and more.
 */
export const guestCost = 0.005;

/**
 * In the idle class and at the smallest weight the owner gets nearly all that he wants and pilots share the rest. As
 * equals everybody gets a part of the CPUs as large as his part of the demand.
 */
function shareCpus(m: Machine, counters: Counters, world: World, running: readonly Body[], ms: number): void {
  const owner = Math.min(world.ownerCpus, m.cpuCount);
  const wanted = running.reduce((sum, body) => sum + body.cpus, 0);
  const demand = Math.max(m.cpuCount, owner + wanted);
  const contested = Math.max(0, Math.min(owner, wanted, owner + wanted - m.cpuCount));
  const ownerGot = m.cpuClass === 'normal' ? (m.cpuCount * owner) / demand : owner - guestCost * contested;
  const pilotsGot = Math.min(wanted, m.cpuCount - ownerGot);
  counters.ownerCpuMs += ownerGot * ms;
  counters.pilotsCpuMs += pilotsGot * ms;
  counters.leftCpuMs += (m.cpuCount - owner) * ms;
  counters.takenCpuMs += (owner - ownerGot) * ms;
  for (const body of running) if (wanted > 0) body.cpuMs += (pilotsGot * body.cpus * ms) / wanted;
  counters.node.cpuMs += Math.min(1, world.ownerCpus + wanted - ownerGot - pilotsGot) * ms;
  // As equals one of his tasks or another nearly always waits; what guests cost is spread: the kernel takes the mean of CPUs.
  const lost = (owner - ownerGot) / (m.cpuClass === 'normal' ? 1 : Math.max(1, owner));
  counters.owner.cpuMs += Math.min(1, world.ownerCpus - owner + lost) * ms;
  counters.pilots.cpuMs += Math.min(1, wanted - pilotsGot) * ms;
}

/** No device gives way by itself: whoever wants more of it than there is waits as long as everybody else. */
function shareDisk(counters: Counters, world: World, running: readonly Body[], ms: number): void {
  const pilots = running.reduce((sum, body) => sum + body.nature.disk, 0);
  const waits = Math.min(1, Math.max(0, 1 - 1 / Math.max(1e-9, world.ownerDisk + pilots)));
  counters.node.diskMs += waits * ms;
  if (world.ownerDisk > 0) counters.owner.diskMs += waits * ms;
  if (pilots > 0) counters.pilots.diskMs += waits * ms;
}

/** A pilot that works grows, ends when its work is done, or after a notice. */
function live(body: Body, nowMs: number): void {
  const { firstBytes, peakBytes, growCpuMs, workCpuMs } = body.nature;
  const size = firstBytes + (peakBytes - firstBytes) * (1 - Math.exp(-body.cpuMs / growCpuMs));
  // What it touches comes back from swap.
  body.swappedBytes = 0;
  body.memoryBytes = size;
  const isAsked = nowMs >= body.endsAtMs && body.nature.stuck !== true;
  if (body.cpuMs >= workCpuMs || isAsked) turn(body, 'ended', nowMs);
}

/**
 * Memory that is out goes to swap; where there is none left, the kernel kills pilots, the largest first (their
 * `oom_score_adj` is the highest). From 2 % of it down everybody waits for some.
 */
function shareMemory(
  m: Machine,
  counters: Counters,
  world: World,
  bodies: readonly Body[],
  nowMs: number,
  ms: number,
): void {
  const swapped = bodies.reduce((sum, body) => sum + body.swappedBytes, 0);
  let held = world.ownerMemoryBytes;
  for (const body of bodies) held += body.memoryBytes;
  const swapLeft = m.swapBytes - swapped;
  while (held - m.memoryBytes > swapLeft) {
    const largest = bodies
      .filter((body) => isThere(body) && !body.nature.stuck)
      .toSorted((a, b) => b.memoryBytes - a.memoryBytes)[0];
    if (largest === undefined) break;
    held -= largest.memoryBytes;
    killed(largest, nowMs);
    counters.outOfMemoryKills += 1;
  }
  counters.availableBytes = Math.max(0, m.memoryBytes - held);
  counters.swapFreeBytes = Math.max(0, Math.min(swapLeft, swapLeft - (held - m.memoryBytes)));
  const wait = Math.max(0, 1 - counters.availableBytes / (0.02 * m.memoryBytes)) * ms;
  counters.node.memoryMs += wait;
  counters.owner.memoryMs += wait;
  if (bodies.some(isThere)) counters.pilots.memoryMs += wait;
}
