import { existsSync } from 'node:fs';
import type { Pressures, StallCounters } from '../model/host.ts';
import { mapReading, type Reading, readingOr, unknown } from '../model/reading.ts';
import type { GroupFolders } from './groups.ts';
import { readCpuMs, readPressures, sumOver } from './groupUse.ts';
import { RunningSum } from './runningSum.ts';

/** Why nothing is known of pilots that cannot be told apart from the owner. */
export const noParent = 'the pilots have no parent cgroup of their own';

/** What all pilots of the node used and waited for, as counters that never go back, whichever pilots come and go. */
export class PilotCounters {
  readonly #cpu = new RunningSum(1);
  readonly #stalls = { cpu: new RunningSum(2), memory: new RunningSum(2), io: new RunningSum(2) };

  /** CPU time in milliseconds. */
  cpuMs(version: 1 | 2, { cpu }: GroupFolders): Reading<number> {
    if (cpu === null) return unknown(noParent);
    const groups = cpu.map((folder) => {
      const used = readCpuMs(version, folder);
      const isThere = used.known || existsSync(folder);
      return [folder, isThere ? mapReading(used, (ms) => [ms]) : null] as const;
    });
    return mapReading(this.#cpu.next(new Map(groups)), ([ms = 0]) => ms);
  }

  /**
   * The stalls of all groups added up, which is at least what their union would tell. Pilots that use CPU without any
   * group in the v2 tree have stalls that nobody counts.
   */
  stalls(version: 1 | 2, { cpu, pressure }: GroupFolders): Pressures {
    if (pressure === null) return allUnknown('the pilots have no pressure files');
    const groups = pressure.map((folder) => {
      const stalls = readPressures(folder, '.pressure');
      return [folder, stalls.io.known || existsSync(folder) ? stalls : null] as const;
    });
    if (groups.every(([, stalls]) => stalls === null) && haveRun(version, cpu))
      return allUnknown('the pilots have no groups in the v2 tree');
    const sumOf = (resource: keyof Pressures): Reading<StallCounters> => {
      const each = groups.map(
        ([folder, stalls]) =>
          [folder, stalls && mapReading(stalls[resource], ({ someMs, fullMs }) => [someMs, fullMs])] as const,
      );
      const sum = this.#stalls[resource].next(new Map(each));
      return mapReading(sum, ([someMs = 0, fullMs = 0]) => ({ someMs, fullMs }));
    };
    return { cpu: sumOf('cpu'), memory: sumOf('memory'), io: sumOf('io') };
  }
}

/** Whether pilots that are there now have used CPU, as far as can be told. */
function haveRun(version: 1 | 2, folders: readonly string[] | null): boolean {
  return (
    folders === null ||
    readingOr(
      sumOver(folders, (folder) => readCpuMs(version, folder)),
      1,
    ) > 0
  );
}

/** Pressures that cannot be told, for one reason. */
export function allUnknown(reason: string): Pressures {
  return { cpu: unknown(reason), memory: unknown(reason), io: unknown(reason) };
}
