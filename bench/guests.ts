import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { runWords } from './contenders.ts';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { containers, inspect, type Inspected, removeContainers } from './engine.ts';
import { findTree, groupCpuMs, groupOf, removeParents } from './groups.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

const runFile = promisify(execFile);
const busyPatienceMs = 60_000;

/** What every guest runs: as much CPU as it can get, for ever. */
export const busyLoop = ['/bin/sh', '-c', 'while :; do :; done'];

/** Who runs beside the owner: a busy loop for each CPU, all of them at work when `arrive` resolves. */
export interface Guest {
  readonly name: string;
  arrive(): Promise<void>;
  /** CPU time that they have had, milliseconds. */
  cpuMs(): number;
  leave(): Promise<void>;
}

/** Keys of the configuration for a busy pilot on each CPU; nothing is kept back, the rest are defaults. */
export const fullNode = {
  docker_cmd: busyLoop,
  max_docks: 'ncpus',
  docks_per_loop: availableParallelism(),
  cpus_per_dock: 1,
  max_dock_mem: '64MiB',
};

/** A guest that is a daemon's. */
export interface PlanctonGuest extends Guest {
  /** What is here; throws before the first arrival. */
  readonly daemon: () => Daemon;
  /** One of the pilots, as the engine told it when they had arrived. */
  readonly pilot: () => Inspected;
}

/** A daemon that is new at each arrival: between two of them there is nothing of it on the machine. */
export function planctonGuest(scene: Scene): PlanctonGuest {
  let [daemon, pilot]: [Daemon | null, Inspected | null] = [null, null];
  let cpuMs = (): number => 0;
  return {
    name: 'Plancton',
    async arrive() {
      daemon = await startDaemon(scene, fullNode);
      await waitForPilots(scene, daemon, availableParallelism());
      [pilot = null] = await running(scene);
      // Their parent's group: it also holds what pilots had that are gone, and those that are to come.
      cpuMs = cpuMeter([dirname(groupOf(present(pilot).State.Pid, findTree('cpuacct')))]);
      await becomeBusy(scene, cpuMs);
    },
    cpuMs: () => cpuMs(),
    daemon: () => present(daemon),
    pilot: () => present(pilot),
    async leave() {
      await daemon?.stop();
      if (pilot !== null) removeParents(pilot.HostConfig.CgroupParent);
    },
  };
}

function present<T>(it: T | null): T {
  if (it === null) throw new Error('no pilots have arrived');
  return it;
}

/** Containers of plain `docker run` with a pilot's limits, and further options. `pilot` is asked for at each arrival. */
export function dockerRunGuest(scene: Scene, options: readonly string[], pilot: () => Inspected): Guest {
  let cpuMs = (): number => 0;
  return {
    name: ['docker run', ...options].join(' '),
    async arrive() {
      const [verb = 'run', ...words] = runWords(pilot());
      const args = ['-H', `unix://${scene.socket}`, verb, '--detach', ...options, ...words];
      for (let one = 0; one < availableParallelism(); one += 1) {
        await runFile(scene.docker, args, { env: scene.env, signal: scene.signal });
      }
      const tree = findTree('cpuacct');
      cpuMs = cpuMeter((await running(scene)).map(({ State }) => groupOf(State.Pid, tree)));
      await becomeBusy(scene, cpuMs);
    },
    cpuMs: () => cpuMs(),
    leave: async () => removeContainers(scene.socket, await containers(scene.socket, false)),
  };
}

async function running({ socket }: Scene): Promise<readonly Inspected[]> {
  const ids = await containers(socket, true);
  return Promise.all(ids.map((id) => inspect(socket, id)));
}

/** Sums the CPU time of groups; one that has gone keeps what it had. */
function cpuMeter(folders: readonly string[]): () => number {
  const tree = findTree('cpuacct');
  const had = new Map(folders.map((folder) => [folder, 0]));
  return () => {
    for (const folder of folders) {
      try {
        had.set(folder, groupCpuMs(folder, tree));
      } catch {
        // It went with its container.
      }
    }
    return [...had.values()].reduce((sum, one) => sum + one, 0);
  };
}

async function becomeBusy(scene: Scene, cpuMs: () => number): Promise<void> {
  const beginMs = cpuMs();
  // A guest that never works would disturb nobody.
  await waitFor('the guests to be at work', () => cpuMs() - beginMs > 300, busyPatienceMs, scene.signal);
}
