import { known, mapReading, type Reading, readingOr, unknown } from '../model/reading.ts';
import { followOwnWork, isOwnWork, isOwnWriting, type OwnWork } from './ownWork.ts';
import { followPaces, noPaces } from './pilotsGrowth.ts';
import { noPressure, ownerPressure } from './pressure.ts';
import type { OwnerPressure, Sample, Seen } from './types.ts';

/** Time constant of the mean of the owner's CPUs: long enough to outlive the start of a container, short to follow. */
const smoothingMs = 5000;

/** Kernel counters tick each 10 ms: over less time than this their difference says nothing. */
const shortestMs = 500;

/**
 * What the difference between two samples means. The owner is the node without the pilots' own cgroups. Where those
 * cannot be told apart, the whole node is an upper bound: nothing more is started on it than that leaves room for, and
 * nothing is evicted. Ticks that follow each other at once leave the rates as they were.
 */
export function observe(previous: Seen | null, sample: Sample): Seen {
  if (previous === null) return unseen(sample);
  const before = previous.base;
  const elapsedMs = sample.atMs - before.atMs;
  const ownWork = followOwnWork(previous.ownWork, sample);
  if (elapsedMs < shortestMs) return { ...previous, sample, ownWork, memory: sample.host.memory };
  const nodeUse = nodeShare(before, sample);
  const nodeCpus = mapReading(nodeUse, (share) => share * sample.host.cpuCount);
  const pilotsCpus = pilotsUse(before, sample, elapsedMs);
  const canTell = sample.host.pilotsCpuMs.known;
  const pilots = pilotsCpus.known ? pilotsCpus.value : 0;
  const owner = mapReading(nodeCpus, (cpus) => Math.max(0, cpus - pilots));
  const ownerMemoryBytes = ownerMemory(sample);
  const ownerMemoryRate = memoryRate(before, sample, elapsedMs);
  // A sum that fell (a pilot that went with its cgroup) says nothing for a moment; what was known before still holds.
  const ownerNow = canTell && !pilotsCpus.known ? previous.ownerCpus : owner;
  return {
    sample,
    base: sample,
    ownerCpus: smooth(previous.ownerCpus, ownerNow, elapsedMs),
    ownerCpusNow: ownerNow,
    runnableBefore: before.host.runnable,
    ownerIsExact: canTell,
    pilotsCpus,
    memory: sample.host.memory,
    ownerPressure: withoutOurs(
      ownerPressure(before.host.pressure, sample.host.pressure, elapsedMs),
      ownWork,
      sample.atMs,
    ),
    ownWork,
    sinceMs: previous.sinceMs,
    ownerMemoryBytes,
    ownerMemoryRate,
    ownerMemoryGrowth: mapReading(previous.ownerMemoryRate, (before) =>
      Math.max(0, Math.min(before, readingOr(ownerMemoryRate, 0))),
    ),
    paces: followPaces(previous.paces, before, sample),
  };
}

/** While the engine works for us, what the owner waits for on a CPU or on storage may be us: it is not known. */
function withoutOurs(pressure: OwnerPressure, work: OwnWork | null, nowMs: number): OwnerPressure {
  const ours = unknown('the engine works for us: its tasks count as the owner’s');
  return {
    ...pressure,
    cpu: isOwnWork(work, nowMs) ? ours : pressure.cpu,
    io: isOwnWriting(work, nowMs) ? ours : pressure.io,
  };
}

/** The first look at a node: there is nothing to compare with yet. */
function unseen(sample: Sample): Seen {
  const none = unknown('the first reading has nothing to be compared with');
  return {
    sample,
    base: sample,
    ownerCpus: none,
    ownerCpusNow: none,
    runnableBefore: none,
    ownerIsExact: false,
    pilotsCpus: none,
    memory: sample.host.memory,
    ownerPressure: noPressure(none),
    ownWork: followOwnWork(null, sample),
    sinceMs: sample.atMs,
    ownerMemoryBytes: ownerMemory(sample),
    ownerMemoryRate: none,
    ownerMemoryGrowth: none,
    paces: noPaces(sample),
  };
}

/** Busy share of all CPUs, 0 to 1, from two readings of the kernel's counters. */
function nodeShare(before: Sample, now: Sample): Reading<number> {
  const [a, b] = [before.host.cpu, now.host.cpu];
  if (!a.known) return a;
  if (!b.known) return b;
  const total = b.value.totalMs - a.value.totalMs;
  if (total <= 0) return unknown('the CPU counters did not advance');
  return known(Math.min(1, Math.max(0, (b.value.busyMs - a.value.busyMs) / total)));
}

function pilotsUse(before: Sample, now: Sample, elapsedMs: number): Reading<number> {
  const [a, b] = [before.host.pilotsCpuMs, now.host.pilotsCpuMs];
  if (!b.known) return b;
  if (!a.known) return a;
  if (elapsedMs <= 0) return unknown('no time has passed');
  if (b.value < a.value) return unknown("the pilots' parent cgroup was made anew");
  return known((b.value - a.value) / elapsedMs);
}

/** A first-order low pass; the first known value starts it, an unknown one makes it unknown. */
function smooth(previous: Reading<number>, now: Reading<number>, elapsedMs: number): Reading<number> {
  if (!now.known || !previous.known) return now;
  const weight = 1 - Math.exp(-elapsedMs / smoothingMs);
  return known(previous.value + weight * (now.value - previous.value));
}

/** Memory in use that is not the pilots'. What CPUs keep at hand is in use by nobody. */
function ownerMemory({ host }: Sample, countsAtHand = true): Reading<number> {
  const { memory, pilotsMemoryBytes } = host;
  if (!memory.known) return memory;
  if (!pilotsMemoryBytes.known) return pilotsMemoryBytes;
  const { totalBytes, availableBytes, atHandBytes = 0 } = memory.value;
  const free = availableBytes + (countsAtHand ? atHandBytes : 0);
  return known(Math.max(0, totalBytes - free - pilotsMemoryBytes.value));
}

/** How fast the owner's memory grows. What CPUs keep at hand is not looked up at each sample: like is compared with like. */
function memoryRate(before: Sample, now: Sample, elapsedMs: number): Reading<number> {
  const isCounted = [before, now].every(
    ({ host: { memory } }) => memory.known && memory.value.atHandBytes !== undefined,
  );
  return rateOf(ownerMemory(before, isCounted), ownerMemory(now, isCounted), elapsedMs);
}

/** The change between two readings, in bytes a second. */
function rateOf(before: Reading<number>, now: Reading<number>, elapsedMs: number): Reading<number> {
  if (!before.known) return before;
  return mapReading(now, (bytes) => ((bytes - before.value) / elapsedMs) * 1000);
}
