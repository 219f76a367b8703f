/** The two clocks. Only `nowMs` decides anything; wall time is for printing and for stamps that others read. */
export interface Clock {
  /** Monotonic milliseconds since the node booted (CLOCK_MONOTONIC): comparable across restarts of the daemon. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch. */
  wallMs(): number;
}
