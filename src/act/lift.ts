/** A start or a notice may borrow an equal's weight for this long; one that takes longer goes on as a guest. */
const longestLiftMs = 2000;
/** The end of a pilot whose memory the owner waits for, for this long: some ten gigabytes are freed in that. */
const longestLiftForOwnerMs = 5000;
/** What lifts may cost the owner at most: this share of the node's CPU time, and this much of it at once. */
const liftBudget = { share: 0.01, burstMs: 1000 };

/** What a lift is reckoned with: it lifts the pilots that run along with the one that starts. */
export interface LiftCost {
  nowMs(): number;
  readonly cpuCount: number;
  /** CPU time that the pilots have used so far, in milliseconds, to be read at this moment; null where it cannot be. */
  pilotsCpuMs(): number | null;
}

/** Lifts the class of the pilots' parent for a while. */
export interface Lift {
  /** Lifts the class while `work` is under way, within the budget. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** The same for what the owner waits for: not bounded by the budget, and charged to it. */
  duringForOwner<T>(work: () => Promise<T>): Promise<T>;
  isUp(): boolean;
}

/**
 * Up with the first of those who want it, down with the last, or when each has had its time. The pilots that run are
 * lifted along, and all that they use meanwhile is charged as if it were taken from the owner, by what the kernel counted
 * from up to down (where nobody counts, by all of the node's CPUs): a budget bounds that, and without any left a start
 * goes on as a guest. Pilots that use nothing cost nothing.
 */
export function createLift(up: () => void, down: () => void, cost: LiftCost): Lift {
  const holders = new Set<symbol>();
  const most = liftBudget.burstMs * cost.cpuCount;
  let balanceMs = most;
  let reckonedMs = cost.nowMs();
  /** What pilots had used when that was last charged, or when the lift began. */
  let chargedMs: number | null = null;
  const spentMs = (elapsedMs: number): number => {
    const before = chargedMs;
    chargedMs = cost.pilotsCpuMs();
    // A counter that went back is another group's, and tells nothing of this one.
    return before === null || chargedMs === null || chargedMs < before
      ? elapsedMs * cost.cpuCount
      : chargedMs - before;
  };
  const reckon = (): void => {
    const elapsedMs = cost.nowMs() - reckonedMs;
    reckonedMs += elapsedMs;
    const spent = holders.size > 0 ? spentMs(elapsedMs) : 0;
    balanceMs = Math.min(most, balanceMs + elapsedMs * liftBudget.share * cost.cpuCount - spent);
  };
  const release = (holder: symbol): void => {
    if (!holders.has(holder)) return;
    // Charged after the kernel has taken it back, so that nothing is left out.
    if (holders.size === 1) down();
    reckon();
    holders.delete(holder);
  };
  const holdFor = async <T>(work: () => Promise<T>, longestMs: number): Promise<T> => {
    const holder = Symbol('lift');
    if (holders.size === 0) {
      chargedMs = cost.pilotsCpuMs();
      up();
    }
    holders.add(holder);
    const timer = setTimeout(() => release(holder), longestMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      release(holder);
    }
  };
  return {
    isUp: () => holders.size > 0,
    async during(work) {
      reckon();
      return balanceMs <= 0 ? work() : holdFor(work, longestLiftMs);
    },
    async duringForOwner(work) {
      reckon();
      return holdFor(work, longestLiftForOwnerMs);
    },
  };
}
