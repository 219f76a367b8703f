import { existsSync } from 'node:fs';
import { foreignClass, type ParentClass } from '../act/parentClass.ts';
import { realSurroundings, removeEmptyParent, setUpParent, watchParent } from '../daemon/parentSetUp.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Settings } from '../model/settings.ts';
import { parentFor, weighedGroup } from '../sample/pilotsParent.ts';

/** Where a pilot that is tried runs, among the daemon's pilots. */
export interface TryParent {
  /** The parent cgroup in the engine's terms; null where the engine puts it where it likes. */
  readonly cgroup: string | null;
  readonly parent: ParentClass;
  /** Its class and where that is set, in a line for a person. */
  readonly words: string;
  /** Takes the parent away where it was made for this. */
  close(): void;
}

/** The parent cgroup of the daemon's pilots, in the class that the daemon gives it: there already, or made as it makes it. */
export async function tryParent(
  info: EngineInfo,
  instance: string,
  { cpuClass, dryRun }: Pick<Settings, 'cpuClass' | 'dryRun'>,
  signal: AbortSignal,
): Promise<TryParent> {
  const around = realSurroundings(instance);
  const folder = weighedGroup(around.mounts(), info, instance)?.cpuFolder ?? null;
  const wasThere = folder !== null && existsSync(folder);
  const cost = { nowMs: () => performance.now(), cpuCount: info.cpuCount, pilotsCpuMs: () => null };
  const parent = dryRun
    ? watchParent(info, cpuClass, around)
    : await setUpParent(info, cpuClass, around, cost, signal).catch((error: Error) =>
        foreignClass(cpuClass, error.message),
      );
  const cgroup = parentFor(info, instance);
  const had = `It runs in the CPU class "${parent.cpuClass}"`;
  return {
    cgroup,
    parent,
    words:
      cgroup === null ? `${had}: ${parent.detail}` : `${had} (${parent.detail}), as the daemon's pilots do`,
    close() {
      if (!wasThere) removeEmptyParent(info, instance);
    },
  };
}
