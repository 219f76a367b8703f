import type { Engine } from '../../src/model/engine.ts';

/** A container as it is seen behind the adapter's back. */
export interface Seen {
  readonly name: string;
  readonly hostname: string;
  readonly user: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `created`, `running`, `paused`, `exited`, in the engine's own word. */
  readonly state: string;
  readonly cpuQuotaUs: number;
  readonly cpuPeriodUs: number;
  readonly memoryBytes: number;
  readonly memoryAndSwapBytes: number;
  readonly privileged: boolean;
  readonly binds: readonly string[];
  readonly devices: readonly string[];
  readonly capabilitiesAdded: readonly string[];
  readonly capabilitiesDropped: readonly string[];
  readonly cgroupParent: string;
  /** What its log may grow to before the oldest of it is dropped; 0 for no bound. */
  readonly mostLogBytes: number;
}

/** What the kernel holds a running container to. */
export interface Enforced {
  readonly memoryBytes: number;
  readonly cpuQuotaUs: number;
  readonly frozen: boolean;
  readonly pidsLimit: number;
  readonly oomScoreAdj: number;
}

/** A file system as a running container sees it. */
export interface SeenFolder {
  /** Its size (statfs(2)), which for one in memory is what it may grow to. */
  readonly bytes: number;
  readonly inMemory: boolean;
  readonly writable: boolean;
}

/** What a running container's first process has, by the kernel. */
export interface Inside {
  readonly env: Readonly<Record<string, string>>;
  /** Its name (`comm`). */
  readonly firstProcess: string;
  readonly openFiles: { readonly soft: number; readonly hard: number };
  /** The file system that holds a folder, by what happens to a file that is written there. */
  folder(path: string): SeenFolder;
  /** The text of a file. */
  read(path: string): string;
}

/** How a container that somebody else made differs from a pilot. */
export type Oddity = 'terminal' | 'unreadable';

/** An engine under the contract, and the other ways to look at it and to disturb it. */
export interface EngineHarness {
  readonly engine: Engine;
  readonly product: 'docker' | 'podman';
  readonly networkMode: string;
  /** The engine has an init program for containers. */
  readonly hasInit: boolean;
  /** What the engine was heard to warn of so far. */
  readonly warnings: readonly string[];
  /** A busybox image of the engine's own, and one with an anonymous volume. */
  readonly image: string;
  readonly volumeImage: string;
  /** An image that the registry has and the engine has not. */
  readonly pullable: string;
  /** A name in the same registry that it does not have. */
  readonly unpullable: string;
  /** The container as the engine holds it; null when there is none. */
  look(id: string): Promise<Seen | null>;
  enforced(id: string): Promise<Enforced>;
  inside(id: string): Promise<Inside>;
  /** Starts a container that somebody else made, with a terminal or a log that cannot be read; gives its id. */
  makeOdd(how: Oddity, command: readonly string[]): Promise<string>;
  /** The digest of `pullable` in the registry. */
  digestOfPullable(): Promise<string>;
  /** What a container has written so far. */
  output(id: string): Promise<string>;
  volumes(): Promise<readonly string[]>;
  imageIds(): Promise<readonly string[]>;
  /** Makes an image that has lost its name to a newer one; gives its id. */
  supersede(): Promise<string>;
  /** Ends the engine, so that subscriptions are lost; the last thing that is done with it. */
  loseEngine(): Promise<void>;
  stop(): Promise<void>;
}

/** What options of Docker's own logging drivers let a log grow to (they count `10m` in thousands); 0 for no bound. */
export function mostLogBytes(options: Readonly<Record<string, string>>): number {
  const megabytes = Number(/^(\d+)m$/.exec(options['max-size'] ?? '')?.[1] ?? 0);
  return megabytes * 1_000_000 * Number(options['max-file'] ?? 1);
}
