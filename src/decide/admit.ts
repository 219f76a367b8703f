import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { pilotsThatFit } from './cpuRule.ts';
import { imageBlocker } from './image.ts';
import { bytesText, counted, cpusText, spanText } from './numbers.ts';
import { memoryClaimShare } from './relieve.ts';
import { backOffMs, fruitlessMs, isAlive, wasFruitless } from './slots.ts';
import type { Memory, Policy, Sample, Seen, Slot } from './types.ts';

/** A new pilot's memory is not all used at once: for this long it counts for its claim beside what the node shows. */
const youngMs = 60_000;
/** Below this share of the engine's disk, or this many bytes where that is less, nothing is started. */
const diskReserve = { fraction: 0.05, bytes: 1e9 };
/** Growth wants this share of a pilot's CPUs more than staying does: an owner at the edge must not make pilots flap. */
const growthMargin = 0.1;
/** The owner waits for storage more than this share of the time: nothing is added. */
const ioStallLimit = 0.4;

/** What stands before every start, refill or not: the first is the most fundamental. */
export function blockers(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  const { sample } = seen;
  const reasons: (Reason | null)[] = [
    engineBlocker(seen),
    sample.control.drain
      ? { rule: 'drain', text: 'draining: no new containers will be started until resume' }
      : null,
    imageBlocker(sample),
    afterEviction(policy, seen, memory),
    shortForLong(policy, seen, memory),
    memoryBlocker(policy, seen),
    diskBlocker(policy, seen),
  ];
  return reasons.filter((reason) => reason !== null);
}

function engineBlocker(seen: Seen): Reason | null {
  const { state, reason, listed } = seen.sample.engine;
  if (state === 'answering' && listed) return null;
  if (reason === '') return { rule: 'starting-up', text: 'the engine has not yet listed its containers' };
  return { rule: 'engine', text: `the container engine does not answer: ${reason}` };
}

function afterEviction(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  if (memory.lastEvictionMs === null) return null;
  const leftMs = memory.lastEvictionMs + policy.graceSpawnMs - seen.sample.atMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'grace-spawn',
    text: `a pilot was evicted; nothing starts for another ${spanText(leftMs)} (grace_spawn)`,
  };
}

function shortForLong(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  if (memory.shortSinceMs === null) return null;
  const shortForMs = seen.sample.atMs - memory.shortSinceMs;
  if (shortForMs < policy.graceKillMs) return null;
  return { rule: 'cpu', text: `the owner has been short of CPU for ${spanText(shortForMs)}` };
}

/** Bytes that the owner's reserve and young pilots' claims leave; null where this node's memory says nothing. */
function memoryRoom(policy: Policy, seen: Seen): number | null {
  if (!policy.nodeIsEngines || !seen.memory.known) return null;
  const { sample } = seen;
  const young = sample.engine.pilots.filter(
    (pilot) =>
      pilot.startedAtMs.known && sample.atMs - pilot.startedAtMs.value < youngMs && pilot.state === 'running',
  ).length;
  const starting = sample.inFlight.filter(({ action }) => action.do === 'start').length;
  const claims = (young + starting) * policy.memoryPerPilotBytes * memoryClaimShare;
  const reserve = seen.memory.value.totalBytes * policy.memoryReserveFraction;
  return seen.memory.value.availableBytes - reserve - claims;
}

/** How many more pilots memory has room for now. */
export function memoryFits(policy: Policy, seen: Seen): number {
  const room = memoryRoom(policy, seen);
  if (room === null) return policy.nodeIsEngines ? 0 : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(room / (policy.memoryPerPilotBytes * memoryClaimShare)));
}

function memoryBlocker(policy: Policy, seen: Seen): Reason | null {
  if (memoryFits(policy, seen) > 0) return null;
  if (!seen.memory.known) return { rule: 'memory', text: `memory cannot be seen: ${seen.memory.reason}` };
  const room = bytesText(Math.max(0, memoryRoom(policy, seen) ?? 0));
  const needs = bytesText(policy.memoryPerPilotBytes * memoryClaimShare);
  return {
    rule: 'memory',
    text: `${room} of memory to spare beyond the owner's reserve, a new pilot needs ${needs}`,
  };
}

function diskBlocker(policy: Policy, seen: Seen): Reason | null {
  const { disk } = seen.sample.host;
  if (!policy.nodeIsEngines || !disk.known) return null;
  const reserve = Math.min(disk.value.totalBytes * diskReserve.fraction, diskReserve.bytes);
  if (disk.value.freeBytes >= reserve) return null;
  const text = `${bytesText(disk.value.freeBytes)} free on the engine's disk, ${bytesText(reserve)} are kept for the owner`;
  return { rule: 'disk', text };
}

/** What stands before filling a slot that was empty, beyond what stands before any start. */
export function growthBlockers(
  policy: Policy,
  seen: Seen,
  slots: readonly Slot[],
  running: number,
): Reason[] {
  const { sample } = seen;
  const reasons: (Reason | null)[] = [
    ...(hasProvenSince(sample, lastFailureMs(slots)) ? [] : failingSlots(slots, sample.atMs)),
    cpuBlocker(policy, seen, running),
    ioBlocker(seen),
  ];
  return reasons.filter((reason) => reason !== null);
}

/** What there is to say of slots whose pilots fail; nothing when none does. */
export function failingSlots(slots: readonly Slot[], nowMs: number): Reason[] {
  const failing = slots.filter((slot) => slot.failures > 0);
  if (failing.length === 0) return [];
  const worst = Math.max(...failing.map((slot) => slot.failures));
  const nextMs = Math.min(...failing.map((slot) => Math.max(0, slot.notBeforeMs - nowMs)));
  const text = `${counted(failing.length, 'slot')} failing (${counted(worst, 'start')} in a row), next try in ${spanText(nextMs)}`;
  return [{ rule: 'back-off', text }];
}

/** When a pilot last was fruitless, as the back-off of its slot tells. */
function lastFailureMs(slots: readonly Slot[]): number {
  const failing = slots.filter((slot) => slot.failures > 0);
  return Math.max(...failing.map((slot) => slot.notBeforeMs - backOffMs(slot.failures)));
}

/** Whether a pilot of the image of now has shown, after this time, that it works: then one slot's failure is its own. */
function hasProvenSince({ engine, atMs }: Sample, sinceMs: number): boolean {
  return engine.pilots.some((pilot) => {
    const isLike = pilot.managed && pilot.imageId === engine.image.id;
    return isLike && (provenAtMs(pilot, atMs) ?? Number.NEGATIVE_INFINITY) > sinceMs;
  });
}

/** When a pilot had lived for a second, or had ended well before; null when it has done neither. */
function provenAtMs(pilot: Pilot, nowMs: number): number | null {
  if (!pilot.startedAtMs.known) return null;
  if (pilot.end !== null)
    return wasFruitless(pilot) ? null : pilot.startedAtMs.value + Math.min(fruitlessMs, pilot.end.livedMs);
  const provenAt = pilot.startedAtMs.value + fruitlessMs;
  return isAlive(pilot) && provenAt <= nowMs ? provenAt : null;
}

/** How many pilots there may be by the owner's CPU use when one is to be added. */
export function cpuFits(policy: Policy, seen: Seen): number {
  if (!policy.nodeIsEngines) return Number.POSITIVE_INFINITY;
  if (!seen.ownerCpus.known) return 0;
  const ownerCpus = seen.ownerCpus.value + growthMargin * policy.cpusPerPilot;
  return pilotsThatFit(policy, seen.sample.host.cpuCount, ownerCpus);
}

function cpuBlocker(policy: Policy, seen: Seen, running: number): Reason | null {
  if (cpuFits(policy, seen) > running) return null;
  if (!seen.ownerCpus.known) return { rule: 'cpu', text: `CPU use cannot be seen: ${seen.ownerCpus.reason}` };
  const owner = `the owner uses ${cpusText(seen.ownerCpus.value)} of ${seen.sample.host.cpuCount}`;
  return { rule: 'cpu', text: `${owner}, which leaves room for ${counted(cpuFits(policy, seen), 'pilot')}` };
}

function ioBlocker(seen: Seen): Reason | null {
  if (!seen.ownerIoStall.known || seen.ownerIoStall.value < ioStallLimit) return null;
  const percent = Math.round(seen.ownerIoStall.value * 100);
  return {
    rule: 'io',
    text: `the owner waits for storage ${percent} % of the time (limit ${ioStallLimit * 100} %)`,
  };
}
