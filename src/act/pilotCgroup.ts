import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../model/engine.ts';
import { write } from './kernelValue.ts';
import type { ParentClass } from './parentClass.ts';
import { firstProcess, processesBelow, refuseForeign, signalProcess } from './pilotProcesses.ts';

/** The folders of one pilot's cgroup: one in a unified tree, one in each v1 tree, or both on a hybrid node. */
export interface PilotTrees {
  readonly unified: string | null;
  readonly legacy: readonly string[];
}

/** How long the kernel may take over ending a pilot's processes: those that wait for a disk end when it answers. */
const killDeadlineMs = 5000;
const killPollMs = 10;
/** How often it is looked whether a pilot has heeded its notice. */
const noticePollMs = 100;
/** The most that a group can weigh beside its siblings, and no limit of its own (sched(7), cgroup-v2.rst). */
const unhindered = [
  ['cpu.shares', '262144'],
  ['cpu.cfs_quota_us', '-1'],
  ['cpu.weight', '10000'],
  ['cpu.max', 'max'],
] as const;

/** How a pilot is told to go: by the signal of this name, and how long it has then. */
export interface Notice {
  readonly graceMs: number;
  readonly signal: string;
}

/**
 * Gives a pilot notice by a signal to its first process, thaws it where it is frozen, and ends what is left of it after
 * its grace, all with no engine in the path. Resolves when its memory is free; rejects with `rejected` when its cgroup or
 * its first process cannot be found below a parent of ours, and nothing was done.
 *
 * Its end costs CPU time, a second for some gigabytes, and a guest of the idle class beside a busy owner has none: its
 * memory would stay for as long as he is busy (measured: 27 s instead of 0.05 s). So pilots are equals for a moment at
 * its notice, within the budget of starts, and at its kill, whatever that costs; and then its weight makes the moment its
 * own, not its neighbours'. Not before: its grace may be an hour, in which it is a pilot like any other.
 */
export async function endThroughCgroup(
  trees: PilotTrees,
  id: string,
  notice: Notice,
  parent: Pick<ParentClass, 'lifted' | 'liftedForOwner'>,
  signal: AbortSignal,
): Promise<void> {
  const folders = presentFolders(trees, id, 'end');
  const first = firstProcess(folders.flatMap(processesBelow), id);
  if (first === null)
    throw new EngineError('rejected', `cannot end container ${id}: its first process cannot be told`);
  signalProcess(first, id, notice.signal);
  thaw(folders);
  const isOver = await parent.lifted(() => endsWithin(notice.graceMs, folders, id, signal));
  if (isOver) return;
  unhinder(folders);
  await parent.liftedForOwner(() => killAll(folders, id, signal));
}

/**
 * Ends every process of a pilot, with no engine in the path, and waits until their memory is free. Nothing is done unless
 * every folder is that of this pilot below a parent of ours, and one that has none there is refused: it has ended, or its
 * engine put it elsewhere (what the original left), and then it is alive.
 */
export async function killThroughCgroup(
  trees: PilotTrees,
  id: string,
  parent: Pick<ParentClass, 'liftedForOwner'>,
  signal: AbortSignal,
): Promise<void> {
  const folders = presentFolders(trees, id, 'kill');
  unhinder(folders);
  await parent.liftedForOwner(() => killAll(folders, id, signal));
}

async function killAll(folders: readonly string[], id: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + killDeadlineMs;
  for (;;) {
    for (const folder of folders) write(join(folder, 'cgroup.kill'), '1');
    const pids = new Set(folders.flatMap(processesBelow));
    for (const pid of pids) signalProcess(pid, id, 'SIGKILL');
    // A v1 freezer holds back even SIGKILL; whoever it thaws now has it waiting.
    thaw(folders);
    if (pids.size === 0) return;
    if (performance.now() > deadlineMs) {
      const message = `cannot kill container ${id}: ${pids.size} of its processes do not end (waiting for a disk?)`;
      throw new EngineError('timeout', message);
    }
    await pause(killPollMs, id, signal);
  }
}

/** Whether a pilot ends by itself within its grace. */
async function endsWithin(
  graceMs: number,
  folders: readonly string[],
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const untilMs = performance.now() + graceMs;
  for (;;) {
    if (folders.every((folder) => processesBelow(folder).length === 0)) return true;
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) return false;
    await pause(Math.min(noticePollMs, leftMs), id, signal);
  }
}

async function pause(forMs: number, id: string, signal: AbortSignal): Promise<void> {
  await wait(forMs, undefined, { signal }).catch(() => {
    throw new EngineError('aborted', `cannot kill container ${id}: given up on request`);
  });
}

/** The folders of a pilot's cgroup that are there; throws where one is not its own, or none is there. */
function presentFolders({ unified, legacy }: PilotTrees, id: string, verb: string): readonly string[] {
  const folders = [...legacy, ...(unified === null ? [] : [unified])];
  for (const folder of folders) refuseForeign(folder, id);
  const present = folders.filter((folder) => existsSync(folder));
  if (present.length > 0) return present;
  const places = [...new Set(folders.map(dirname))].join(', ');
  const message = `cannot ${verb} container ${id} through its cgroup, which is not in ${places}: it has ended, or it lives elsewhere`;
  throw new EngineError('rejected', message);
}

/** A pilot that is killed has the first claim on what pilots get. Which of the files are there depends on the kernel. */
function unhinder(folders: readonly string[]): void {
  for (const folder of folders) for (const [file, value] of unhindered) write(join(folder, file), value);
}

function thaw(folders: readonly string[]): void {
  for (const folder of folders) {
    write(join(folder, 'freezer.state'), 'THAWED');
    write(join(folder, 'cgroup.freeze'), '0');
  }
}
