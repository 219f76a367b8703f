/** An amount that is kept for the owner: a share of what there is, and not more than `atMost` of it. */
export interface Kept {
  /** 0 to 1. */
  readonly share: number;
  /** In CPUs or bytes; null where the share alone counts. */
  readonly atMost: number | null;
}

/** What of each resource is left to the owner beyond what he uses. */
export interface Reserve {
  /** CPUs. */
  readonly cpus: Kept;
  /** Bytes of memory. */
  readonly memory: Kept;
  /** Bytes on the disk that holds the engine's data. */
  readonly disk: Kept;
}
