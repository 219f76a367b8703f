import { existsSync } from 'node:fs';
import type { Pressures, StallCounters } from '../model/host.ts';
import { mapReading, type Reading, readingOr, unknown } from '../model/reading.ts';
import type { GroupFolders } from './groups.ts';
import { readCpuMs, readPressure, sumOver } from './groupUse.ts';
import { RunningSum } from './runningSum.ts';

/** Why nothing is known of pilots that cannot be told apart from the owner. */
export const noParent = 'the pilots have no parent cgroup of their own';

/** What all pilots of the node used and waited for, as counters that never go back, whichever pilots come and go. */
export class PilotCounters {
  readonly #cpu = new RunningSum<number>((ms) => [ms]);
  readonly #cpuStalls = new PilotStalls('cpu');
  readonly #memoryStalls = new PilotStalls('memory');
  readonly #ioStalls = new PilotStalls('io');

  /** CPU time in milliseconds. */
  cpuMs(version: 1 | 2, { cpu }: GroupFolders): Reading<number> {
    if (cpu === null) return unknown(noParent);
    const used = cpu.map((folder) => ifThere(folder, readCpuMs(version, folder)));
    return mapReading(this.#cpu.next(cpu, used), ([ms = 0]) => ms);
  }

  /**
   * The stalls of all groups added up, which is at least what their union would tell. Pilots that use CPU without any
   * group in the v2 tree have stalls that nobody counts. `node` is what the node's own files said just before.
   */
  stalls(version: 1 | 2, { cpu, pressure }: GroupFolders, node: Pressures): Pressures {
    if (pressure === null) return allUnknown('the pilots have no pressure files');
    const stalls = {
      cpu: this.#cpuStalls.next(pressure, node.cpu),
      memory: this.#memoryStalls.next(pressure, node.memory),
      io: this.#ioStalls.next(pressure, node.io),
    };
    return this.#ioStalls.areNowhere && haveRun(version, cpu)
      ? allUnknown('the pilots have no groups in the v2 tree')
      : stalls;
  }
}

/** The stalls of all pilots' groups for one resource. */
class PilotStalls {
  readonly #resource: keyof Pressures;
  readonly #sum = new RunningSum<StallCounters>(({ someMs, fullMs }) => [someMs, fullMs]);
  #folders: readonly string[] | null = null;
  #node: Reading<StallCounters> = unknown('not read yet');
  #told: Reading<StallCounters> = unknown('not read yet');
  /** None of the groups was there when they were last read. */
  areNowhere = false;

  constructor(resource: keyof Pressures) {
    this.#resource = resource;
  }

  /** Whoever waits in a group waits on the node: where the node's counters stand still, so do those of all groups. */
  next(folders: readonly string[], node: Reading<StallCounters>): Reading<StallCounters> {
    const standsStill = folders === this.#folders && isSameTotal(this.#node, node);
    if (!standsStill || !this.#told.known) this.#told = this.#read(folders);
    this.#folders = folders;
    this.#node = node;
    return this.#told;
  }

  #read(folders: readonly string[]): Reading<StallCounters> {
    const each = folders.map((folder) => ifThere(folder, readPressure(folder, this.#resource, '.pressure')));
    this.areNowhere = each.every((reading) => reading === null);
    return mapReading(this.#sum.next(folders, each), ([someMs = 0, fullMs = 0]) => ({ someMs, fullMs }));
  }
}

function isSameTotal(before: Reading<StallCounters>, now: Reading<StallCounters>): boolean {
  if (!before.known || !now.known) return false;
  return before.value.someMs === now.value.someMs && before.value.fullMs === now.value.fullMs;
}

/** Null for a group that could not be read because it is not there. */
function ifThere<T>(folder: string, reading: Reading<T>): Reading<T> | null {
  return reading.known || existsSync(folder) ? reading : null;
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
