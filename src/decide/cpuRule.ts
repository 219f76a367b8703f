import { known, type Reading, unknown } from '../model/reading.ts';
import type { CpuClass } from '../model/means.ts';
import type { Pilot } from '../model/pilot.ts';
import { leastCpus, rulesOf } from './kindPolicy.ts';
import { isOwnWork } from './ownWork.ts';
import { reservedOf } from './reserve.ts';
import type { CpuAccount, Memory, Policy, Seen } from './types.ts';

/**
 * How many pilots of so many CPUs fit into what is left, with fractions: one that has at least half of its CPUs left
 * fits. The half is the slack that the original's 10 % of the node were, without growing with the node: on 64 CPUs its
 * 6.4 were more than the owner may lose.
 */
export function fitting(cpus: number, leftCpus: number): number {
  return leftCpus / cpus + 0.5;
}

/** CPUs of pilots as a number of pilots of so many CPUs; sums of fractions are exact to a millionth. */
export function worth(totalCpus: number, cpus: number): number {
  return Math.round((totalCpus / cpus) * 1e6) / 1e6;
}

/** CPUs that these pilots may use. */
export function cpusOf(policy: Policy, pilots: readonly Pilot[]): number {
  return pilots.reduce((sum, pilot) => sum + rulesOf(policy, pilot).cpus, 0);
}

/** A guest may stay while he has this share of his CPUs. */
export const guestShare = 0.25;

/**
 * How many pilots of so many CPUs may stay on what the owner leaves, with fractions. Where the kernel gives him his CPUs whatever pilots want
 * (the idle class, the smallest weight), they take nothing from him: they may stay while what he leaves is at least a
 * quarter of what each of them may use, on average. With a half, a simulated working day lost 9 % of the pilots' work to
 * evictions and harvested 97 % of what was idle; with a quarter it is 1 % and 99.7 %, at no cost to him. As his equals
 * they take from him what does not fit.
 */
export function staying(cpuClass: CpuClass, cpus: number, leftCpus: number): number {
  return cpuClass === 'normal' ? fitting(cpus, leftCpus) : leftCpus / (guestShare * cpus);
}

/** Whether pilots of so many CPUs in all may stay on what the owner leaves. */
export function mayStay(policy: Policy, totalCpus: number, leftCpus: number): boolean {
  const unit = leastCpus(policy);
  return totalCpus === 0 || worth(totalCpus, unit) <= staying(policy.means.cpuClass, unit, leftCpus);
}

/** The most CPUs that the owner may use of `cpus` while pilots of so many CPUs in all stay: `mayStay` turned round. */
export function mostOwnerCpus(policy: Policy, cpus: number, totalCpus: number): number {
  const isEqual = policy.means.cpuClass === 'normal';
  return cpus - (isEqual ? totalCpus - leastCpus(policy) / 2 : totalCpus * guestShare);
}

/** A first guest starts where this share of his CPUs was left over: a tenth more than it takes to stay. */
export const firstGuestShare = guestShare + 0.1;

/**
 * Who uses no more than this share of the node's CPUs, and so many at most, is no owner at work but the node's services:
 * the engine that holds two hundred pilots of a hundredth of a CPU each would keep some of them out by itself.
 */
const servicesUse = { share: 0.02, atMost: 0.5 };

/** What the owner uses where that keeps guests away; in CPUs. */
function usedBeyondServices(ownerCpus: number, cpuCount: number): number {
  return ownerCpus <= Math.min(servicesUse.atMost, servicesUse.share * cpuCount) ? 0 : ownerCpus;
}

/**
 * CPUs of the guests that there would have been work for: those that ran, and one more for each (small) pilot's CPUs of
 * which at least 60 % were left over by everybody. An owner who comes and goes by the second leaves much, and never for long. In the
 * idle class, where none costs him anything, a first one has work already where there is enough for him to stay.
 */
function guestsFed(policy: Policy, runningCpus: number, unusedCpus: number): number {
  const unit = leastCpus(policy);
  const share = unusedCpus / unit;
  const isFirst = runningCpus === 0 && policy.means.cpuClass === 'idle' && share >= firstGuestShare;
  return runningCpus + unit * Math.max(isFirst ? 1 : 0, Math.floor(share + 0.4));
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
  return { sinceMs, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guestCpus: 0, judgedCpus: null };
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
  running: readonly Pilot[],
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
  const closed = { ...opened(now), guestCpus: open.guestCpus, judgedCpus: open.judgedCpus };
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
  const totalCpus = cpusOf(policy, running);
  const guestCpus = guestsFed(
    policy,
    totalCpus,
    cpuCount - usedBeyondServices(ownerCpus, cpuCount) - kept - account.pilotsCpuMs / account.readMs,
  );
  const isShort = !mayStay(policy, totalCpus, cpuCount - (ownerCpus + kept));
  // He has been short since the window that was just judged began, not since its end.
  const shortSinceMs = isShort ? (shortBefore ?? open.sinceMs) : null;
  return { account: { ...closed, guestCpus, judgedCpus: ownerCpus }, shortSinceMs, judged: known(ownerCpus) };
}
