/** A start may borrow an equal's weight for this long; one that takes longer goes on as a guest. */
const longestLiftMs = 2000;
/** What lifts may cost the owner at most: this share of the node's CPU time, and this much of it at once. */
const liftBudget = { share: 0.01, burstMs: 1000 };

/** What a lift is reckoned with: it lifts the pilots that run along with the one that starts. */
export interface LiftCost {
  nowMs(): number;
  readonly cpuCount: number;
  /** CPUs that pilots use now; all of the node's where that is unknown. */
  pilotsCpus(): number;
}

/** Lifts the class of the pilots' parent for a while. */
export interface Lift {
  /** Lifts the class while `work` is under way, within the budget. */
  during<T>(work: () => Promise<T>): Promise<T>;
  isUp(): boolean;
}

/**
 * Up with the first of those who want it, down with the last, or when each has had its time. The pilots that run are
 * lifted along, and what they use meanwhile is taken from the owner: a budget bounds that, and without any left a start
 * goes on as a guest. Pilots that use nothing cost nothing.
 */
export function createLift(up: () => void, down: () => void, cost: LiftCost): Lift {
  const holders = new Set<symbol>();
  const most = liftBudget.burstMs * cost.cpuCount;
  let balanceMs = most;
  let reckonedMs = cost.nowMs();
  const reckon = (): void => {
    const elapsedMs = cost.nowMs() - reckonedMs;
    reckonedMs += elapsedMs;
    const spent = holders.size > 0 ? elapsedMs * cost.pilotsCpus() : 0;
    balanceMs = Math.min(most, balanceMs + elapsedMs * liftBudget.share * cost.cpuCount - spent);
  };
  const release = (holder: symbol): void => {
    reckon();
    if (holders.delete(holder) && holders.size === 0) down();
  };
  return {
    isUp: () => holders.size > 0,
    async during(work) {
      reckon();
      if (balanceMs <= 0) return work();
      const holder = Symbol('start');
      if (holders.size === 0) up();
      holders.add(holder);
      const timer = setTimeout(() => release(holder), longestLiftMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        release(holder);
      }
    },
  };
}
