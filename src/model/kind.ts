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

/** A pilot recipe: what to run, and in what limits. */
export interface Kind {
  readonly name: string;
  /** The image as it was written: `[host[:port]/]name[:tag][@digest]`. */
  readonly image: string;
  readonly command: readonly string[];
  /** CPUs that one pilot may use; fractions allowed. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** Most processes and threads that one pilot may have at a time. */
  readonly pidsLimit: number;
  readonly privileged: boolean;
  /** `uid:gid`. */
  readonly user: string;
  readonly binds: readonly Bind[];
  readonly devices: readonly Device[];
  readonly capabilitiesAdded: readonly string[];
  readonly capabilitiesDropped: readonly string[];
  readonly securityOptions: readonly string[];
  readonly networkMode: string;
  /** How long one pilot may run. */
  readonly ttlMs: number;
  /** Time between notice (the stop signal) and the kill. */
  readonly stopGraceMs: number;
}
