import type { Reason } from './reason.ts';
import type { SinkState } from './point.ts';

/** What the daemon tells of itself: the body of `planctonctl status --json`. Times are ISO 8601, spans in seconds. */
export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
  readonly state: 'active' | 'draining' | 'waiting';
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
    readonly running: number;
    readonly limit: number;
    /** Containers that take room and are not ours to manage. */
    readonly unmanaged: number;
    readonly list: readonly {
      readonly name: string;
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
  readonly image: {
    readonly reference: string;
    readonly id: string | null;
    readonly pulledAt: string | null;
    readonly error: string;
  };
  /** What was last done, with its time, and why there is not one pilot more now. */
  readonly lastDecision: { readonly at: string; readonly text: string } | null;
  readonly refusals: readonly Reason[];
  readonly influxdb: readonly SinkState[];
}
