import { isTight } from '../decide/memoryRelief.ts';
import type { Decision, Policy, Seen } from '../decide/types.ts';
import type { TapeFrame } from '../model/tape.ts';
import { type Body, wantedCpus } from './body.ts';

/** An owner whose CPUs change by more than this, and whose memory by more than this share of all, stirs. */
const stirringCpus = 0.25;
const stirringShare = 0.01;

/** What a model was like at its last tick. */
export interface LastTick {
  readonly frame: TapeFrame;
  readonly policy: Policy;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly bodies: readonly Body[];
  readonly isAnyInFlight: boolean;
}

/**
 * Whether nothing is going on that would be answered within the span of the next frame: then the rules are asked once in
 * it, at its end. What they would have begun in between for time's sake alone (a patience that is over, room that has come)
 * begins up to one span, 5 s, later than it would have.
 */
export function isCalm(last: LastTick, next: TapeFrame): boolean {
  return (
    isSettled(last) && isAlike(last.frame, next) && !last.bodies.some((body) => mayEnd(body, next.spanMs))
  );
}

function isSettled({ policy, seen, decision, isAnyInFlight }: LastTick): boolean {
  const { held, leaving, senses } = decision.memory;
  return (
    decision.actions.length === 0 &&
    !isAnyInFlight &&
    held.length === 0 &&
    leaving.length === 0 &&
    Object.values(senses).every((pressing) => pressing?.dormantSinceMs !== undefined) &&
    !isTight(policy, seen)
  );
}

/** Whether the owner does about the same in both. */
function isAlike(before: TapeFrame, now: TapeFrame): boolean {
  const stirringBytes = stirringShare * (now.memoryTotalBytes ?? 0);
  const grows = Math.max(now.ownerMemoryBytes ?? 0, now.ownerPeakBytes ?? 0) - (before.ownerMemoryBytes ?? 0);
  return (
    now.atMs > before.atMs &&
    Math.abs((now.ownerCpus ?? 0) - (before.ownerCpus ?? 0)) <= stirringCpus &&
    grows <= stirringBytes &&
    now.cpuCount === before.cpuCount &&
    now.isAnswering === before.isAnswering &&
    now.isDraining === before.isDraining &&
    now.onBattery === before.onBattery &&
    (now.userIdleMs ?? 0) >= (before.userIdleMs ?? 0) &&
    (now.programs?.length ?? 0) === (before.programs?.length ?? 0)
  );
}

function mayEnd(body: Body, spanMs: number): boolean {
  if (body.state !== 'running') return body.state === 'ended';
  const { workCpuMs, lifeMs = Number.POSITIVE_INFINITY } = body.nature;
  return body.cpuMs + wantedCpus(body) * spanMs >= workCpuMs || body.runMs + spanMs >= lifeMs;
}
