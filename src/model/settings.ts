import type { FleetSource } from './fleet.ts';
import type { Kind } from './kind.ts';
import type { CpuClass } from './means.ts';
import type { Reserve } from './reserve.ts';
import type { Secret } from './secret.ts';
import type { SignSettings } from './signSettings.ts';

/** What an expression such as `max_docks` may speak of. */
export interface NodeFacts {
  readonly ncpus: number;
  readonly ram_bytes: number;
  readonly swap_bytes: number;
  readonly max_dock_mem: number;
  readonly max_dock_swap: number;
}

/** The limit on pilots, parsed once and evaluated for a node: `text` as written, or as the default has it. */
export interface PilotLimit {
  readonly text: string;
  readonly isDefault: boolean;
  /** A whole number, 0 or more; the default gives at least 1. Total: a fault that only this node shows is an Error. */
  evaluate(node: NodeFacts): number;
}

/** One InfluxDB database to write to. */
export interface InfluxTarget {
  /** The key of the configuration that names it. */
  readonly key: 'influxdb_url' | 'influxdb';
  /** Whose way of writing is spoken: that of InfluxDB 1.x, 2.x (also its clouds and clusters), or 3.x. */
  readonly api: 1 | 2 | 3;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Path prefix before `/write`, without a slash at its end; mostly empty. */
  readonly path: string;
  /** The database, or what stands for it in 2.x: the bucket. */
  readonly database: string;
  /** Name or id of the organization that the bucket is of; null where none is named. */
  readonly org: string | null;
  readonly username: string | null;
  readonly password: Secret | null;
  readonly token: Secret | null;
  readonly verifyCertificate: boolean;
  /** A file of certificates (PEM) that the server's own must be signed by; null: those that are trusted anyway. */
  readonly caFile: string | null;
  /** What every point bears beside its own tags. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The `engine:` section, or what stands for it. Null where the file says nothing. */
export interface EngineSettings {
  /** `unix:///path`, `tcp://host:port`, `http://…`, `https://…`. */
  readonly url: string | null;
  /** Name of a Docker context. */
  readonly context: string | null;
  readonly tls: {
    readonly ca: string | null;
    readonly cert: string | null;
    readonly key: string | null;
    readonly verify: boolean;
  } | null;
}

/** Where the daemon answers by HTTP. */
export interface ListenAddress {
  /** An IP address of this node; `::` or `0.0.0.0` for all of them. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A configuration in force, complete and checked: what is not in the file has its default. */
export interface Settings {
  readonly influxdb: readonly InfluxTarget[];
  /** Where what is known of all nodes is read; null: nowhere. */
  readonly fleet: FleetSource | null;
  readonly updateConfigMs: number;
  readonly imageExpirationMs: number;
  readonly mainSleepMs: number;
  readonly graceKillMs: number;
  readonly graceSpawnMs: number;
  readonly pilotLimit: PilotLimit;
  readonly startsPerLoop: number;
  readonly adoptUnlabelled: boolean;
  /** The class of the pilots' parent cgroup that is to be had, if it can be. */
  readonly cpuClass: CpuClass;
  readonly reserve: Reserve;
  /** Share of time, 0 to 1, in which the owner's tasks may wait for a CPU that a pilot has. */
  readonly ownerSlowdown: number;
  /** How long a pilot stays paused before it is evicted. */
  readonly maxPauseMs: number;
  /** Everything is decided and told, nothing is done. */
  readonly dryRun: boolean;
  /** Whether the node learns its week: what its owner takes, hour by hour. */
  readonly learn: boolean;
  readonly signs: SignSettings;
  readonly engine: EngineSettings;
  readonly logFormat: 'text' | 'json';
  /** Also to syslog (or the journal): `auto` where there is one. */
  readonly syslog: 'auto' | 'on' | 'off';
  /** Where the page and the metrics are; null: nowhere. */
  readonly listen: ListenAddress | null;
  /** Names, in small letters, by which they may be asked for beside the node's own. */
  readonly listenNames: readonly string[];
  /** Who may read there what pilots wrote: who asks from this node, whoever asks, or nobody. */
  readonly listenLogs: 'local' | 'all' | 'none';
  /** What pilots there are; at least one, each with a name of its own. */
  readonly kinds: readonly Kind[];
  /** What the keys at the top of the file say of a pilot, whether or not it is one of the kinds: `max_docks` speaks of its memory. */
  readonly topLevelKind: Kind;
  /** HS06 (or HEPscore) of the whole node, for what pilots are told; null where nobody measured it. */
  readonly hs06: number | null;
  /** Where the run folder is for the engine, when the daemon itself runs in a container; null: where it is for the daemon. */
  readonly hostRunFolder: string | null;
  /** How much of pilots' logs is kept, and for how long. */
  readonly logRetention: {
    readonly perPilotBytes: number;
    readonly allBytes: number;
    readonly ageMs: number;
  };
}
