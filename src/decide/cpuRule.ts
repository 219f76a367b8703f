import { known, type Reading, unknown } from '../model/reading.ts';
import { isOwnWork } from './ownWork.ts';
import { reservedOf } from './reserve.ts';
import type { CpuAccount, Memory, Policy, Seen } from './types.ts';

/**
 * How many pilots fit beside an owner who uses `ownerCpus`: one that has at least half of its CPUs left fits. The half
 * is the slack that the original's 10 % of the node were, without growing with the node: on 64 CPUs its 6.4 were more
 * than the owner may lose.
 */
export function pilotsThatFit(policy: Policy, cpuCount: number, ownerCpus: number): number {
  return Math.max(0, Math.floor((cpuCount - ownerCpus) / policy.cpusPerPilot + 0.5));
}

/** A guest may stay while he has this share of his CPUs. */
export const guestShare = 0.25;

/**
 * How many pilots may stay beside an owner who uses `ownerCpus`. Where the kernel gives him his CPUs whatever pilots want
 * (the idle class, the smallest weight), they take nothing from him: they may stay while what he leaves is at least a
 * quarter of what each of them may use, on average. With a half, a simulated working day lost 9 % of the pilots' work to
 * evictions and harvested 97 % of what was idle; with a quarter it is 1 % and 99.7 %, at no cost to him. As his equals
 * they take from him what does not fit.
 */
export function pilotsThatMayStay(policy: Policy, cpuCount: number, ownerCpus: number): number {
  if (policy.means.cpuClass === 'normal') return pilotsThatFit(policy, cpuCount, ownerCpus);
  return Math.max(0, Math.floor((cpuCount - ownerCpus) / (guestShare * policy.cpusPerPilot)));
}

/** The most CPUs that the owner may use while so many pilots stay: `pilotsThatMayStay` turned round. */
export function mostOwnerCpus(policy: Policy, cpuCount: number, pilots: number): number {
  const { cpusPerPilot, means } = policy;
  return cpuCount - cpusPerPilot * (means.cpuClass === 'normal' ? pilots - 0.5 : pilots * guestShare);
}

/** A first guest starts where this share of his CPUs was left over: a tenth more than it takes to stay. */
export const firstGuestShare = guestShare + 0.1;

/**
 * How many guests there would have been work for: those that ran, and one more for each pilot's CPUs of which at least
 * 60 % were left over by everybody. An owner who comes and goes by the second leaves much, and never for long. In the
 * idle class, where none costs him anything, a first one has work already where there is enough for him to stay.
 */
function guestsFed(policy: Policy, running: number, unusedCpus: number): number {
  const share = unusedCpus / policy.cpusPerPilot;
  const isFirst = running === 0 && policy.means.cpuClass === 'idle' && share >= firstGuestShare;
  return running + Math.max(isFirst ? 1 : 0, Math.floor(share + 0.4));
}

/** What a judgement of the legacy CPU rule found. */
export interface CpuJudgement {
  readonly account: CpuAccount;
  readonly shortSinceMs: number | null;
  /** Owner's mean CPUs over the window that was just judged; unknown between judgements. */
  readonly judged: Reading<number>;
}

/** An account of which nothing is read yet. */
function opened(sinceMs: number): CpuAccount {
  return { sinceMs, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guests: 0, judgedCpus: null };
}

/**
 * Keeps the account of the owner's CPUs and judges it once in each `main_sleep`: he is short when more pilots run than
 * may stay beside his mean use. The original compared the whole node's use, its own pilots' included, with a threshold that
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
  // Without an account nobody looked: that he was short before a daemon was off says nothing of the time in between.
  const shortBefore = memory.cpu === null ? null : memory.shortSinceMs;
  const open = memory.cpu ?? opened(now);
  const elapsed = Math.max(0, now - previousMs);
  // What the engine does for us is not the owner's doing: it must not hold up the next pilot for a whole window.
  const isOwners = seen.ownerIsExact && !isOwnWork(seen.ownWork, now);
  const account: CpuAccount =
    seen.ownerCpus.known && isOwners
      ? {
          ...open,
          ownerCpuMs: open.ownerCpuMs + seen.ownerCpus.value * elapsed,
          readMs: open.readMs + elapsed,
          pilotsCpuMs: open.pilotsCpuMs + (seen.pilotsCpus.known ? seen.pilotsCpus.value * elapsed : 0),
        }
      : open;
  if (now - open.sinceMs < policy.loopMs) {
    return { account, shortSinceMs: shortBefore, judged: unknown('between two judgements') };
  }
  const closed = { ...opened(now), guests: open.guests, judgedCpus: open.judgedCpus };
  if (account.readMs <= 0) {
    return {
      account: closed,
      shortSinceMs: shortBefore,
      judged: unknown('the CPU could not be read'),
    };
  }
  const ownerCpus = account.ownerCpuMs / account.readMs;
  const { cpuCount } = seen.sample.host;
  const kept = reservedOf(policy.reserve.cpus, cpuCount);
  const guests = guestsFed(
    policy,
    running,
    cpuCount - ownerCpus - kept - account.pilotsCpuMs / account.readMs,
  );
  const isShort = running > pilotsThatMayStay(policy, cpuCount, ownerCpus + kept);
  // He has been short since the window that was just judged began, not since its end.
  const shortSinceMs = isShort ? (shortBefore ?? open.sinceMs) : null;
  return { account: { ...closed, guests, judgedCpus: ownerCpus }, shortSinceMs, judged: known(ownerCpus) };
}
