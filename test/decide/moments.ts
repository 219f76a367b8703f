import * as fc from 'fast-check';
import type { Held } from '../../src/decide/ladder.ts';
import type { PilotPaces } from '../../src/decide/pilotsGrowth.ts';
import type { Pressing, Rung, Sense } from '../../src/decide/senses.ts';
import { emptyMemory, type Memory, type Policy, type Sample, type Seen } from '../../src/decide/types.ts';
import type { Action } from '../../src/model/action.ts';
import type { OwnerSigns } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import { engineWith, hostAt, policy, running, sampleAt, seenAt } from './world.ts';

/** The instant of every moment. */
export const at = 100_000_000;

/** Anything that a tick may meet: what it sees, what it remembers, and the rules. */
export interface Moment {
  readonly policy: Policy;
  readonly seen: Seen;
  readonly memory: Memory;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const ago = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000 }).map((ms) => at - ms),
  fc.integer({ min: 0, max: 20_000 }).map((ms) => at - ms),
);
const ownCpus = fc.constantFrom(1, 2);
const blind = unknown('it cannot be read');
function reading<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> {
  return fc.option(value, { freq: 10 }).map((one) => (one === null ? blind : known(one)));
}
/** Mostly null, so that among many things few stand in the way. */
function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

const seldom = fc.integer({ min: 0, max: 7 }).map((chance) => chance === 0);

const pilot = (name: string): fc.Arbitrary<Pilot> =>
  fc
    .record({
      state: fc.constantFrom('running', 'running', 'running', 'paused', 'ended', 'created'),
      managed: fc.constantFrom(true, true, true, true, false),
      startedAtMs: reading(ago),
      sinceMs: ago,
    })
    .map(({ state, managed, startedAtMs, sinceMs }) =>
      running(name, 0, {
        state,
        managed,
        startedAtMs,
        stateSinceMs: sinceMs,
        end: state === 'ended' ? { exitCode: 0, livedMs: 5000, said: null } : null,
      }),
    );

const rung = fc.constantFrom<Rung>('half', 'quarter', 'paused');
const sense = fc.constantFrom<Sense>('cpu', 'cpu', 'io', 'user', 'battery', 'program');
/** What is remembered of a pilot: where it was cut, its own limit is known. */
const held = (name: string): fc.Arbitrary<Held> =>
  fc
    .record({
      pilot: fc.constant(name),
      id: fc.constantFrom(`id-${name}`, `id-${name}-before`),
      rungs: fc.dictionary(sense, rung, { maxKeys: 2 }),
      pausedSinceMs: fc.option(ago),
      cut: fc.option(fc.constantFrom(0.5, 0.25)),
      ownCpus: fc.option(ownCpus),
      cpusSet: fc.boolean(),
      reclaimedMs: fc.option(ago),
    })
    .map(({ cut, ownCpus, ...rest }) =>
      ownCpus === null
        ? { ...rest, cpus: null, cpusSet: true }
        : { ...rest, ownCpus, cpus: cut === null ? null : cut * ownCpus },
    );

const pressing: fc.Arbitrary<Pressing> = fc.record(
  {
    overSinceMs: fc.option(ago),
    calmSinceMs: fc.option(ago),
    lastStep: fc.option(fc.record({ way: fc.constantFrom('down', 'up'), atMs: ago })),
    patienceMs: fc.constantFrom(5000, 15_000, 600_000),
    deafUntilMs: rarely(ago),
    uselessSinceMs: rarely(ago),
    unseenSinceMs: ago,
    dormantSinceMs: ago,
  },
  { requiredKeys: ['overSinceMs', 'calmSinceMs', 'lastStep', 'patienceMs', 'deafUntilMs'] },
);

const some = <T>(make: (name: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.subarray(names).chain((chosen) => fc.tuple(...chosen.map(make)).map((list) => [...list]));

const memory: fc.Arbitrary<Memory> = fc
  .record({
    slots: some((name) =>
      fc.option(ownCpus).map((cpus) => {
        const slot = { pilot: name, failures: 0, notBeforeMs: 0 };
        return cpus === null ? slot : { ...slot, cpus };
      }),
    ),
    leaving: some((name) =>
      fc.record(
        {
          pilot: fc.constant(name),
          outcome: fc.constantFrom('evicted', 'expired'),
          sinceMs: ago,
          failedKills: fc.record({ times: fc.integer({ min: 1, max: 9 }), lastMs: ago }),
        },
        { requiredKeys: ['pilot', 'outcome', 'sinceMs'] },
      ),
    ),
    spares: some((name) => fc.constant({ pilot: name, kind: 'default', recipe: 'recipe-1' })).map(
      (pilots) => ({
        ...emptyMemory.spares,
        pilots,
      }),
    ),
    held: fc.oneof(fc.constant([]), some(held)),
    senses: fc.oneof(fc.constant({}), fc.dictionary(sense, pressing, { maxKeys: 5 })),
    lastEvictionMs: fc.option(ago),
    budget: rarely(fc.constant({ mean60: 0.05, mean5: 0.05, readAtMs: at })),
    wariness: rarely(fc.record({ bouts: fc.integer({ min: 1, max: 9 }), lastMs: ago })),
  })
  .map((changes) => ({ ...emptyMemory, ...changes }));

/** How fast a pilot grew between two looks, in bytes a second. */
const pilotsPace = fc.constantFrom(0, 0, 0, 2e7, 3e8, -3e8, 1e9);

const signs: fc.Arbitrary<OwnerSigns> = fc.record({
  userIdleMs: rarely(reading(fc.constantFrom(0, 1e7))),
  onBattery: rarely(reading(fc.boolean())),
  programs: rarely(reading(fc.constantFrom([], ['game']))),
  temperatureC: rarely(reading(fc.constantFrom(40, 79, 99))),
  window: rarely(
    fc.record({ open: fc.constantFrom(true, true, false), changesInMs: fc.constantFrom(5000, 1e7) }),
  ),
});

const flight = some((name) =>
  fc.record({
    action: fc.constantFrom<Action>(
      { do: 'start', kind: 'default', name, why: 'refill' },
      { do: 'pause', id: `id-${name}`, name, why: { rule: 'user', text: '' } },
      { do: 'kill', id: `id-${name}`, name, why: { rule: 'memory', text: '' } },
      {
        do: 'stop',
        id: `id-${name}`,
        name,
        outcome: 'evicted',
        graceMs: 10_000,
        why: { rule: 'memory', text: '' },
      },
    ),
    sinceMs: ago,
  }),
);

/** Moments of every sort: most of them could come about, some could not, and none may do harm. */
export const moments: fc.Arbitrary<Moment> = fc
  .record({
    pilots: some(pilot),
    inFlight: flight,
    memory,
    signs,
    availableBytes: reading(fc.constantFrom(1e9, 2.9e9, 3.3e9, 4.2e9, 30e9, 30e9, 30e9)),
    diskFreeBytes: reading(fc.constantFrom(1e8, 4e11, 4e11, 4e11)),
    uses: fc.array(fc.constantFrom(1e7, 5e8, 1.9e9), { minLength: 6, maxLength: 6 }),
    areUsesKnown: fc.boolean(),
    growth: reading(fc.constantFrom(0, 0, 5e8)),
    paces: fc.array(fc.tuple(pilotsPace, pilotsPace), { minLength: 6, maxLength: 6 }),
    pacesOfAll: fc.tuple(reading(fc.constantFrom(0, 3e8, 2e9)), reading(fc.constantFrom(0, 3e8, 2e9))),
    ownerCpus: fc.constantFrom(0, 1, 3.9),
    io: reading(fc.constantFrom(0, 0, 0, 0.3, 0.9)),
    cpu: reading(fc.constantFrom(0, 0, 0.01, 0.9)),
    engine: fc.constantFrom('answering', 'answering', 'answering', 'waiting'),
    ownKill: fc.boolean(),
    cpuClass: fc.constantFrom('idle', 'low', 'normal'),
    isRemote: seldom,
    terminating: seldom,
  })
  .map((one) => ({
    policy: {
      ...policy,
      nodeIsEngines: !one.isRemote,
      means: { ...policy.means, ownKill: one.ownKill, cpuClass: one.cpuClass },
    },
    memory: one.memory,
    seen: seenOf(one),
  }));

interface Parts {
  readonly pilots: readonly Pilot[];
  readonly inFlight: Sample['inFlight'];
  readonly signs: OwnerSigns;
  readonly availableBytes: Reading<number>;
  readonly diskFreeBytes: Reading<number>;
  readonly uses: readonly number[];
  readonly areUsesKnown: boolean;
  readonly growth: Reading<number>;
  readonly paces: readonly (readonly [number, number])[];
  readonly pacesOfAll: readonly [Reading<number>, Reading<number>];
  readonly ownerCpus: number;
  readonly io: Reading<number>;
  readonly cpu: Reading<number>;
  readonly engine: 'answering' | 'waiting';
  readonly terminating: boolean;
}

function seenOf(parts: Parts): Seen {
  const { availableBytes, diskFreeBytes } = parts;
  const levels = availableBytes.known
    ? known({ totalBytes: 64e9, availableBytes: availableBytes.value, swapTotalBytes: 0, swapFreeBytes: 0 })
    : availableBytes;
  const host = {
    ...hostAt(at, parts.ownerCpus),
    memory: levels,
    disk: diskFreeBytes.known ? known({ totalBytes: 5e11, freeBytes: diskFreeBytes.value }) : diskFreeBytes,
    signs: parts.signs,
    pilotUse: new Map(
      parts.areUsesKnown
        ? names.map((name, index) => [
            `id-${name}`,
            { memoryBytes: parts.uses[index] ?? 0, cpuMs: 1000, readAtMs: at },
          ])
        : [],
    ),
  };
  const engine = engineWith(parts.pilots, {
    state: parts.engine,
    listed: parts.engine === 'answering',
    reason: parts.engine === 'answering' ? '' : 'gone',
  });
  const { inFlight, terminating } = parts;
  const { freshNames } = sampleAt(at);
  const seen = seenAt(at, parts.ownerCpus, { host, engine, inFlight, terminating, freshNames });
  return {
    ...seen,
    memory: levels,
    ownerMemoryGrowth: parts.growth,
    paces: pacesOf(parts),
    pilotsCpus: known(1),
    ownerPressure: { ...seen.ownerPressure, io: parts.io, cpu: parts.cpu },
  };
}

/** Paces that led to what each pilot uses now, or those of all of them where they were not read. */
function pacesOf({ paces, pacesOfAll, uses, areUsesKnown }: Parts): PilotPaces {
  const look = (secondsAgo: number, bytesAt: (index: number) => number) => ({
    atMs: at - 1000 * secondsAgo,
    uses: new Map(
      (areUsesKnown ? names : []).map((name, index) => [
        `id-${name}`,
        { memoryBytes: bytesAt(index), cpuMs: 1000, readAtMs: at - 1000 * secondsAgo },
      ]),
    ),
  });
  const now = (index: number): number => uses[index] ?? 0;
  const before = (index: number): number => now(index) - (paces[index]?.[0] ?? 0);
  const beforeThat = (index: number): number => before(index) - (paces[index]?.[1] ?? 0);
  return {
    looks: [look(0, now), look(1, before), look(2, beforeThat)],
    rate: pacesOfAll[0],
    rateBefore: pacesOfAll[1],
  };
}
