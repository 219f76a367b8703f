import type { CpuClass } from '../model/means.ts';
import { type Body, isThere, killed, turn, wantedCpus } from './body.ts';

/** What the node is made of. */
export interface Machine {
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** How the kernel treats the pilots beside the owner. */
  readonly cpuClass: CpuClass;
}

/** What the owner wants: CPUs and memory, and the share of the disk's time. */
export interface Load {
  readonly ownerCpus: number;
  readonly ownerMemoryBytes: number;
  readonly ownerDisk: number;
}

/** Time in which somebody waited, as pressure files count it. */
export interface Waits {
  cpuMs: number;
  memoryMs: number;
  diskMs: number;
}

/** Counters since the start: the kernel's, and what nobody but the model can know. */
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
  /** Memory that pilots hold in RAM, as of the same moment. */
  pilotsMemoryBytes: number;
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
    pilotsMemoryBytes: 0,
    swapFreeBytes: machine.swapBytes,
    outOfMemoryKills: 0,
  };
}

/** Lets the node run for `ms`, in which what the owner wants stays as it is. */
export function run(
  machine: Machine,
  counters: Counters,
  load: Load,
  bodies: readonly Body[],
  nowMs: number,
  ms: number,
): void {
  const running = bodies.filter((body) => body.state === 'running');
  shareCpus(machine, counters, load, running, ms);
  shareDisk(counters, load, running, ms);
  for (const body of running) live(body, nowMs + ms, ms);
  shareMemory(machine, counters, load, bodies, nowMs + ms, ms);
}

/**
 * What guests cost the owner of the CPUs that both want: a task of his that wakes finds a guest on its CPU, and the
 * kernel gives even an idle group its 3 parts of 1027. Measured, he keeps 99 % and more.
 */
export const guestCost = 0.005;

/** What each side gets of the CPUs, and the share of time in which one of the owner's tasks waits for what pilots have. */
export interface CpuShares {
  readonly owner: number;
  readonly pilots: number;
  readonly ownerWaits: number;
}

/**
 * In the idle class and at the smallest weight the owner gets nearly all that he wants and pilots share the rest. As
 * equals everybody gets a part of the CPUs as large as his part of the demand.
 */
export function cpuShares(
  { cpuCount, cpuClass }: Pick<Machine, 'cpuCount' | 'cpuClass'>,
  ownerCpus: number,
  pilotsCpus: number,
): CpuShares {
  const owner = Math.min(ownerCpus, cpuCount);
  const demand = Math.max(cpuCount, owner + pilotsCpus);
  const contested = Math.max(0, Math.min(owner, pilotsCpus, owner + pilotsCpus - cpuCount));
  const got = cpuClass === 'normal' ? (cpuCount * owner) / demand : owner - guestCost * contested;
  // As equals one of his tasks or another nearly always waits; what guests cost is spread: the kernel takes the mean of CPUs.
  const ownerWaits = (owner - got) / (cpuClass === 'normal' ? 1 : Math.max(1, owner));
  return { owner: got, pilots: Math.min(pilotsCpus, cpuCount - got), ownerWaits };
}

function shareCpus(m: Machine, counters: Counters, load: Load, running: readonly Body[], ms: number): void {
  const owner = Math.min(load.ownerCpus, m.cpuCount);
  const wanted = running.reduce((sum, body) => sum + wantedCpus(body), 0);
  const got = cpuShares(m, owner, wanted);
  counters.ownerCpuMs += got.owner * ms;
  counters.pilotsCpuMs += got.pilots * ms;
  counters.leftCpuMs += (m.cpuCount - owner) * ms;
  counters.takenCpuMs += (owner - got.owner) * ms;
  for (const body of running) if (wanted > 0) body.cpuMs += (got.pilots * wantedCpus(body) * ms) / wanted;
  counters.node.cpuMs += Math.min(1, load.ownerCpus + wanted - got.owner - got.pilots) * ms;
  counters.owner.cpuMs += Math.min(1, load.ownerCpus - owner + got.ownerWaits) * ms;
  counters.pilots.cpuMs += Math.min(1, wanted - got.pilots) * ms;
}

/** No device gives way by itself: whoever wants more of it than there is waits as long as everybody else. */
function shareDisk(counters: Counters, load: Load, running: readonly Body[], ms: number): void {
  const pilots = running.reduce((sum, body) => sum + body.nature.disk, 0);
  const waits = Math.min(1, Math.max(0, 1 - 1 / Math.max(1e-9, load.ownerDisk + pilots)));
  counters.node.diskMs += waits * ms;
  if (load.ownerDisk > 0) counters.owner.diskMs += waits * ms;
  if (pilots > 0) counters.pilots.diskMs += waits * ms;
}

/** A pilot that works grows, ends when its work is done, or after a notice. */
function live(body: Body, nowMs: number, ms: number): void {
  const {
    firstBytes,
    peakBytes,
    growCpuMs,
    bytesAt,
    workCpuMs,
    lifeMs = Number.POSITIVE_INFINITY,
  } = body.nature;
  body.runMs += ms;
  // What it touches comes back from swap.
  body.swappedBytes = 0;
  body.memoryBytes =
    bytesAt?.(body.cpuMs) ?? firstBytes + (peakBytes - firstBytes) * (1 - Math.exp(-body.cpuMs / growCpuMs));
  const isAsked = nowMs >= body.endsAtMs && body.nature.stuck !== true;
  body.isDone = body.cpuMs >= workCpuMs || body.runMs >= lifeMs;
  if (body.isDone) body.exitCode = body.nature.exitCode;
  if (body.isDone || isAsked) turn(body, 'ended', nowMs);
}

/** From this share of the memory down everybody waits for some. */
const scarceShare = 0.02;

/** Share of time in which tasks wait for memory when so little of it is available. */
export function memoryWaits(availableBytes: number, memoryBytes: number): number {
  return Math.max(0, 1 - availableBytes / (scarceShare * memoryBytes));
}

/**
 * Memory that is out goes to swap; where there is none left, the kernel kills pilots, the largest first (their
 * `oom_score_adj` is the highest).
 */
function shareMemory(
  m: Machine,
  counters: Counters,
  load: Load,
  bodies: readonly Body[],
  nowMs: number,
  ms: number,
): void {
  let [held, swapped, isAnyThere] = [load.ownerMemoryBytes, 0, false];
  for (const body of bodies) {
    held += body.memoryBytes;
    swapped += body.swappedBytes;
    isAnyThere ||= isThere(body);
  }
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
  counters.pilotsMemoryBytes = held - load.ownerMemoryBytes;
  counters.swapFreeBytes = Math.max(0, Math.min(swapLeft, swapLeft - (held - m.memoryBytes)));
  const wait = memoryWaits(counters.availableBytes, m.memoryBytes) * ms;
  counters.node.memoryMs += wait;
  counters.owner.memoryMs += wait;
  if (isAnyThere) counters.pilots.memoryMs += wait;
}
