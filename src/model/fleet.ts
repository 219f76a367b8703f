/** What one node of the fleet last told its database, and what it did today. All times are Unix milliseconds; null is unknown. */
export interface FleetNode {
  readonly node: string;
  /** `silent`: nothing was heard for longer than some of its paces. */
  readonly state: 'alive' | 'draining' | 'silent';
  readonly lastSeenMs: number;
  readonly version: string | null;
  readonly cpus: number | null;
  /** CPUs in use by everything but pilots, and by pilots. */
  readonly ownerCpus: number | null;
  readonly pilotsCpus: number | null;
  readonly running: number | null;
  readonly limit: number | null;
  /** Running pilots by kind. */
  readonly runningByKind: Readonly<Record<string, number>>;
  /** Since midnight, by the clock of who asks. CPU in hours. */
  readonly today: FleetDay;
}

/** Sums over a node or the fleet. CPU is in hours of one CPU. */
export interface FleetDay {
  readonly pilotsCpuHours: number | null;
  readonly ownerCpuHours: number | null;
  readonly started: number | null;
  readonly endedByOutcome: Readonly<Record<string, number>>;
}

/** One step of the fleet's course; null is a step of which nothing is known. */
export interface FleetStep {
  readonly fromMs: number;
  readonly nodes: number | null;
  readonly running: number | null;
  readonly pilotsCpus: number | null;
  readonly ownerCpus: number | null;
  readonly cpus: number | null;
}

/** `/api/fleet`, and `planctonctl fleet --json`. */
export interface FleetAnswer {
  readonly askedMs: number;
  /** Where it comes from, without anything secret; for people. */
  readonly source: string;
  /** By name. */
  readonly nodes: readonly FleetNode[];
  /** The last 24 hours. */
  readonly course: readonly FleetStep[];
}
