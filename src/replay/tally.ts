import { ownerDelayShare } from '../decide/budget.ts';
import { memoryReserve } from '../decide/room.ts';
import type { Decision, Policy, Seen } from '../decide/types.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Rule } from '../model/reason.ts';
import type { Body } from './body.ts';
import { Counts, type Harvest, type KindHarvest } from './harvest.ts';
import type { Counters } from './machine.ts';
import type { Moment } from './moments.ts';

const hourMs = 3_600_000;

/** A tick of the model, for whoever counts. */
export interface ModelTick {
  readonly moment: Moment;
  readonly policy: Policy;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly bodies: readonly Body[];
  readonly counters: Counters;
  /** Whether any pilot held memory in this moment. */
  readonly holdsMemory: boolean;
}

/** Sums up what a replay brings about. */
export class Tally {
  #ms = 0;
  #runningMs = 0;
  #wastedMs = 0;
  #started = 0;
  #short = { bytes: 0, atWallMs: null as number | null };
  readonly #ends = new Counts<Outcome>();
  readonly #evictedBy = new Counts<Rule>();
  readonly #refusedMs = new Counts<Rule>();
  readonly #kindStarts = new Counts<string>();
  readonly #kindMs = new Counts<string>();
  /** Pilots of which the beginning was counted, and those of which the end was. */
  readonly #begun = new Set<string>();
  readonly #over = new Set<string>();
  /** Those that were asked to go, and by which rule first. */
  readonly #evicted = new Map<string, Rule>();
  #last: { readonly decision: Decision; readonly counters: Counters } | null = null;

  note(tick: ModelTick): void {
    const { moment, decision, bodies, counters } = tick;
    this.#ms += moment.ms;
    this.#last = { decision, counters };
    const refusal = decision.refusals[0];
    if (refusal !== undefined) this.#refusedMs.add(refusal.rule, moment.ms);
    for (const body of bodies) {
      if (body.state === 'running') this.#runningMs += moment.ms;
      if (body.state !== 'created' && !this.#begun.has(body.name)) this.#begin(body);
    }
    if (tick.holdsMemory) this.#noteMemory(tick);
    const ending = decision.actions.filter(
      (action) => action.do === 'reap' || action.do === 'stop' || action.do === 'kill',
    );
    if (ending.length === 0) return;
    const byName = new Map(bodies.map((body) => [body.name, body]));
    for (const action of ending) {
      const isEviction = action.do === 'kill' || (action.do === 'stop' && action.outcome === 'evicted');
      if (isEviction && !this.#evicted.has(action.name)) this.#evicted.set(action.name, action.why.rule);
      const body = byName.get(action.name);
      if (action.do === 'reap' && body !== undefined) this.#end(body, action.outcome);
    }
  }

  /** The node was switched off, and they with it. */
  lose(bodies: Iterable<Body>): void {
    for (const body of bodies) if (body.state !== 'created') this.#end(body, 'lost');
  }

  #begin({ name, kind }: Body): void {
    this.#begun.add(name);
    this.#started += 1;
    this.#kindStarts.add(kind ?? '');
  }

  #end(body: Body, outcome: Outcome): void {
    if (this.#over.has(body.name)) return;
    this.#over.add(body.name);
    this.#ends.add(outcome);
    this.#kindMs.add(body.kind ?? '', body.cpuMs);
    if (outcome === 'evicted' || outcome === 'lost') this.#wastedMs += body.cpuMs;
    if (outcome === 'evicted') this.#evictedBy.add(this.#evicted.get(body.name) ?? 'memory');
    this.#evicted.delete(body.name);
  }

  #noteMemory({ policy, seen, moment, counters }: ModelTick): void {
    const bytes = memoryReserve(policy, seen) - counters.availableBytes;
    if (moment.isBlind.memory || bytes <= this.#short.bytes) return;
    this.#short = { bytes, atWallMs: moment.wallMs };
  }

  /** All of it. `bodies`: those that are still there at the end. */
  harvest(bodies: Iterable<Body>): Harvest {
    const kindMs = new Counts<string>();
    for (const body of bodies) if (!this.#over.has(body.name)) kindMs.add(body.kind ?? '', body.cpuMs);
    const names = [...new Set([...Object.keys(this.#kindStarts.all()), ...Object.keys(this.#kindMs.all())])];
    const kinds = names.map((name): [string, KindHarvest] => [
      name,
      {
        started: this.#kindStarts.get(name),
        cpuHours: (this.#kindMs.get(name) + kindMs.get(name)) / hourMs,
      },
    ]);
    const { counters, decision } = this.#last ?? { counters: null, decision: null };
    return {
      hours: this.#ms / hourMs,
      leftCpuHours: (counters?.leftCpuMs ?? 0) / hourMs,
      harvestedCpuHours: (counters?.pilotsCpuMs ?? 0) / hourMs,
      wastedCpuHours: this.#wastedMs / hourMs,
      running: this.#ms === 0 ? 0 : this.#runningMs / this.#ms,
      started: this.#started,
      ends: this.#ends.all(),
      evictedBy: this.#evictedBy.all(),
      refusedBy: this.#refusedMs.over(this.#ms),
      ownerDelayShare: decision === null ? null : ownerDelayShare(decision.memory.account),
      worstShortBytes: this.#short.bytes,
      worstShortWallMs: this.#short.atWallMs,
      outOfMemory: counters?.outOfMemoryKills ?? 0,
      kinds: Object.fromEntries(kinds),
    };
  }
}
