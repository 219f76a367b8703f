import { spawn } from 'node:child_process';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import {
  call,
  containers,
  followLives,
  inspect,
  type Inspected,
  type LifeEvent,
  removeContainers,
} from './engine.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

const emptyPatienceMs = 60_000;

/** Somebody who keeps slots filled: the daemon, or what it is compared with. */
export interface Contender {
  readonly name: string;
  /** Begins to fill slots. */
  begin(): Promise<void>;
  /** Ends; afterwards the engine has no container. */
  end(): Promise<void>;
}

/** The daemon takes its turns by `resume` and `drain`; it runs all the while, as it does on a node. */
export function planctonContender(scene: Scene, daemon: Daemon): Contender {
  return {
    name: 'Plancton',
    begin: () => daemon.command('resume'),
    async end() {
      await daemon.command('drain');
      await waitForNone(scene);
    },
  };
}

/** One shell loop of `docker run --rm` for each slot, with the limits that the pilots have. */
export function shellLoopContender(scene: Scene, slotCount: number, pilot: Inspected): Contender {
  const loop = 'while :; do "$@"; done';
  const words = [scene.docker, '-H', `unix://${scene.socket}`, ...runWords(pilot)];
  let shells: readonly number[] = [];
  const kill = (): void => {
    // The shell leads a group of its own: its `docker run` goes with it.
    for (const pid of shells) process.kill(-pid, 'SIGKILL');
    shells = [];
  };
  scene.defer(kill);
  return {
    name: 'docker run --rm',
    begin: async () => {
      scene.signal.throwIfAborted();
      shells = Array.from({ length: slotCount }, () => {
        const options = { detached: true, stdio: 'ignore', env: scene.env } as const;
        return spawn('/bin/sh', ['-c', loop, 'sh', ...words], options).pid ?? 0;
      }).filter((pid) => pid > 0);
    },
    async end() {
      kill();
      await removeContainers(scene.socket, await containers(scene.socket, false));
      await waitForNone(scene);
    },
  };
}

/** The `docker run` that makes a container with a pilot's limits, init and network. */
export function runWords({ Config, HostConfig }: Inspected): readonly string[] {
  return [
    'run',
    '--rm',
    ...(HostConfig.Init === true ? ['--init'] : []),
    `--cpu-period=${HostConfig.CpuPeriod}`,
    `--cpu-quota=${HostConfig.CpuQuota}`,
    `--memory=${HostConfig.Memory}`,
    `--memory-swap=${HostConfig.MemorySwap}`,
    `--network=${HostConfig.NetworkMode}`,
    `--user=${Config.User}`,
    Config.Image,
    ...Config.Cmd,
  ];
}

/** The least that refills a slot: on the event of its end, create and start the next; the old one is removed afterwards. */
export function bareClientContender(scene: Scene, pilot: Inspected): Contender {
  const { socket } = scene;
  const { Hostname, Image, Cmd, User, StopSignal } = pilot.Config;
  const body = { Hostname, Image, Cmd, User, StopSignal, HostConfig: pilot.HostConfig };
  let running = '';
  let over = true;
  let fault: Error | null = null;
  let stream: { close(): void } | null = null;
  const next = async (): Promise<void> => {
    const { Id } = (await call(socket, 'POST', '/containers/create', body)) as { Id: string };
    running = Id;
    await call(socket, 'POST', `/containers/${Id}/start`);
  };
  const refill = async (event: LifeEvent): Promise<void> => {
    if (over || event.what !== 'die' || event.id !== running) return;
    await next();
    await removeContainers(socket, [event.id]);
  };
  const keep = (error: Error): void => {
    fault ??= error;
  };
  return {
    name: 'bare API client',
    async begin() {
      over = false;
      stream = await followLives(socket, (event) => void refill(event).catch(keep), keep);
      await next();
    },
    async end() {
      over = true;
      stream?.close();
      await waitFor(
        'the last container to end',
        async () => (await containers(socket, true)).length === 0,
        emptyPatienceMs,
        scene.signal,
      );
      await removeContainers(socket, await containers(socket, false));
      if (fault !== null) throw fault;
    },
  };
}

/** Starts a daemon, sees its pilots run, and drains it: ready for turns. Gives a pilot of it as the engine tells it. */
export async function readyDaemon(
  scene: Scene,
  keys: Readonly<Record<string, unknown>>,
  pilots: number,
): Promise<{ daemon: Daemon; contender: Contender; pilot: Inspected }> {
  const daemon = await startDaemon(scene, { ...keys, max_docks: pilots });
  await waitForPilots(scene, daemon, pilots);
  const [first = ''] = await containers(scene.socket, true);
  const pilot = await inspect(scene.socket, first);
  const contender = planctonContender(scene, daemon);
  await contender.end();
  return { daemon, contender, pilot };
}

async function waitForNone(scene: Scene): Promise<void> {
  const none = async (): Promise<boolean> => (await containers(scene.socket, false)).length === 0;
  await waitFor('the engine to be empty', none, emptyPatienceMs, scene.signal);
}
