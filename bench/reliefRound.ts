import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { containers, inspect } from './engine.ts';
import { findTree, groupOf, makeGroup, removeGroup, removeParents, setValue, type Tree } from './groups.ts';
import { loadMachine } from './load.ts';
import { atHandNow, availableNow, type Look, pageBytes } from './memoryLooks.ts';
import { ownerHoard } from './owners.ts';
import type { Scene } from './scene.ts';
import { pause, waitFor } from './waits.ts';

/** The shortage that is made: what pilots hold, and what the owner takes of it. */
export const shortage = {
  pilots: 4,
  pilotBytes: 400e6,
  /** What is left above the reserve when the owner begins. */
  marginBytes: 500e6,
  ownerBytes: 1500e6,
  bytesPerSecond: 500e6,
  graceSeconds: 2,
} as const;

const fillPatienceMs = 120_000;
const reliefPatienceMs = 60_000;
const lookEveryMs = 20;
/** So long must there be enough again. */
const calmMs = 3000;
/** Less than this available is not to be played with. */
const leastAvailableBytes = 6e9;

/** What a round saw. */
export interface ReliefRound {
  readonly looks: readonly Look[];
  readonly reserveBytes: number;
}

/**
 * Lets pilots fill memory, sets the reserve a little below what is left, and lets an owner take more than that; looks
 * until there has been enough again for some seconds. The pilots ignore the stop signal. `isLoaded`: something of the
 * owner's keeps every CPU busy meanwhile. Rejects when memory does not come back, and where the machine has too little of
 * it to try.
 */
export async function reliefRound(scene: Scene, isLoaded: boolean): Promise<ReliefRound> {
  if (availableNow() < leastAvailableBytes) {
    throw new Error(`less than ${leastAvailableBytes / 1e9} GB of memory are available`);
  }
  const tree = findTree('memory');
  const { daemon, parent, leave } = await pilotsWithMemory(scene, tree);
  let endLoad: () => void = () => undefined;
  try {
    const reserveBytes = availableNow() - shortage.marginBytes;
    await daemon.configure({ reserve: { memory: reserveBytes } });
    if (isLoaded) endLoad = loadMachine(reliefPatienceMs);
    return { looks: await watchOwner(scene, tree, parent, reserveBytes), reserveBytes };
  } finally {
    endLoad();
    if (!scene.signal.aborted) await leave();
  }
}

/** A daemon whose pilots hold all the memory that they want. */
async function pilotsWithMemory(
  scene: Scene,
  tree: Tree,
): Promise<{ daemon: Daemon; parent: string; readonly leave: () => Promise<void> }> {
  const { pilots, pilotBytes, graceSeconds } = shortage;
  const hold = `trap '' TERM; (head -c ${pilotBytes} /dev/zero; sleep 100000) | tail -c ${pilotBytes} >/dev/null`;
  const daemon = await startDaemon(scene, {
    docker_cmd: ['/bin/sh', '-c', hold],
    max_docks: pilots,
    // This is about memory alone: a node that is busy keeps nobody from it.
    cpus_per_dock: 0.05,
    owner_slowdown: '100%',
    max_dock_mem: '600MB',
    stop_grace: graceSeconds,
  });
  await waitForPilots(scene, daemon, pilots);
  const [id = ''] = await containers(scene.socket, true);
  const { State, HostConfig } = await inspect(scene.socket, id);
  const parent = dirname(groupOf(State.Pid, tree));
  const filled = (): boolean => groupBytes(parent, tree) > 0.98 * pilots * pilotBytes;
  await waitFor('pilots to fill their memory', filled, fillPatienceMs, scene.signal);
  const leave = async (): Promise<void> => {
    await daemon.stop();
    removeParents(HostConfig.CgroupParent);
  };
  return { daemon, parent, leave };
}

/** Looks on while an owner takes his memory, until there is enough again. */
async function watchOwner(
  scene: Scene,
  tree: Tree,
  parent: string,
  reserveBytes: number,
): Promise<readonly Look[]> {
  const { ownerBytes, bytesPerSecond } = shortage;
  const group = boundedGroup(tree, 1.5 * ownerBytes);
  scene.defer(() => void removeGroup(group));
  const enough = new AbortController();
  const signal = AbortSignal.any([scene.signal, enough.signal]);
  // He is ended before his time.
  const gone = ownerHoard(ownerBytes, bytesPerSecond, Date.now() + reliefPatienceMs, group, signal);
  const beginMs = performance.now();
  const takenMs = (ownerBytes / bytesPerSecond) * 1000 + calmMs;
  const looks: Look[] = [];
  try {
    for (let calmSinceMs = 0, nowMs = 0; nowMs < takenMs || nowMs - calmSinceMs < calmMs; ) {
      if (nowMs > reliefPatienceMs) throw new Error('memory did not come back above the reserve');
      await pause(lookEveryMs, scene.signal);
      const pilots = (await containers(scene.socket, true)).length;
      const [availableBytes, atHandBytes] = [availableNow(), atHandNow()];
      const pilotsBytes = groupBytes(parent, tree);
      nowMs = performance.now() - beginMs;
      const ownersBytes = groupBytes(group, tree);
      looks.push({ atMs: nowMs, availableBytes, atHandBytes, pilotsBytes, ownerBytes: ownersBytes, pilots });
      if (availableBytes < reserveBytes) calmSinceMs = nowMs;
    }
    if (groupBytes(group, tree) < ownerBytes)
      throw new Error('the owner did not get the memory he asked for');
    return looks;
  } finally {
    enough.abort();
    await gone;
    await waitFor('the owner’s group to be empty', () => removeGroup(group), 10_000, scene.signal);
  }
}

/** Memory that a group and all below it use; none when it is gone. */
function groupBytes(folder: string, { version }: Tree): number {
  try {
    return Number(
      readFileSync(join(folder, version === 1 ? 'memory.usage_in_bytes' : 'memory.current'), 'utf8'),
    );
  } catch {
    return 0;
  }
}

/** A group of the bench's own that can have no more than this: the machine outlives what is done in it. */
function boundedGroup(tree: Tree, bytes: number): string {
  const folder = makeGroup(tree, 'owner');
  const pages = Math.ceil(bytes / pageBytes) * pageBytes;
  setValue(folder, tree.version === 1 ? 'memory.limit_in_bytes' : 'memory.max', String(pages));
  return folder;
}
