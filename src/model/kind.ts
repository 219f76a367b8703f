import type { Outcome } from './pilot.ts';
import type { TimeWindow } from './signSettings.ts';

/** One entry of `binds`, parsed: `mode` is what was written after the second colon, or null when nothing was. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly mode: string | null;
}

/** One device given to a pilot; `permissions` is any of `r`, `w`, `m`. */
export interface Device {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}

/** A file system in memory that a pilot sees at `target`; `options` as mount(8) has them (`size=64m,mode=1777`), mostly empty. */
export interface Tmpfs {
  readonly target: string;
  readonly options: string;
}

/** A limit as setrlimit(2) has it, by the engine's names (`nofile`, `core`); -1 is none. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** GPUs that one pilot is given: so many of them (`all`), or those with these ids. */
export interface GpuRequest {
  readonly count: number | 'all';
  readonly ids: readonly string[];
}

/** When the registry is asked for an image: `auto` as `image_expiration` says, or `always`, only when `missing`, `never`. */
export type PullPolicy = 'auto' | 'always' | 'missing' | 'never';

/** What an exit code may stand for. */
export type ToldOutcome = Extract<Outcome, 'finished' | 'failed' | 'no-work'>;

/** How long a kind waits after fruitless pilots: from `firstMs`, doubling to `mostMs`. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** A pilot recipe: what to run, in what limits, how often beside others, and what its ends mean. */
export interface Kind {
  readonly name: string;
  /** The image as it was written: `[host[:port]/]name[:tag][@digest]`. */
  readonly image: string;
  readonly command: readonly string[];
  /** Variables of its environment; a value is never logged, it may be a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** A file of `NAME=value` lines, read at each creation, so that no secret is kept; null for none. */
  readonly envFile: string | null;
  /** CPUs that one pilot may use; fractions allowed. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** Size of /dev/shm; null: the engine's default. */
  readonly shmBytes: number | null;
  /** Most processes and threads that one pilot may have at a time. */
  readonly pidsLimit: number;
  readonly gpus: GpuRequest | null;
  readonly privileged: boolean;
  /** `uid:gid`. */
  readonly user: string;
  readonly binds: readonly Bind[];
  readonly devices: readonly Device[];
  readonly tmpfs: readonly Tmpfs[];
  readonly capabilitiesAdded: readonly string[];
  readonly capabilitiesDropped: readonly string[];
  readonly securityOptions: readonly string[];
  readonly ulimits: readonly Ulimit[];
  /** Labels of the site's own; none begins with `io.plancton.`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The root file system cannot be written. */
  readonly readOnly: boolean;
  readonly networkMode: string;
  /** A first process that hands signals on and reaps; null: where the engine has one. */
  readonly init: boolean | null;
  /** Bytes a second that a pilot may write to its log before it is evicted; null: as many as it likes. */
  readonly logRateBytes: number | null;
  readonly pull: PullPolicy;
  /** A disabled kind starts no pilots; those that run go on. */
  readonly enabled: boolean;
  /** When its pilots may start; empty: at any time. */
  readonly schedule: readonly TimeWindow[];
  /** Its part of the node's pilots in relation to those of other kinds; above 0. */
  readonly share: number;
  /** Most pilots of this kind at a time; null: as many as there may be. */
  readonly max: number | null;
  /** How long one pilot may run. */
  readonly ttlMs: number;
  /** A change of `ttlMs` reaches pilots that run, as the original's `max_ttl` did. */
  readonly ttlReachesRunning: boolean;
  /** Each pilot's own time to live is shorter by up to this share (0 to 1), so that a fleet's do not end together. */
  readonly ttlJitter: number;
  /** The signal that gives notice, by name (`SIGTERM`). */
  readonly stopSignal: string;
  /** Time between notice (the stop signal) and the kill. */
  readonly stopGraceMs: number;
  /** What exit codes stand for; one that is not here is `finished` for 0 and `failed` for any other. */
  readonly outcomes: Readonly<Record<string, ToldOutcome>>;
  /** A pilot that says nothing of its end and lived for less than this found no work (exit code 0), or failed. */
  readonly fizzleMs: number;
  readonly backOff: BackOff;
}

/** What a kind is beside what must be said of each: the original's pilots, but for the limits that it had. */
export const plainKind: Omit<Kind, 'name' | 'image' | 'command' | 'cpus' | 'memoryBytes'> = {
  env: {},
  envFile: null,
  swapBytes: 0,
  shmBytes: null,
  pidsLimit: 4096,
  gpus: null,
  privileged: false,
  user: '0:0',
  binds: [],
  devices: [],
  tmpfs: [],
  capabilitiesAdded: [],
  capabilitiesDropped: [],
  securityOptions: [],
  ulimits: [],
  labels: {},
  readOnly: false,
  networkMode: 'bridge',
  init: null,
  logRateBytes: null,
  pull: 'auto',
  enabled: true,
  schedule: [],
  share: 1,
  max: null,
  ttlMs: 43_200_000,
  ttlReachesRunning: false,
  ttlJitter: 0,
  stopSignal: 'SIGTERM',
  stopGraceMs: 10_000,
  outcomes: {},
  fizzleMs: 0,
  backOff: { firstMs: 60_000, mostMs: 3_600_000 },
};
