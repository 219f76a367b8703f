import type { BackOff, PullPolicy } from '../model/kind.ts';
import type { Pilot } from '../model/pilot.ts';
import type { PilotRules } from '../model/pilotRules.ts';

/** What the rules in force say of one kind of pilots: of new ones, as those that run keep what they were started with. */
export interface KindPolicy extends PilotRules {
  readonly name: string;
  /** The reference of its image. */
  readonly image: string;
  /** Names what a pilot is made of: a container that was made by another recipe is not started. */
  readonly recipe: string;
  /** Its time to live is that of the pilots that run, too, whatever they were started with. */
  readonly ttlReachesRunning: boolean;
  /** Its part of the node's pilots in relation to those of other kinds; above 0. */
  readonly share: number;
  /** Most pilots of it at a time; `Infinity` for none. */
  readonly max: number;
  readonly enabled: boolean;
  /** Whether its own schedule lets pilots start now, and how long until that changes (`Infinity`: never). */
  readonly open: boolean;
  readonly opensInMs: number;
  readonly closesInMs: number;
  readonly pull: PullPolicy;
  readonly backOff: BackOff;
  /** Its containers may be made ahead of time: nothing is read for them at their making that may change. */
  readonly mayPrepare: boolean;
}

/** Rules, as far as they are about kinds. */
export interface KindPolicies {
  /** At least one, each with a name of its own, in the order of the file. */
  readonly kinds: readonly KindPolicy[];
}

/** The kind of this name; null where there is none, as when it was taken out of the file. */
export function findKind({ kinds }: KindPolicies, name: string | null | undefined): KindPolicy | null {
  // Of each pilot at each tick: without a function of its own for each call.
  for (const kind of kinds) if (kind.name === name) return kind;
  return null;
}

/** The kind that a pilot with this label is of: where there is one kind alone, one that bears none is of that. */
export function kindNameOf({ kinds }: KindPolicies, label: string | null): string | null {
  const [first, ...others] = kinds;
  return label ?? (others.length === 0 ? (first?.name ?? null) : null);
}

/**
 * The rules of this pilot: those that it was started with. One that bears none has those that its kind has now, and of a
 * kind that nobody knows any more the most that any has.
 */
export function rulesOf(policy: KindPolicies, { kind, rules }: Pick<Pilot, 'kind' | 'rules'>): PilotRules {
  if (rules === undefined) return ruleFor(policy, kind);
  const now = findKind(policy, kind);
  if (now === null || !now.ttlReachesRunning) return rules;
  const { ttlMs, ttlJitter } = now;
  return ttlMs === rules.ttlMs && ttlJitter === rules.ttlJitter ? rules : { ...rules, ttlMs, ttlJitter };
}

/** What is reckoned with for a pilot of this kind. Of one that nobody knows any more it is the most that any kind has. */
export function ruleFor(policy: KindPolicies, name: string | null | undefined): KindPolicy {
  return findKind(policy, name) ?? largestKind(policy);
}

/** A kind that is as large as any in every respect. */
export function largestKind({ kinds }: KindPolicies): KindPolicy {
  const [first, ...others] = kinds;
  if (first === undefined) throw new Error('there is no kind of pilots');
  if (others.length === 0) return first;
  const most = (of: (kind: KindPolicy) => number): number => Math.max(...kinds.map(of));
  return {
    ...first,
    name: '',
    cpus: most(({ cpus }) => cpus),
    memoryBytes: most(({ memoryBytes }) => memoryBytes),
    swapBytes: most(({ swapBytes }) => swapBytes),
    stopGraceMs: most(({ stopGraceMs }) => stopGraceMs),
    ttlMs: most(({ ttlMs }) => ttlMs),
    ttlJitter: 0,
    ttlReachesRunning: false,
    // Of one that nobody knows any more: what most heed.
    stopSignal: 'SIGTERM',
    fizzleMs: 0,
    logRateBytes: Number.POSITIVE_INFINITY,
    outcomes: {},
  };
}

/** The CPUs of the kind that has fewest. */
export function leastCpus({ kinds }: KindPolicies): number {
  return Math.min(...kinds.map(({ cpus }) => cpus));
}
