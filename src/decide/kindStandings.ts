import { blockers } from './admit.ts';
import { probeOf } from './kindBackOff.ts';
import { kindReasons } from './kindBlockers.ts';
import { memoryOfKind } from './kindMemory.ts';
import { kindNameOf, type KindPolicy } from './kindPolicy.ts';
import { isToRenew } from './renewal.ts';
import { cpuFitsMore, memoryFits } from './room.ts';
import { usage } from './shares.ts';
import { isAlive } from './slots.ts';
import type { Decision, Memory, Policy, Seen } from './types.ts';

/** Where a kind stands: `full` at its `max`, `held-back` by the bound on start storms or because it does not fit. */
export type KindState =
  | 'ready'
  | 'disabled'
  | 'closed'
  | 'no-image'
  | 'backing-off'
  | 'probing'
  | 'full'
  | 'held-back';

/** One kind, as `planctonctl kinds` tells it. */
export interface KindStanding {
  readonly name: string;
  /** Pilots of it that run or are paused. */
  readonly running: number;
  /** Most at a time; null for as many as there may be. */
  readonly max: number | null;
  /** Its share as it is written. */
  readonly share: number;
  /** What part of the node that is among the kinds that are enabled, 0 to 1; 0 when it is not. */
  readonly wantedShare: number;
  /** What part it has had of what all kinds of the file had (decayed), 0 to 1; null before there was any. */
  readonly gotShare: number | null;
  /** CPU-seconds (decayed) that it is behind its part of what all have had; less than 0 when it is ahead. */
  readonly deficitSeconds: number;
  readonly state: KindState;
  /** A sentence with numbers; empty when it is ready. */
  readonly reason: string;
  /** Fruitless pilots in a row. */
  readonly fruitless: number;
  /** How long it waits before the next one tries, while it backs off; null when it does not wait. */
  readonly nextStartInMs: number | null;
  /** Pilots that are to be replaced and still run. */
  readonly toRenew: number;
}

/** How each kind fares, in the order of the file. Reckoned when somebody asks; it decides nothing. */
export function kindStandings(
  policy: Policy,
  seen: Seen,
  { memory }: Pick<Decision, 'memory'>,
): readonly KindStanding[] {
  const nowMs = seen.sample.atMs;
  const used = usage(policy, memory, nowMs);
  const total = [...used.values()].reduce((sum, one) => sum + one, 0);
  const shares = policy.kinds.filter(({ enabled }) => enabled).reduce((sum, { share }) => sum + share, 0);
  return policy.kinds.map((kind) => {
    const { name, share, max, enabled } = kind;
    const pilots = seen.sample.engine.pilots.filter(
      (pilot) => pilot.managed && isAlive(pilot) && kindNameOf(policy, pilot.kind ?? null) === name,
    );
    const { backOff } = memoryOfKind(memory.kinds, name);
    const wantedShare = enabled ? share / shares : 0;
    const had = used.get(name) ?? 0;
    const waitMs = backOff === null ? 0 : backOff.untilMs - nowMs;
    return {
      name,
      running: pilots.length,
      max: Number.isFinite(max) ? max : null,
      share,
      wantedShare,
      gotShare: total > 0 ? had / total : null,
      deficitSeconds: (wantedShare * total - had) / 1000,
      ...stateOf(policy, seen, memory, kind),
      fruitless: backOff?.fruitless ?? 0,
      nextStartInMs: waitMs > 0 ? waitMs : null,
      toRenew: pilots.filter((pilot) => isToRenew(memory, policy, pilot)).length,
    };
  });
}

function stateOf(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  kind: KindPolicy,
): Pick<KindStanding, 'state' | 'reason'> {
  const [first] = kindReasons(policy, seen, memory, kind);
  if (first === undefined) return fitState(policy, seen, memory, kind);
  const { backOff } = memoryOfKind(memory.kinds, kind.name);
  const reason = first.text;
  if (first.rule === 'image') return { state: 'no-image', reason };
  if (first.rule === 'window') return { state: 'closed', reason };
  if (first.rule === 'kind') return { state: kind.enabled ? 'full' : 'disabled', reason };
  if (backOff === null) return { state: 'held-back', reason };
  return { state: probeOf(kind, backOff, memory.slots) === null ? 'backing-off' : 'probing', reason };
}

/** A kind that may start: what room there is for one more of it beside what there is. */
function fitState(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  kind: KindPolicy,
): Pick<KindStanding, 'state' | 'reason'> {
  const ready = { state: 'ready', reason: '' } as const;
  if (memory.slots.length >= policy.limit || blockers(policy, seen, memory).length > 0) return ready;
  if (memoryFits(policy, seen, kind) === 0)
    return { state: 'held-back', reason: 'one more does not fit into the memory that is left' };
  if (cpuFitsMore(policy, seen, memory, kind, memory.slots) === 0)
    return { state: 'held-back', reason: 'one more does not fit into the CPUs that are left' };
  return ready;
}
