import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call, containers, followLives, type Inspected, removeContainers } from './engine.ts';
import type { Contender } from './contenders.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

const emptyPatienceMs = 300_000;
/** Removals at a time: more only stand in each other's way within the engine. */
const removalsAtOnce = 4;

/** What a crew fills, and how. */
export interface CrewOptions {
  readonly slots: number;
  /** Starts under way at a time. */
  readonly atOnce: number;
  /** Whether a slot whose container ended is filled again. */
  readonly refills: boolean;
}

/**
 * The least that keeps many slots filled: so many creations and starts at a time, of containers like this pilot; on the
 * event of an end the next, and what has ended is removed when no start waits. Its containers are beside the owner's, by
 * the engine's own default, and not in the pilots' idle class, in which their set-up would take longer.
 */
export function bareCrew(scene: Scene, pilot: Inspected, { slots, atOnce, refills }: CrewOptions): Contender {
  const { socket } = scene;
  const body = bodyLike(scene, pilot);
  const running = new Set<string>();
  const ended: string[] = [];
  const now = { empty: 0, starting: 0, removing: 0, over: true };
  let fault: Error | null = null;
  let stream: { close(): void } | null = null;
  const keep = (error: Error): void => {
    fault ??= error;
  };
  const startOne = async (): Promise<void> => {
    const { Id } = (await call(socket, 'POST', '/containers/create', body)) as { Id: string };
    running.add(Id);
    await call(socket, 'POST', `/containers/${Id}/start`);
  };
  const goOn = (): void => {
    while (!now.over && now.empty > 0 && now.starting < atOnce) {
      now.empty -= 1;
      now.starting += 1;
      void startOne()
        .catch(keep)
        .finally(() => {
          now.starting -= 1;
          goOn();
        });
    }
    while (now.starting === 0 && now.removing < removalsAtOnce) {
      const id = ended.pop();
      if (id === undefined) break;
      now.removing += 1;
      void removeContainers(socket, [id]).finally(() => {
        now.removing -= 1;
        goOn();
      });
    }
  };
  return {
    name: `bare API client, ${atOnce} at a time`,
    async begin() {
      now.over = false;
      fault = null;
      stream = await followLives(
        socket,
        ({ what, id }) => {
          if (what !== 'die' || !running.delete(id)) return;
          ended.push(id);
          if (refills) now.empty += 1;
          goOn();
        },
        keep,
      );
      now.empty = slots;
      goOn();
    },
    async end() {
      now.over = true;
      const isQuiet = (): boolean => now.starting === 0 && now.removing === 0;
      await waitFor('the bare client to be done', isQuiet, emptyPatienceMs, scene.signal);
      stream?.close();
      running.clear();
      ended.length = 0;
      await removeAll(scene);
      if (fault !== null) throw fault;
    },
  };
}

/** Removes every container of the engine, whoever's it is. */
export async function removeAll(scene: Scene): Promise<void> {
  const ids = [...(await containers(scene.socket, false))];
  const remover = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await removeContainers(scene.socket, [id]);
  };
  await Promise.all(Array.from({ length: removalsAtOnce }, remover));
}

/** Where a daemon's run folder has the folders of a pilot, as the source of a bind. */
const pilotsOwn = /^[^:]+\/pilots\/plancton-worker-[^:]+/;

/** A body of a creation that makes one like this pilot; a folder of the bench is bound in the place of the pilot's own ones. */
function bodyLike(scene: Scene, { Config, HostConfig }: Inspected): unknown {
  const bound = join(scene.folder, 'bound');
  mkdirSync(bound, { recursive: true });
  const { Hostname, Image, Cmd, User, StopSignal } = Config;
  const Binds = (HostConfig.Binds ?? []).map((bind) => bind.replace(pilotsOwn, bound));
  return { Hostname, Image, Cmd, User, StopSignal, HostConfig: { ...HostConfig, Binds, CgroupParent: '' } };
}
