import { newClaim } from './claims.ts';
import { doneBeforeReturn, returnTooSoon } from './beforeReturn.ts';
import { kindMayStart } from './kindBlockers.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { memoryRoom } from './room.ts';
import { advance, charges, mostDebt } from './shares.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** A kind in the contest for the next start. */
export interface Contender {
  readonly kind: KindPolicy;
  /** What it is charged with, in CPU-milliseconds; the least for its share is next. */
  readonly chargedMs: number;
  /** How many of it may still start in this tick. */
  readonly left: number;
  /** Memory that one more of it claims. */
  readonly claimBytes: number;
}

/** Who may have the starts of this tick, what memory is left for them, and which kinds have had one by now. */
export interface Contest {
  readonly contenders: readonly Contender[];
  readonly roomBytes: number;
  readonly given: readonly KindPolicy[];
}

/** The contest at the beginning of a tick. */
export function openContest(policy: Policy, seen: Seen, memory: Memory): Contest {
  const charged = charges(policy, memory, seen.sample.atMs);
  const unseenBytes = policy.nodeIsEngines ? 0 : Number.POSITIVE_INFINITY;
  return {
    contenders: policy.kinds.map((kind) => ({
      kind,
      chargedMs: charged.get(kind.name) ?? 0,
      left: kindMayStart(policy, seen, memory, kind),
      claimBytes: newClaim(policy, seen, kind),
    })),
    roomBytes: memoryRoom(policy, seen) ?? unseenBytes,
    given: [],
  };
}

/**
 * The kind that has the next start: of those that may, and for which `fits` says that there is room, the one with the
 * least charge for its share; of equals the first in the file. One that is usually done before the owner returns goes
 * before one that is not, as long as that one is not behind by more than 10 min of its share. Null when none may.
 */
export function nextKind(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  contest: Contest,
  fits: (kind: KindPolicy) => boolean,
): KindPolicy | null {
  const able = contest.contenders.filter(
    ({ kind, left, claimBytes }) =>
      left > 0 &&
      claimBytes <= contest.roomBytes &&
      fits(kind) &&
      returnTooSoon(policy, seen, memory, kind, [...contest.given, kind]) === null,
  );
  const neediest = leastCharged(able);
  if (neediest === null || able.length === 1) return neediest?.kind ?? null;
  const { cpuCount } = seen.sample.host;
  const mayWait = behind(neediest, able) < mostDebt(policy, neediest.kind, cpuCount);
  const done = mayWait
    ? able.filter(({ kind }) => doneBeforeReturn(policy, seen, memory, kind, [...contest.given, kind]))
    : [];
  return (leastCharged(done) ?? neediest).kind;
}

function leastCharged(contenders: readonly Contender[]): Contender | null {
  const [first, ...others] = contenders;
  if (first === undefined) return null;
  return others.reduce((least, one) => (perShare(one) < perShare(least) ? one : least), first);
}

function perShare({ chargedMs, kind }: Contender): number {
  return chargedMs / kind.share;
}

/** How far behind the others' level by their shares this one is, in CPU-milliseconds. */
function behind(one: Contender, all: readonly Contender[]): number {
  const others = all.filter((other) => other !== one);
  const charged = others.reduce((sum, { chargedMs }) => sum + chargedMs, 0);
  const shares = others.reduce((sum, { kind }) => sum + kind.share, 0);
  return (charged / shares) * one.kind.share - one.chargedMs;
}

/** The contest after a start of this kind. */
export function afterStart(contest: Contest, kind: KindPolicy): Contest {
  const claimed = contest.contenders.find((one) => one.kind === kind)?.claimBytes ?? 0;
  return {
    contenders: contest.contenders.map((one) =>
      one.kind === kind ? { ...one, chargedMs: one.chargedMs + advance(kind), left: one.left - 1 } : one,
    ),
    roomBytes: contest.roomBytes - claimed,
    given: [...contest.given, kind],
  };
}
