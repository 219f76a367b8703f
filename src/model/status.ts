import type { CpuClass } from './means.ts';
import type { Reason } from './reason.ts';
import type { SinkState } from './point.ts';

/** What the kernel does for the owner with no daemon in the path, as it was read back, and what could not be had. */
export interface ParentStatus {
  /** The pilots' parent cgroup in the engine's own terms; null where they have none of their own. */
  readonly cgroup: string | null;
  /** `detail` names the file that holds it, and why it is less than what was asked for. */
  readonly cpuClass: { readonly asked: CpuClass; readonly had: CpuClass; readonly detail: string };
  /** Whether the owner's storage requests go before those of pilots; `detail` says by which file, or why not. */
  readonly ioWeight: { readonly had: boolean; readonly detail: string };
  /** What new pilots are made with (1000: first to go when memory runs out); null where the engine cannot. */
  readonly oomScoreAdj: number | null;
  /** The most processes that a pilot of any kind may have. */
  readonly pidsLimit: number;
  /** What can be done to a pilot to give room back, beside ending it through the engine. */
  readonly can: {
    readonly shrink: boolean;
    readonly pause: boolean;
    readonly reclaim: boolean;
    readonly kill: boolean;
  };
  /** Why the kernel does less here than it could; empty when nothing is missing. */
  readonly fallback: string;
}

/** What the daemon tells of itself: the body of `planctonctl status --json`. Times are ISO 8601, spans in seconds. */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
  readonly state: 'active' | 'draining' | 'waiting';
  /** Everything is decided and told, nothing is done (`dry_run`). */
  readonly dryRun: boolean;
  /** A signal asked the daemon to end: it is about to. */
  readonly ending: boolean;
  readonly control: { readonly drain: boolean; readonly stop: boolean; readonly forceStop: boolean };
  readonly engine: {
    readonly endpoint: string;
    readonly answering: boolean;
    readonly reason: string;
    readonly product: string | null;
    readonly version: string | null;
    readonly apiVersion: string | null;
  };
  readonly config: {
    readonly file: string;
    /** `defaults` without a file, `good`, or `bad` while an earlier one stays in force. */
    readonly state: 'defaults' | 'good' | 'bad';
    readonly problems: readonly string[];
    readonly warnings: readonly string[];
    readonly loadedAt: string;
  };
  readonly pilots: {
    /** Those that have a slot, the paused ones among them. */
    readonly running: number;
    readonly paused: number;
    readonly limit: number;
    /** Containers that take room and are not ours to manage. */
    readonly unmanaged: number;
    readonly list: readonly {
      readonly name: string;
      /** Null for a pilot of the original's, or of an earlier version. */
      readonly kind: string | null;
      readonly state: string;
      readonly ageSeconds: number | null;
      readonly managed: boolean;
      /** Why its end or removal failed when it was last tried; absent when nothing did. */
      readonly trouble?: string;
    }[];
  };
  readonly node: {
    readonly cpus: number;
    /** CPUs in use by everything else, and by pilots; null while unknown. */
    readonly ownerCpus: number | null;
    readonly pilotsCpus: number | null;
    readonly memoryTotalBytes: number | null;
    readonly memoryAvailableBytes: number | null;
  };
  readonly parent: ParentStatus;
  /**
   * What pilots have had since they first had any on this boot of the node, and what it cost the owner.
   * Without `since` nothing of it was read yet, and the zeros say nothing.
   */
  readonly account: {
    readonly since: string | null;
    /** CPU time that pilots used, and that part of it which evicted pilots had used: their work is lost. */
    readonly harvestedSeconds: number;
    readonly wastedSeconds: number;
    /** Time in which the owner waited for CPUs that pilots had, and its share; null where the kernel does not tell. */
    readonly ownerDelaySeconds: number | null;
    readonly ownerDelayShare: number | null;
  };
  /**
   * What bounds what pilots may write into their folders: a file system of its own each, or our looking at them, and why
   * it is no more than that.
   */
  readonly folders: { readonly bound: 'mounted' | 'watched'; readonly why: string };
  /** The images that pilots run, one for each name. */
  readonly images: readonly {
    readonly reference: string;
    /** Names of the kinds that are made of it. */
    readonly kinds: readonly string[];
    readonly id: string | null;
    readonly pulledAt: string | null;
    /** Why it was not pulled when that was last tried; empty when it was. */
    readonly error: string;
  }[];
  /** What was last done, with its time, and why there is not one pilot more now. */
  readonly lastDecision: { readonly at: string; readonly text: string } | null;
  readonly refusals: readonly Reason[];
  readonly influxdb: readonly SinkState[];
  /** Where the page and the metrics are; null: nowhere, for what `error` says where that is not what was asked for. */
  readonly page: { readonly url: string | null; readonly error: string };
}
