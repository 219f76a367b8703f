import { ownerDelayShare } from '../decide/budget.ts';
import { memoryOfKind } from '../decide/kindMemory.ts';
import { findKind, kindNameOf } from '../decide/kindPolicy.ts';
import type { Pilot } from '../model/pilot.ts';
import type { SinkState } from '../model/point.ts';
import { type Reading, readingOr } from '../model/reading.ts';
import { type KindFacts, type NodeFacts, unknownKind } from '../record/nodeFacts.ts';
import { stateOf } from './report.ts';
import type { Tally } from './tally.ts';
import type { Tick } from './tick.ts';
import { version } from './version.ts';

/** What the facts are made of, beside a tick. */
export interface FactsParts {
  readonly hostname: string;
  readonly atWallMs: number;
  /** `Clock.nowMs` of the daemon's beginning. */
  readonly startedMs: number;
  readonly tally: Tally;
  readonly sinks: readonly SinkState[];
  /** What the daemon itself takes, as `process` tells it. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** All that is told of the node as this tick saw it. */
export function nodeFactsOf(tick: Tick, parts: FactsParts): NodeFacts {
  const { sample, seen, policy, decision } = tick;
  const { tally, startedMs, cpuMs, residentBytes } = parts;
  const { ticks, ...counted } = tally.read();
  const memory = valueOf(seen.memory);
  const disk = valueOf(sample.host.disk);
  const { account } = decision.memory;
  return {
    atWallMs: parts.atWallMs,
    hostname: parts.hostname,
    version,
    status: stateOf(tick),
    dryRun: policy.dryRun,
    paceMs: policy.loopMs,
    uptimeMs: sample.atMs - startedMs,
    engine: {
      answering: sample.engine.state === 'answering',
      product: sample.engine.info?.product ?? null,
      version: sample.engine.info?.version ?? null,
    },
    node: {
      cpus: sample.host.cpuCount,
      ownerCpus: valueOf(seen.ownerCpus),
      pilotsCpus: valueOf(seen.pilotsCpus),
      memoryTotalBytes: memory?.totalBytes ?? null,
      memoryAvailableBytes: memory?.availableBytes ?? null,
      ownerMemoryBytes: valueOf(seen.ownerMemoryBytes),
      pilotsMemoryBytes: valueOf(sample.host.pilotsMemoryBytes),
      swapTotalBytes: memory?.swapTotalBytes ?? null,
      swapFreeBytes: memory?.swapFreeBytes ?? null,
      diskTotalBytes: disk?.totalBytes ?? null,
      diskFreeBytes: disk?.freeBytes ?? null,
    },
    pressure: {
      cpu: valueOf(seen.ownerPressure.cpu),
      memory: valueOf(seen.ownerPressure.memory),
      memoryFull: valueOf(seen.ownerPressure.memoryFull),
      io: valueOf(seen.ownerPressure.io),
    },
    slots: {
      limit: policy.limit,
      taken: decision.memory.slots.filter(({ pilot }) => pilot !== null).length,
      unmanaged: decision.unmanaged,
      refusal: decision.refusals[0]?.rule ?? null,
    },
    kinds: kindFacts(tick),
    ...counted,
    account:
      account.sinceMs === null
        ? null
        : {
            harvestedMs: account.harvestedMs,
            wastedMs: account.wastedMs,
            ownerDelayMs: ownerDelayShare(account) === null ? null : account.ownerDelayMs,
          },
    cost: { cpuMs, residentBytes, ticks },
    sinks: parts.sinks,
  };
}

/** The kind that stands for this one where kinds are told apart: of those that the configuration has. */
export function kindTag(tick: Pick<Tick, 'policy'>, label: string | null): string {
  const name = kindNameOf(tick.policy, label);
  return findKind(tick.policy, name) === null ? unknownKind : (name ?? unknownKind);
}

type Counts = { -readonly [State in keyof KindFacts['pilots']]: number };

function kindFacts(tick: Tick): readonly KindFacts[] {
  const { sample, policy, decision } = tick;
  const counts = new Map<string, Counts>(policy.kinds.map(({ name }) => [name, noPilots()]));
  const ofLabel = new Map<string | null, Counts>();
  const countsOf = (label: string | null): Counts => {
    const found = ofLabel.get(label);
    if (found !== undefined) return found;
    const kind = kindTag(tick, label);
    const known = counts.get(kind) ?? noPilots();
    counts.set(kind, known);
    ofLabel.set(label, known);
    return known;
  };
  const spares = new Set(decision.memory.spares.pilots.map(({ pilot }) => pilot));
  const starting = new Map(
    sample.inFlight.flatMap(({ action }) => (action.do === 'start' ? [[action.name, action.kind]] : [])),
  );
  for (const pilot of sample.engine.pilots)
    if (pilot.managed && !starting.has(pilot.name)) countsOf(pilot.kind)[stateIn(pilot, spares)] += 1;
  for (const kind of starting.values()) countsOf(kind ?? null).starting += 1;
  return [...counts].map(([kind, pilots]) => {
    const { backOff } = memoryOfKind(decision.memory.kinds, kind);
    return {
      kind,
      pilots,
      fruitless: backOff?.fruitless ?? 0,
      backOffMs: backOff === null ? 0 : Math.max(0, backOff.untilMs - sample.atMs),
    };
  });
}

function stateIn({ state, name }: Pilot, spares: ReadonlySet<string>): keyof Counts {
  if (state !== 'created') return state;
  return spares.has(name) ? 'prepared' : 'starting';
}

function noPilots(): Counts {
  return { running: 0, paused: 0, ended: 0, prepared: 0, starting: 0 };
}

function valueOf<T>(reading: Reading<T>): T | null {
  return readingOr(reading, null);
}
