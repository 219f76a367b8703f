import type { Bind, Kind } from './kind.ts';

/** Which engine answers, and what it can do. */
export interface EngineInfo {
  readonly product: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  /** CPUs and memory of the machine the engine runs on. */
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | 'none';
  readonly cgroupVersion: 1 | 2;
  readonly rootless: boolean;
  /** The engine runs on this node (a unix socket), so that this node's kernel files speak of its containers. */
  readonly local: boolean;
  readonly selinux: boolean;
  readonly apparmor: boolean;
  readonly hasInit: boolean;
  /** Where the engine keeps images and containers. */
  readonly dataFolder: string;
  /** Where it puts what containers write, unless told otherwise (`json-file`, `journald`); empty where it does not tell. */
  readonly loggingDriver: string;
}

/** A container as a listing tells it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'created' | 'running' | 'paused' | 'ended';
}

/** A container as an inspection tells it; times are the engine's wall clock, null where they never happened. */
export interface ContainerDetail extends ContainerSummary {
  /** Process id of its first process on the engine's machine; null unless it runs. */
  readonly pid: number | null;
  readonly startedAtWallMs: number | null;
  readonly endedAtWallMs: number | null;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** What the engine says went wrong when it was started; empty when nothing did. */
  readonly startError: string;
  /** The file on this node that the engine writes its log to; null where there is none, or on another machine. */
  readonly logPath: string | null;
}

/** All that the engine is told when it makes one pilot. */
export interface PilotSpec {
  readonly name: string;
  readonly hostname: string;
  readonly kind: Kind;
  /** Its whole environment, the kind's own variables included; a value is never logged, it may be a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of ours that it gets beside the kind's binds; where SELinux is on they are labelled for all pilots (`z`). */
  readonly binds: readonly Bind[];
  /** Labels of ours: they win over labels of the kind that have the same name. */
  readonly labels: Readonly<Record<string, string>>;
  /** The parent cgroup in the engine's own terms (`/plancton-1f2e3d4c`, `plancton-1f2e3d4c.slice`); null where it cannot be had. */
  readonly cgroupParent: string | null;
}

/** One event of a container's life. */
export interface ContainerEvent {
  /** `kill`: the engine sent it a signal, at somebody's order or as it goes itself. Podman does not tell it of a stop. */
  readonly what: 'create' | 'start' | 'die' | 'remove' | 'pause' | 'unpause' | 'oom' | 'kill';
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exitCode: number | null;
  /** The engine's wall clock, milliseconds with fractions. */
  readonly atWallMs: number;
}

/** Which stream of a container wrote something; all that is written to a terminal is `stdout`. */
export type LogStream = 'stdout' | 'stderr';

/** What of a container's log is wanted. */
export interface LogOptions {
  /** Goes on with what is written next, until the container ends. */
  readonly follow: boolean;
  /**
   * Of what has been written when it is asked, only the last so many bytes, cut where they begin, be it within a line.
   * They are held in memory until all has been read, twice over: ask for little. Null: all, as it comes, nothing is held.
   */
  readonly tailBytes: number | null;
  /** Only what was written at this time or later, by the engine's wall clock, to the millisecond. */
  readonly sinceWallMs?: number;
}

/** Takes bytes of a log as they come, cut anywhere; when it gives a promise, no more is read until that is settled. */
export type OnLogChunk = (stream: LogStream, bytes: Uint8Array) => void | Promise<void>;

/** What went wrong between us and an engine, in the few ways that we treat differently. */
export type EngineFault =
  | 'unreachable'
  | 'denied'
  | 'timeout'
  | 'aborted'
  | 'not-found'
  | 'conflict'
  | 'rejected'
  | 'failed';

/** The one error type that leaves the engine room. `message` is one line: what, to what, why. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly fault: EngineFault;
  readonly statusCode: number | null;

  constructor(fault: EngineFault, message: string, options: { cause?: unknown; statusCode?: number } = {}) {
    super(message, { cause: options.cause });
    this.fault = fault;
    this.statusCode = options.statusCode ?? null;
  }
}

/** Which containers a listing is about. */
export interface ListFilter {
  /** `label` or `label=value`: all must match. */
  readonly labels?: readonly string[];
  /** Only containers whose name starts with this. */
  readonly namePrefix?: string;
}

/** How far a pull is: layers that are known, and what of those whose size is known has come. */
export interface PullProgress {
  readonly layers: number;
  readonly layersDone: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * A container engine. Each call takes a signal and has a deadline of its own; each rejects with `EngineError` only.
 * Calls that would change nothing (starting what runs, stopping what has ended, removing what is gone) succeed.
 */
export interface Engine {
  /** Where it is, fit for printing: never a secret. */
  readonly endpoint: string;
  /** Asks who answers and settles the API version; to be called before any other and after an outage. */
  connect(signal: AbortSignal): Promise<EngineInfo>;
  /** Every container, running or not, that matches. */
  list(filter: ListFilter, signal: AbortSignal): Promise<ContainerSummary[]>;
  inspect(id: string, signal: AbortSignal): Promise<ContainerDetail>;
  /** Makes a container without starting it; gives its id. */
  create(spec: PilotSpec, signal: AbortSignal): Promise<string>;
  start(id: string, signal: AbortSignal): Promise<void>;
  /** Gives notice by the stop signal, and kills after `graceMs`; resolves when it has ended. Thaws a paused one. */
  stop(id: string, graceMs: number, signal: AbortSignal): Promise<void>;
  /** Sends SIGKILL. */
  kill(id: string, signal: AbortSignal): Promise<void>;
  pause(id: string, signal: AbortSignal): Promise<void>;
  unpause(id: string, signal: AbortSignal): Promise<void>;
  /** Changes how many CPUs a running or paused container may use, live; fractions allowed. */
  throttle(id: string, cpus: number, signal: AbortSignal): Promise<void>;
  /** Removes a container, killing it if it runs, with its anonymous volumes. */
  remove(id: string, signal: AbortSignal): Promise<void>;
  /**
   * Reads what a container has written, whether it runs or has ended; the order of bytes holds within a stream. Resolves
   * when all has been told: following, when the container has ended or `signal` aborts. Rejects with `rejected` where
   * its log cannot be read (drivers such as `none`), and with whatever `onChunk` fails with, as it is.
   */
  logs(id: string, options: LogOptions, onChunk: OnLogChunk, signal: AbortSignal): Promise<void>;
  /** The id of an image that is there locally, or null. */
  findImage(reference: string, signal: AbortSignal): Promise<string | null>;
  /**
   * The digest (`sha256:…`) that an image has in the registry that it came from; null for one that is not there, or came
   * from none. Podman gives a digest to images that never were in a registry, too.
   */
  imageDigest(id: string, signal: AbortSignal): Promise<string | null>;
  /** Fetches an image from its registry and gives its id. `onProgress` is told how far it is, where the engine tells that. */
  pull(
    reference: string,
    signal: AbortSignal,
    onProgress?: (progress: PullProgress) => void,
  ): Promise<string>;
  /**
   * Removes an image unless something uses it or a name refers to it; `ownName` is a name that may go with it. Tells
   * whether it is gone now.
   */
  removeImage(id: string, ownName: string | null, signal: AbortSignal): Promise<boolean>;
  /**
   * When the first event happened that it remembers of all since it began, Unix milliseconds by its clock; the time at
   * which it is asked where there was none. What happened to containers before that, happened before it began. Null where
   * it has forgotten earlier ones, or remembers those of before its beginning.
   */
  firstEventMs(signal: AbortSignal): Promise<number | null>;
  /**
   * Follows container events of containers with this label. `onReady` is called once the engine has accepted the
   * subscription: list then, so that nothing falls between. Resolves when the engine ends the stream or `signal`
   * aborts, rejects when it breaks.
   */
  follow(
    label: string,
    onReady: () => void,
    onEvent: (event: ContainerEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
