import { known, type Reading, unknown } from '../model/reading.ts';
import type { CpuAccount, Memory, Policy, Seen } from './types.ts';

/**
 * How many pilots fit beside an owner who uses `ownerCpus`: one that has at least half of its CPUs left fits. The half
 * is the slack that the original's 10 % of the node were, without growing with the node: on 64 CPUs its 6.4 were more
 * than the owner may lose.
 */
export function pilotsThatFit(policy: Policy, cpuCount: number, ownerCpus: number): number {
  return Math.max(0, Math.floor((cpuCount - ownerCpus) / policy.cpusPerPilot + 0.5));
}

/** What a judgement of the legacy CPU rule found. */
export interface CpuJudgement {
  readonly account: CpuAccount;
  readonly shortSinceMs: number | null;
  /** Owner's mean CPUs over the window that was just judged; unknown between judgements. */
  readonly judged: Reading<number>;
}

/**
 * Keeps the account of the owner's CPUs and judges it once in each `main_sleep`: he is short when more pilots run than
 * fit beside his mean use. The original compared the whole node's use, its own pilots' included, with a threshold that
 * a full node can never reach.
 */
export function judgeCpu(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  previousMs: number,
  running: number,
): CpuJudgement {
  const now = seen.sample.atMs;
  const open = memory.cpu ?? { sinceMs: now, ownerCpuMs: 0, readMs: 0 };
  const elapsed = Math.max(0, now - previousMs);
  const account: CpuAccount =
    seen.ownerCpus.known && seen.ownerIsExact
      ? {
          ...open,
          ownerCpuMs: open.ownerCpuMs + seen.ownerCpus.value * elapsed,
          readMs: open.readMs + elapsed,
        }
      : open;
  if (now - open.sinceMs < policy.loopMs) {
    return { account, shortSinceMs: memory.shortSinceMs, judged: unknown('between two judgements') };
  }
  const closed = { sinceMs: now, ownerCpuMs: 0, readMs: 0 };
  if (account.readMs <= 0) {
    return {
      account: closed,
      shortSinceMs: memory.shortSinceMs,
      judged: unknown('the CPU could not be read'),
    };
  }
  const ownerCpus = account.ownerCpuMs / account.readMs;
  const isShort = running > pilotsThatFit(policy, seen.sample.host.cpuCount, ownerCpus);
  // He has been short since the window that was just judged began, not since its end.
  const shortSinceMs = isShort ? (memory.shortSinceMs ?? open.sinceMs) : null;
  return { account: closed, shortSinceMs, judged: known(ownerCpus) };
}
