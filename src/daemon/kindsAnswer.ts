import { kindNameOf } from '../decide/kindPolicy.ts';
import { kindStandings, type KindStanding } from '../decide/kindStandings.ts';
import { isAlive } from '../decide/slots.ts';
import { isoTime } from '../model/isoTime.ts';
import type { StatusParts } from './statusOf.ts';
import type { Tick } from './tick.ts';

/** A kind that the configuration has no more, or never had, some of whose pilots still run. */
export interface GoneKind {
  /** Null for pilots that bear no kind's name: the original's, or an earlier version's. */
  readonly name: string | null;
  readonly state: 'gone';
  readonly running: number;
}

/** What `planctonctl kinds` is told. */
export interface KindsAnswer {
  /** ISO 8601. */
  readonly at: string;
  readonly kinds: readonly (KindStanding | GoneKind)[];
}

/** The kinds and how each fares; null before the first tick. */
export function kindsAnswer(tick: Tick | null, { clock }: StatusParts): KindsAnswer | null {
  if (tick === null) return null;
  const standings = kindStandings(tick.policy, tick.seen, tick.decision);
  return { at: isoTime(clock.wallMs()), kinds: [...standings, ...goneKinds(tick)] };
}

function goneKinds({ policy, sample }: Tick): readonly GoneKind[] {
  const known = new Set<string | null>(policy.kinds.map(({ name }) => name));
  const counts = new Map<string | null, number>();
  for (const pilot of sample.engine.pilots.filter((one) => one.managed && isAlive(one))) {
    const kind = kindNameOf(policy, pilot.kind);
    if (!known.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([name, running]) => ({ name, state: 'gone', running }));
}
