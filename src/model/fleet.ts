import type { Secret } from './secret.ts';

/** The database that knows of all nodes, and how it is reached. */
export interface FleetSource {
  /** Any version of InfluxDB, or a Prometheus. */
  readonly type: 'influxdb' | 'prometheus';
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Path prefix before `/query` or `/api/v1`, without a slash at its end; mostly empty. */
  readonly path: string;
  /** The database or bucket of an InfluxDB; empty for a Prometheus. */
  readonly database: string;
  readonly username: string | null;
  readonly password: Secret | null;
  readonly token: Secret | null;
  readonly verifyCertificate: boolean;
  /** A file of certificates (PEM) that the server's own must be signed by; null: those that are trusted anyway. */
  readonly caFile: string | null;
}

/** What one node of the fleet last told its database, and what it did today. All times are Unix milliseconds; null is unknown. */
export interface FleetNode {
  readonly node: string;
  /** `silent`: nothing was heard for longer than three of its paces, and than two minutes. */
  readonly state: 'alive' | 'draining' | 'silent';
  readonly lastSeenMs: number;
  readonly version: string | null;
  /** How often it reports; absent where that is not told. */
  readonly paceMs?: number | null;
  /** False while its container engine does not answer. */
  readonly engineAnswers?: boolean | null;
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

/** The sums of the whole fleet over one day, or a part of one. */
export interface FleetPastDay extends FleetDay {
  readonly fromMs: number;
  readonly toMs: number;
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
  /** The days that were asked for, the oldest first, by the clock of who asks. */
  readonly days?: readonly FleetPastDay[];
}
