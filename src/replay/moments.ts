import type { TapeFrame } from '../model/tape.ts';
import { cpuShares, memoryWaits } from './machine.ts';
import { isFull } from './supply.ts';

/** A reading that is missing for less than this is as it was before: what the engine does for us hides some for seconds. */
const heldMs = 60_000;
/** A peak of the owner's memory is one when it is this much above both ends of its span. */
const leastPeakBytes = 2 ** 21;

/** Shares of time in which the owner waits whatever pilots do; null where that is not known. */
export interface OwnWaits {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly memoryFull: number | null;
  readonly io: number | null;
}

/** One step of a recording: what the owner wanted in it, and what there was. */
export interface Moment {
  /** What it ends with, and how long it is. */
  readonly wallMs: number;
  readonly ms: number;
  readonly frame: TapeFrame;
  /** 0 to 1: how much of its frame is over at its end. */
  readonly into: number;
  /** The node was switched on since the moment before. */
  readonly isNewBoot: boolean;
  readonly ownerCpus: number;
  readonly ownerMemoryBytes: number;
  /** Null while it has not been readable for long. */
  readonly isBlind: { readonly cpu: boolean; readonly memory: boolean };
  readonly waits: OwnWaits;
}

/** What was known last, and when. */
interface Held {
  value: number;
  atMs: number;
}

/**
 * The moments of a recording, each of about as long as `tickMsFor` has it for its frame. Between two frames the owner's memory goes straight from one to the
 * next, by the way of its peak; the rest is as in the mean. `pilotCpus`: what a pilot may use, for the part that pilots had
 * then in what the owner waited for.
 */
export function* momentsOf(
  frames: Iterable<TapeFrame>,
  tickMsFor: (frame: TapeFrame) => number,
  pilotCpus: number,
): Generator<Moment> {
  const held = new Map<string, Held>();
  let [elapsedMs, beforeBytes, before]: [number, number | null, TapeFrame | null] = [0, null, null];
  for (const frame of frames) {
    elapsedMs += frame.spanMs;
    const latest = (of: string, value: number | null): number | null => {
      if (value !== null) held.set(of, { value, atMs: elapsedMs });
      const last = held.get(of);
      return last !== undefined && elapsedMs - last.atMs <= heldMs ? last.value : null;
    };
    const cpus = latest('cpu', frame.ownerCpus);
    const memoryBytes = latest('memory', frame.ownerMemoryBytes);
    const stalls: OwnWaits = {
      cpu: latest('cpuStall', frame.cpuStall),
      memory: latest('memoryStall', frame.memoryStall),
      memoryFull: latest('memoryFullStall', frame.memoryFullStall),
      io: latest('ioStall', frame.ioStall),
    };
    const lastBytes = memoryBytes ?? held.get('memory')?.value ?? 0;
    const fixed = {
      frame,
      ownerCpus: cpus ?? held.get('cpu')?.value ?? 0,
      isBlind: { cpu: cpus === null, memory: memoryBytes === null || frame.memoryTotalBytes === null },
      waits: withoutPilots(frame, stalls, pilotCpus),
    };
    const isNewBoot = before !== null && frame.atMs < before.atMs;
    const path = pathOf(isNewBoot ? lastBytes : (beforeBytes ?? lastBytes), frame.ownerPeakBytes, lastBytes);
    const count = Math.max(1, Math.round(frame.spanMs / tickMsFor(frame)));
    const ms = frame.spanMs / count;
    for (let step = 1; step <= count; step += 1) {
      const into = step / count;
      yield {
        ...fixed,
        ms,
        into,
        wallMs: frame.wallMs - (count - step) * ms,
        isNewBoot: isNewBoot && step === 1,
        ownerMemoryBytes: path(into),
      };
    }
    [beforeBytes, before] = [lastBytes, frame];
  }
}

function pathOf(from: number, peak: number | null, to: number): (into: number) => number {
  if (peak === null || peak < Math.max(from, to) + leastPeakBytes) return (into) => from + (to - from) * into;
  return (into) => (into <= 0.5 ? from + (peak - from) * 2 * into : peak + (to - peak) * (2 * into - 1));
}

/** What the owner waited for, less what pilots had in it by the model: in a replay the model's pilots have theirs. */
function withoutPilots(frame: TapeFrame, stalls: OwnWaits, pilotCpus: number): OwnWaits {
  const { running, pilotsCpus, ownerCpus, memoryAvailableBytes, memoryTotalBytes } = frame;
  const had = pilotsCpus ?? 0;
  const wanted = isFull(frame) ? Math.max(had, running * pilotCpus) : had;
  const { ownerWaits } = cpuShares(
    { cpuCount: frame.cpuCount, cpuClass: frame.means.cpuClass },
    ownerCpus ?? 0,
    wanted,
  );
  const scarce =
    memoryAvailableBytes === null || memoryTotalBytes === null
      ? 0
      : memoryWaits(memoryAvailableBytes, memoryTotalBytes);
  const less = (stall: number | null, ours: number): number | null =>
    stall === null ? null : Math.max(0, stall - ours);
  return { ...stalls, cpu: less(stalls.cpu, ownerWaits), memory: less(stalls.memory, scarce) };
}
