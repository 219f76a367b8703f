import type { Held } from '../decide/ladder.ts';
import type { Policy, Seen } from '../decide/types.ts';
import type { HostSample } from '../model/host.ts';
import { type Reading, readingOr } from '../model/reading.ts';
import type { Tape, TapeFrame } from '../model/tape.ts';
import type { Tick } from './tick.ts';

/** How long a span is, at least: ticks come each second, give or take. */
const spanMs = 4900;
/** Nobody looked for longer than this: what was before is left out. */
const longestTickMs = 30_000;

/** Sums of value × milliseconds, and the time in which the value was known. */
interface Mean {
  sum: number;
  ms: number;
}

/** A span that goes on. */
interface Span {
  readonly sinceMs: number;
  readonly first: HostSample;
  readonly means: Record<
    'owner' | 'pilots' | 'running' | 'paused' | 'taken' | 'cpu' | 'memory' | 'full' | 'io',
    Mean
  >;
  leastAvailableBytes: number;
  ownerPeakBytes: number;
}

/** Puts what ticks see of the node on a tape, some seconds at a time. */
export class TapeRecorder {
  readonly #tape: Tape;
  readonly #wallMs: () => number;
  #span: Span | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `wallMs` gives Unix milliseconds. */
  constructor(tape: Tape, wallMs: () => number) {
    this.#tape = tape;
    this.#wallMs = wallMs;
  }

  /** Takes one tick. */
  note(tick: Tick): void {
    const nowMs = tick.sample.atMs;
    const elapsedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (this.#span === null || elapsedMs > longestTickMs) {
      this.#span = newSpan(tick, nowMs);
      return;
    }
    follow(this.#span, tick, elapsedMs);
    if (nowMs - this.#span.sinceMs < spanMs) return;
    this.#tape.add(frameOf(this.#span, tick, this.#wallMs()));
    this.#span = newSpan(tick, nowMs);
  }

  /** Writes what waits. */
  close(): void {
    this.#tape.close();
  }
}

function newSpan({ sample }: Tick, sinceMs: number): Span {
  const none = (): Mean => ({ sum: 0, ms: 0 });
  return {
    sinceMs,
    first: sample.host,
    means: {
      owner: none(),
      pilots: none(),
      running: none(),
      paused: none(),
      taken: none(),
      cpu: none(),
      memory: none(),
      full: none(),
      io: none(),
    },
    leastAvailableBytes: Number.POSITIVE_INFINITY,
    ownerPeakBytes: Number.NEGATIVE_INFINITY,
  };
}

function follow(span: Span, { sample, seen, decision }: Tick, elapsedMs: number): void {
  const { means } = span;
  const paused = sample.engine.pilots.filter((pilot) => pilot.managed && pilot.state === 'paused').length;
  add(means.owner, seen.ownerCpusNow, elapsedMs);
  add(means.pilots, seen.pilotsCpus, elapsedMs);
  addValue(means.running, decision.running - paused, elapsedMs);
  addValue(means.paused, paused, elapsedMs);
  addValue(means.taken, takenCpus(decision.memory.held), elapsedMs);
  add(means.cpu, seen.ownerPressure.cpu, elapsedMs);
  add(means.memory, seen.ownerPressure.memory, elapsedMs);
  add(means.full, seen.ownerPressure.memoryFull, elapsedMs);
  add(means.io, seen.ownerPressure.io, elapsedMs);
  if (seen.memory.known)
    span.leastAvailableBytes = Math.min(span.leastAvailableBytes, seen.memory.value.availableBytes);
  if (seen.ownerMemoryBytes.known)
    span.ownerPeakBytes = Math.max(span.ownerPeakBytes, seen.ownerMemoryBytes.value);
}

function add(mean: Mean, reading: Reading<number>, ms: number): void {
  if (reading.known) addValue(mean, reading.value, ms);
}

function addValue(mean: Mean, value: number, ms: number): void {
  mean.sum += value * ms;
  mean.ms += ms;
}

function frameOf(span: Span, { sample, seen, policy, decision }: Tick, wallMs: number): TapeFrame {
  const { host, engine, control } = sample;
  const { means } = span;
  const memory = host.memory.known ? host.memory.value : null;
  const disk = host.disk.known ? host.disk.value : null;
  return {
    wallMs,
    atMs: sample.atMs,
    spanMs: sample.atMs - span.sinceMs,
    cpuCount: host.cpuCount,
    ownerCpus: meanOf(means.owner),
    stealCpus: stealBetween(span.first, host, sample.atMs - span.sinceMs),
    pilotsCpus: meanOf(means.pilots),
    memoryTotalBytes: memory?.totalBytes ?? null,
    memoryAvailableBytes: finite(span.leastAvailableBytes),
    ownerMemoryBytes: readingOr(seen.ownerMemoryBytes, null),
    ownerPeakBytes: finite(span.ownerPeakBytes),
    pilotsMemoryBytes: readingOr(host.pilotsMemoryBytes, null),
    swapTotalBytes: memory?.swapTotalBytes ?? null,
    swapFreeBytes: memory?.swapFreeBytes ?? null,
    diskTotalBytes: disk?.totalBytes ?? null,
    diskFreeBytes: disk?.freeBytes ?? null,
    cpuStall: meanOf(means.cpu),
    memoryStall: meanOf(means.memory),
    memoryFullStall: meanOf(means.full),
    ioStall: meanOf(means.io),
    ...signsOf(host),
    running: meanOf(means.running) ?? 0,
    paused: meanOf(means.paused) ?? 0,
    takenCpus: meanOf(means.taken) ?? 0,
    means: policy.means,
    ownerIsExact: isExact(policy, seen),
    isDraining: control.drain,
    isAnswering: engine.state === 'answering' && engine.listed,
    refusal: decision.refusals[0]?.rule ?? null,
  };
}

/** CPUs that pilots which are not paused do without. */
function takenCpus(held: readonly Held[]): number {
  const shrunk = held.filter((one) => one.cpus !== null && one.pausedSinceMs === null);
  return shrunk.reduce((sum, { cpus, ownCpus }) => sum + Math.max(0, (ownCpus ?? 0) - (cpus ?? 0)), 0);
}

/** The readings of a node are worth nothing for pilots that run on another one. */
function isExact(policy: Policy, seen: Seen): boolean {
  return seen.ownerIsExact && policy.nodeIsEngines;
}

function meanOf({ sum, ms }: Mean): number | null {
  return ms > 0 ? sum / ms : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function stealBetween(first: HostSample, last: HostSample, ms: number): number | null {
  if (!first.cpu.known || !last.cpu.known || ms <= 0) return null;
  const [before, now] = [first.cpu.value.stealMs, last.cpu.value.stealMs];
  return before === undefined || now === undefined ? null : Math.max(0, now - before) / ms;
}

/** What nobody asked for is left out; what cannot be seen is null. */
function signsOf({ signs }: HostSample): Partial<TapeFrame> {
  const { userIdleMs, onBattery, temperatureC, programs } = signs;
  return {
    ...(userIdleMs === null ? {} : { userIdleMs: readingOr(userIdleMs, null) }),
    ...(onBattery === null ? {} : { onBattery: readingOr(onBattery, null) }),
    ...(temperatureC === null ? {} : { temperatureC: readingOr(temperatureC, null) }),
    ...(programs === null ? {} : { programs: readingOr(programs, null) }),
  };
}
