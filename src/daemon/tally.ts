import type { ActionResult } from '../model/action.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Reading } from '../model/reading.ts';
import type { Rule } from '../model/reason.ts';
import type { EndCount, EngineCalls, EngineVerb, Integral, NodeFacts, Timings } from '../record/nodeFacts.ts';
import { unknownKind } from '../record/nodeFacts.ts';
import { TimingSum } from '../record/timingSum.ts';
import { RefillGaps } from './refillGaps.ts';
import type { Tick } from './tick.ts';

type IntegralName = keyof NodeFacts['integrals'];
type Counted = Pick<NodeFacts, 'integrals' | 'starts' | 'ends' | 'refillGaps' | 'engineCalls'> & {
  readonly ticks: Timings;
};

/** A pilot that began, or did not. */
export interface StartTold {
  readonly kind: string;
  readonly started: boolean;
  readonly tookMs: number;
}

/** A pilot that has ended. */
export interface EndTold {
  readonly kind: string;
  readonly outcome: Outcome;
  readonly reason: Rule | null;
}

/** Counts what has happened since the daemon began. Cheap: it is told of each tick. */
export class Tally {
  readonly #integrals: Record<IntegralName, { sum: number; knownMs: number }> = {
    ownerCpus: { sum: 0, knownMs: 0 },
    pilotsCpus: { sum: 0, knownMs: 0 },
    cpu: { sum: 0, knownMs: 0 },
    memory: { sum: 0, knownMs: 0 },
    memoryFull: { sum: 0, knownMs: 0 },
    io: { sum: 0, knownMs: 0 },
  };
  readonly #starts = new Map<string, { started: number; failed: number }>();
  readonly #ends = new Map<string, EndTold & { count: number }>();
  readonly #calls = new Map<EngineVerb, { failed: number; readonly timings: TimingSum }>();
  readonly #gaps = new RefillGaps();
  readonly #ticks = new TimingSum();
  #lookedMs: number | null = null;

  /** Takes what a tick saw and decided. */
  tick(tick: Tick): void {
    const { seen } = tick;
    this.#gaps.note(tick);
    // Ticks that follow each other at once have the rates of the one before.
    if (seen.base.atMs === this.#lookedMs) return;
    const spanMs = this.#lookedMs === null ? 0 : seen.base.atMs - this.#lookedMs;
    this.#lookedMs = seen.base.atMs;
    if (spanMs <= 0) return;
    const { cpu, memory, memoryFull, io } = seen.ownerPressure;
    const { ownerCpusNow: ownerCpus, pilotsCpus } = seen;
    const rates: Record<IntegralName, Reading<number>> = {
      ownerCpus,
      pilotsCpus,
      cpu,
      memory,
      memoryFull,
      io,
    };
    for (const name of Object.keys(rates) as IntegralName[]) {
      const rate = rates[name];
      if (!rate.known) continue;
      this.#integrals[name].sum += rate.value * spanMs;
      this.#integrals[name].knownMs += spanMs;
    }
  }

  /** How long a tick took, all told. */
  ticked(tookMs: number): void {
    this.#ticks.add(tookMs);
  }

  /** Takes what became of an action, and gives what of it is a start; null for anything else. */
  started({ action, ok, tookMs }: ActionResult): StartTold | null {
    if (action.do !== 'start') return null;
    const { kind } = action;
    const counts = this.#starts.get(kind) ?? { started: 0, failed: 0 };
    this.#starts.set(kind, counts);
    if (ok) counts.started += 1;
    else counts.failed += 1;
    return { kind, started: ok, tookMs };
  }

  /** Takes the end of a pilot of this kind, and the rule by which it was ended; gives it in the words of metrics. */
  ended(kind: string | null, outcome: Outcome, reason: Rule | null): EndTold {
    const end: EndTold = { kind: kind ?? unknownKind, outcome, reason };
    const key = `${end.kind} ${outcome} ${reason ?? ''}`;
    const counted = this.#ends.get(key) ?? { ...end, count: 0 };
    this.#ends.set(key, counted);
    counted.count += 1;
    return end;
  }

  /** Takes a call of the engine that is over. */
  called(verb: EngineVerb, tookMs: number, ok: boolean): void {
    const calls = this.#calls.get(verb) ?? { failed: 0, timings: new TimingSum() };
    this.#calls.set(verb, calls);
    calls.timings.add(tookMs);
    if (!ok) calls.failed += 1;
  }

  /** What the counts are now. */
  read(): Counted {
    const integrals = Object.fromEntries(
      Object.entries(this.#integrals).map(([name, sums]) => [name, { ...sums }]),
    ) as Record<IntegralName, Integral>;
    return {
      integrals,
      starts: [...this.#starts].map(([kind, counts]) => ({ kind, ...counts })),
      ends: [...this.#ends.values()].map((end): EndCount => ({ ...end })),
      refillGaps: this.#gaps.read(),
      engineCalls: [...this.#calls].map(
        ([verb, { failed, timings }]): EngineCalls => ({ verb, failed, timings: timings.read() }),
      ),
      ticks: this.#ticks.read(),
    };
  }
}
