import type { Kind } from './kind.ts';

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
}

/** All that the engine is told when it makes one pilot. */
export interface PilotSpec {
  readonly name: string;
  readonly hostname: string;
  readonly kind: Kind;
  readonly labels: Readonly<Record<string, string>>;
  /** The parent cgroup in the engine's own terms (`/plancton-1f2e3d4c`, `plancton-1f2e3d4c.slice`); null where it cannot be had. */
  readonly cgroupParent: string | null;
}

/** One event of a container's life. */
export interface ContainerEvent {
  readonly what: 'create' | 'start' | 'die' | 'remove' | 'pause' | 'unpause' | 'oom';
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exitCode: number | null;
  /** The engine's wall clock, milliseconds with fractions. */
  readonly atWallMs: number;
}

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
  /** The id of an image that is there locally, or null. */
  findImage(reference: string, signal: AbortSignal): Promise<string | null>;
  /** Fetches an image from its registry and gives its id. */
  pull(reference: string, signal: AbortSignal): Promise<string>;
  /**
   * Removes an image unless something uses it or a name refers to it; `ownName` is a name that may go with it. Tells
   * whether it is gone now.
   */
  removeImage(id: string, ownName: string | null, signal: AbortSignal): Promise<boolean>;
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
