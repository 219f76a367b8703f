/** A limit as the API has it: `nofile`, `nproc` …; -1 is none. */
export interface WireUlimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** A request for devices that the engine finds itself: `Count` of them (-1: all), or those with these ids. */
export interface DeviceRequest {
  readonly Driver: string;
  readonly Count: number;
  readonly DeviceIDs: readonly string[];
  readonly Capabilities: readonly (readonly string[])[];
}

/** The body of `POST /containers/create`, as far as it is used here; names and units are the API's. */
export interface CreateBody {
  readonly Hostname: string;
  readonly Image: string;
  readonly Cmd: readonly string[];
  /** `NAME=value` each. */
  readonly Env: readonly string[];
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly HostConfig: {
    readonly CpuPeriod: number;
    readonly CpuQuota: number;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly ShmSize?: number;
    readonly PidsLimit: number;
    readonly OomScoreAdj?: number;
    readonly NetworkMode: string;
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly Binds: readonly string[];
    readonly Tmpfs: Readonly<Record<string, string>>;
    readonly Devices: readonly {
      readonly PathOnHost: string;
      readonly PathInContainer: string;
      readonly CgroupPermissions: string;
    }[];
    readonly DeviceRequests?: readonly DeviceRequest[];
    readonly CapAdd: readonly string[];
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly AutoRemove: boolean;
    readonly RestartPolicy: { readonly Name: string };
    readonly Init?: boolean;
    readonly CgroupParent?: string;
    readonly Ulimits?: readonly WireUlimit[];
    readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
}
