import { join } from 'node:path';
import type { Log } from '../model/log.ts';
import type { Rule } from '../model/reason.ts';
import { errorLine } from './oneLine.ts';
import { type RingCalls, RingFile } from './ringFile.ts';
import {
  packRecord,
  recordNumber,
  recordState,
  recordTime,
  ringCounts,
  type RingNumber,
  ringNumbers,
  type RingRecord,
  ringRecordBytes,
} from './ringRecord.ts';

/** Seconds from one record to the next. */
export const ringStepSeconds = 15;
const slots = 86_400 / ringStepSeconds;

/** What was in a stretch of time, in steps of equal length, the oldest first. Numbers as `RingRecord` has them. */
export interface RingSeries {
  /** Begin of the first step, in seconds since 1970, and the length of each. */
  readonly fromSeconds: number;
  readonly stepSeconds: number;
  /** For each step the mean of its records, or their sum for what counts; null where nothing is known. */
  readonly numbers: Readonly<Record<RingNumber, readonly (number | null)[]>>;
  /** What the last record of each step says; null where there is none. */
  readonly refusal: readonly (Rule | null)[];
  /** Whether any record of the step was so; null where there is none. */
  readonly away: readonly (boolean | null)[];
  readonly draining: readonly (boolean | null)[];
}

/** The last 24 hours of a node. */
export interface Ring {
  /** Keeps a record, in place of the one of a day ago. Never throws: that it cannot be kept is told once. */
  add(record: RingRecord): void;
  /** What is known from one time to another (seconds since 1970), in at most `steps` steps. Rejects where it cannot be read. */
  read(fromSeconds: number, untilSeconds: number, steps: number): Promise<RingSeries>;
}

/**
 * A ring in the folder, of 720 kB: a slot for each 15 seconds of a day, so that a record belongs at one place whatever was
 * before it. What a crash has torn, and what a clock that was wrong has written, is left out when it is read.
 */
export function openRing(parts: {
  readonly folder: string;
  readonly log: Log;
  readonly calls?: RingCalls;
}): Ring {
  const path = join(parts.folder, 'day.ring');
  const file = new RingFile(path, { slots, slotBytes: ringRecordBytes }, parts.calls);
  let isFailing = false;
  return {
    add(record) {
      try {
        file.put(slotOf(record.atSeconds), packRecord(record));
        if (isFailing) parts.log.info(`the last 24 hours are kept again in ${path}`);
        isFailing = false;
      } catch (error) {
        if (!isFailing)
          parts.log.warn(
            `cannot keep the last 24 hours in ${path}: ${errorLine(error)}; the page has a gap there`,
          );
        isFailing = true;
      }
    },
    async read(fromSeconds, untilSeconds, steps) {
      const gathering = new Gathering(fromSeconds, untilSeconds, steps);
      await file.each((slot, view) => {
        const atSeconds = recordTime(view);
        if (atSeconds === null || slotOf(atSeconds) !== slot) return;
        if (atSeconds > fromSeconds && atSeconds <= untilSeconds) gathering.take(atSeconds, view);
      });
      return gathering.series();
    },
  };
}

function slotOf(atSeconds: number): number {
  return Math.floor(atSeconds / ringStepSeconds) % slots;
}

/** Puts records together by steps, in whatever order they come. */
class Gathering {
  readonly #from: number;
  readonly #step: number;
  readonly #count: number;
  readonly #sums: readonly Float64Array[];
  readonly #known: readonly Uint16Array[];
  readonly #last: { at: number; refusal: Rule | null; away: boolean; draining: boolean }[] = [];

  constructor(fromSeconds: number, untilSeconds: number, steps: number) {
    const span = untilSeconds - fromSeconds;
    // Whole records in each step, so that none has one more than its neighbours.
    this.#step = Math.max(1, Math.ceil(span / Math.max(1, steps) / ringStepSeconds)) * ringStepSeconds;
    this.#from = fromSeconds;
    this.#count = Math.ceil(span / this.#step);
    this.#sums = ringNumbers.map(() => new Float64Array(this.#count));
    this.#known = ringNumbers.map(() => new Uint16Array(this.#count));
  }

  take(atSeconds: number, view: DataView): void {
    const step = Math.ceil((atSeconds - this.#from) / this.#step) - 1;
    for (let index = 0; index < ringNumbers.length; index += 1) {
      const value = recordNumber(view, index);
      const [sums, known] = [this.#sums[index], this.#known[index]];
      if (Number.isNaN(value) || sums === undefined || known === undefined) continue;
      sums[step] = (sums[step] ?? 0) + value;
      known[step] = (known[step] ?? 0) + 1;
    }
    const { answering, draining, refusal } = recordState(view);
    const before = this.#last[step];
    this.#last[step] = {
      at: Math.max(atSeconds, before?.at ?? 0),
      refusal: before !== undefined && before.at > atSeconds ? before.refusal : refusal,
      away: !answering || (before?.away ?? false),
      draining: draining || (before?.draining ?? false),
    };
  }

  series(): RingSeries {
    const steps = Array.from({ length: this.#count }, (_, step) => this.#last[step] ?? null);
    return {
      fromSeconds: this.#from,
      stepSeconds: this.#step,
      numbers: Object.fromEntries(
        ringNumbers.map((name, index) => [name, this.#values(name, index)]),
      ) as RingSeries['numbers'],
      refusal: steps.map((one) => one?.refusal ?? null),
      away: steps.map((one) => one?.away ?? null),
      draining: steps.map((one) => one?.draining ?? null),
    };
  }

  #values(name: RingNumber, index: number): readonly (number | null)[] {
    const [sums, known] = [this.#sums[index] ?? [], this.#known[index] ?? []];
    return Array.from(sums, (sum, step) => {
      const count = known[step] ?? 0;
      if (count === 0) return null;
      return rounded(ringCounts.has(name) ? sum : sum / count);
    });
  }
}

/** Five digits are more than a screen shows, and half as long to send. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
