import type { Clock } from '../model/clock.ts';

/** The node's clocks. `process.hrtime` is CLOCK_MONOTONIC, which counts from boot, so its times outlive a daemon. */
export const nodeClock: Clock = {
  nowMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wallMs: () => Date.now(),
};
