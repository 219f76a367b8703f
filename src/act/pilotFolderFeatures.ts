/**
 * What is known of one pilot before it starts. Whatever is in it, the pilot's own process may read.
 * The names of the features, their units and when they change follow the convention of HEP sites,
 * "Machine/Job Features" (HSF-TN-2016-02, doi 10.5281/zenodo.1469629).
 */
export interface PilotFacts {
  /** The container's name. */
  readonly name: string;
  readonly kind: string;
  /** Host name of the node. */
  readonly node: string;
  /** CPUs of this pilot; fractions allowed. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** How long this very pilot may run, its jitter taken off; `Infinity` for as long as it likes. */
  readonly ttlMs: number;
  /** Time between notice and kill. */
  readonly stopGraceMs: number;
  /** CPUs of the node. */
  readonly nodeCpus: number;
  /** HS06 or HEPscore of the whole node; null where nobody measured it. */
  readonly hs06: number | null;
}

/** Features by the names of their files; none of them is empty. */
export type Features = Readonly<Record<string, string>>;

/** Where a pilot finds its folders. */
export const insidePaths = {
  machine: '/plancton/machinefeatures',
  job: '/plancton/jobfeatures',
  state: '/plancton/state',
} as const;

/** What a pilot is told of its node; `nodeEndWallMs` is when all pilots of the node will have to be gone, or null. */
export function machineFeatures(facts: PilotFacts, nodeEndWallMs: number | null): Features {
  return {
    total_cpu: String(facts.nodeCpus),
    grace_secs: seconds(facts.stopGraceMs),
    ...(facts.hs06 === null ? {} : { hs06: decimal(facts.hs06) }),
    ...(nodeEndWallMs === null ? {} : { shutdowntime: seconds(nodeEndWallMs) }),
  };
}

/** What a pilot is told of itself before its start is known. */
export function jobFeatures(facts: PilotFacts): Features {
  const isBounded = Number.isFinite(facts.ttlMs);
  return {
    allocated_cpu: String(wholeCpus(facts.cpus)),
    grace_secs_job: seconds(facts.stopGraceMs),
    job_id: facts.name,
    max_rss_bytes: String(facts.memoryBytes),
    max_swap_bytes: String(facts.swapBytes),
    ...(facts.hs06 === null ? {} : { hs06_job: decimal((facts.hs06 * facts.cpus) / facts.nodeCpus) }),
    ...(isBounded ? { wall_limit_secs: seconds(facts.ttlMs) } : {}),
    ...(isBounded ? { cpu_limit_secs: seconds(facts.ttlMs * facts.cpus) } : {}),
  };
}

/** What is known once a pilot is about to start: its start, and the time at which it will be asked to go at the latest. */
export function startFeatures(startWallMs: number, wallLimit: string | null): Features {
  const start = Math.floor(startWallMs / 1000);
  const limit = wallLimit === null ? Number.NaN : Number.parseInt(wallLimit, 10);
  return {
    jobstart_secs: String(start),
    ...(Number.isFinite(limit) ? { shutdowntime_job: String(start + limit) } : {}),
  };
}

/** The environment that a pilot is told the same by. JOBOUTPUTS is where the convention's `shutdown_message` belongs. */
export function pilotEnv(facts: PilotFacts): Readonly<Record<string, string>> {
  return {
    MACHINEFEATURES: insidePaths.machine,
    JOBFEATURES: insidePaths.job,
    JOBOUTPUTS: insidePaths.state,
    PLANCTON_STATE: insidePaths.state,
    PLANCTON_KIND: facts.kind,
    PLANCTON_NAME: facts.name,
    PLANCTON_NODE: facts.node,
    PLANCTON_CPUS: String(facts.cpus),
    PLANCTON_MEMORY_BYTES: String(facts.memoryBytes),
    PLANCTON_GRACE: seconds(facts.stopGraceMs),
    ...(Number.isFinite(facts.ttlMs) ? { PLANCTON_TTL: seconds(facts.ttlMs) } : {}),
  };
}

/** A time or a span in whole seconds, never later or longer than it is. */
export function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

/** Readers of the convention take whole processors only: never more than there are, and never none. */
function wholeCpus(cpus: number): number {
  return Math.max(1, Math.floor(cpus));
}

function decimal(value: number): string {
  return String(Number(value.toFixed(2)));
}
