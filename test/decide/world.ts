import type { Action, ActionResult } from '../../src/model/action.ts';
import type { HostSample, OwnerSigns, Pressures } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import type { ControlFiles, EngineView, ImageView } from '../../src/model/view.ts';
import { decide } from '../../src/decide/decide.ts';
import { observe } from '../../src/decide/observe.ts';
import { newKind } from '../../src/decide/kindMemory.ts';
import {
  type Decision,
  emptyMemory,
  type KindPolicy,
  type Memory,
  type Policy,
  type Sample,
  type Seen,
} from '../../src/decide/types.ts';

/** The one kind that the original's keys describe. */
export const plainKind: KindPolicy = {
  name: 'default',
  image: 'busybox',
  recipe: 'recipe-1',
  cpus: 1,
  memoryBytes: 2e9,
  swapBytes: 4e9,
  ttlMs: 43_200_000,
  ttlJitter: 0,
  ttlReachesRunning: false,
  stopGraceMs: 10_000,
  stopSignal: 'SIGTERM',
  share: 1,
  max: Number.POSITIVE_INFINITY,
  enabled: true,
  open: true,
  opensInMs: 0,
  closesInMs: Number.POSITIVE_INFINITY,
  pull: 'auto',
  fizzleMs: 0,
  logRateBytes: Number.POSITIVE_INFINITY,
  outcomes: {},
  backOff: { firstMs: 60_000, mostMs: 3_600_000 },
  mayPrepare: true,
};

/** A kind that counts what lives for less than a minute as a fizzle, changed as a test wants it. */
export function kindOf(name: string, changes: Partial<KindPolicy> = {}): KindPolicy {
  return { ...plainKind, name, fizzleMs: 60_000, ...changes };
}

/** The original's defaults on a node of four CPUs with room for four. */
export const policy: Policy = {
  limit: 4,
  kinds: [plainKind],
  seed: 1,
  startsPerLoop: 4,
  loopMs: 30_000,
  graceKillMs: 120_000,
  graceSpawnMs: 60_000,
  imageExpirationMs: 43_200_000,
  reserve: {
    cpus: { share: 1, atMost: 0 },
    memory: { share: 0.05, atMost: null },
    disk: { share: 0.05, atMost: 1e9 },
  },
  ownerSlowdown: 0.01,
  maxPauseMs: 600_000,
  dryRun: false,
  userAwayMs: 900_000,
  maxTemperatureC: 80,
  means: { cpuClass: 'idle', canThrottle: true, canPause: true, canReclaim: false, ownKill: true },
  nodeIsEngines: true,
};

/** Rules that differ from those, also in what they say of the one kind. */
export type Rules = Partial<Policy> & { readonly kind?: Partial<KindPolicy> };

/** The rules with these changes. */
export function withRules(base: Policy, { kind, ...rules }: Rules): Policy {
  const changed = { ...base, ...rules };
  return kind === undefined
    ? changed
    : { ...changed, kinds: changed.kinds.map((one) => ({ ...one, ...kind })) };
}

export const image: ImageView = {
  reference: 'busybox',
  id: 'sha256:1',
  checked: true,
  pulledAtMs: 0,
  failedPulls: 0,
  lastFailureAtMs: null,
  error: '',
  superseded: [],
};

const noStall = known({ someMs: 0, fullMs: 0 });
export const noStalls: Pressures = { cpu: noStall, memory: noStall, io: noStall };
/** No control file is there. */
export const noControl: ControlFiles = { drain: false, stop: false, forceStop: false, renew: [] };
/** No sign of the owner is asked for. */
export const noSigns: OwnerSigns = {
  userIdleMs: null,
  onBattery: null,
  programs: null,
  temperatureC: null,
  window: null,
};

/** An idle node of four CPUs and 64 GB. CPU counters are those of `atMs`, with this much use since boot. */
export function hostAt(atMs: number, ownerCpus = 0, pilotsCpus = 0, cpuCount = 4): HostSample {
  return {
    cpuCount,
    cpu: known({ busyMs: (ownerCpus + pilotsCpus) * atMs, totalMs: cpuCount * atMs }),
    pilotsCpuMs: known(pilotsCpus * atMs),
    memory: known({ totalBytes: 64e9, availableBytes: 60e9, swapTotalBytes: 0, swapFreeBytes: 0 }),
    disk: known({ totalBytes: 500e9, freeBytes: 400e9 }),
    pilotsMemoryBytes: known(0),
    runnable: known(0),
    pressure: { node: noStalls, pilots: noStalls, owner: [] },
    pilotUse: new Map(),
    signs: noSigns,
  };
}

export function engineWith(pilots: readonly Pilot[], changes: Partial<EngineView> = {}): EngineView {
  return {
    state: 'answering',
    reason: '',
    info: null,
    listed: true,
    listingAskedMs: changes.listed === false ? null : 0,
    pilots,
    images: [image],
    ...changes,
  };
}

export function running(name: string, startedAtMs = 0, changes: Partial<Pilot> = {}): Pilot {
  return {
    id: `id-${name}`,
    name,
    managed: true,
    kind: 'default',
    state: 'running',
    imageId: 'sha256:1',
    startedAtMs: known(startedAtMs),
    stateSinceMs: startedAtMs,
    end: null,
    ...changes,
  };
}

export function ended(name: string, exitCode: number, livedMs: number, atMs: number): Pilot {
  return running(name, atMs - livedMs, {
    state: 'ended',
    stateSinceMs: atMs,
    end: { exitCode, livedMs, said: null },
  });
}

export function sampleAt(atMs: number, changes: Partial<Sample> = {}): Sample {
  return {
    atMs,
    host: hostAt(atMs),
    engine: engineWith([]),
    control: noControl,
    terminating: false,
    leavesEngine: false,
    inFlight: [],
    results: [],
    week: null,
    logRates: new Map(),
    activities: new Map(),
    freshNames: Array.from({ length: 8 }, (_, index) => `fresh-${atMs}-${index}`),
    ...changes,
  };
}

/** A reading whose owner's CPUs are known, as after some seconds of looking. */
export function seenAt(atMs: number, ownerCpus: number, changes: Partial<Sample> = {}): Seen {
  const host = changes.host ?? hostAt(atMs, ownerCpus);
  const before = observe(null, sampleAt(atMs - 1000, { ...changes, host: hostAt(atMs - 1000, ownerCpus) }));
  return {
    ...observe(before, sampleAt(atMs, { ...changes, host })),
    ownerCpus: known(ownerCpus),
    ownerIsExact: true,
  };
}

/** A node whose CPU cannot be read at all. */
export function blindAt(atMs: number, changes: Partial<Sample> = {}): Seen {
  return observe(
    null,
    sampleAt(atMs, { host: { ...hostAt(atMs), cpu: unknown('cannot be read') }, ...changes }),
  );
}

export function decideOn(seen: Seen, memory: Memory = emptyMemory, rules: Rules = {}): Decision {
  return decide(withRules(policy, rules), seen, memory, seen.sample.atMs - 1000);
}

function slotOf(pilot: string | null): Memory['slots'][number] {
  return { pilot, kind: 'default', failures: 0, notBeforeMs: 0, cpus: 1 };
}

/** What is remembered of the one kind, with such lives of its pilots. */
export function livesOf(...lives: number[]): Memory['kinds'] {
  return { default: { ...newKind, isAway: false, lives } };
}

export function slotsOf(...pilots: (string | null)[]): Memory {
  return { ...emptyMemory, slots: pilots.map(slotOf) };
}

export function starts(decision: Decision): string[] {
  return decision.actions.flatMap((action) => (action.do === 'start' ? [action.name] : []));
}

export function stops(decision: Decision): string[] {
  return decision.actions.flatMap((action) => (action.do === 'stop' ? [action.name] : []));
}

export function failedStart(name: string): ActionResult {
  const action: Action = { do: 'start', kind: 'default', name, why: 'refill' };
  return { action, ok: false, fact: null, error: 'no', fault: 'rejected', tookMs: 1 };
}

export function startInFlight(name: string, sinceMs = 0): Sample['inFlight'][number] {
  return { action: { do: 'start', kind: 'default', name, why: 'refill' }, sinceMs };
}

/** A memory of nothing, of one's own. */
export function emptyMemoryOf(changes: Partial<Memory> = {}): Memory {
  return { ...emptyMemory, ...changes };
}
