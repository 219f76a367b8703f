import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../model/engine.ts';
import { codeOf, held, write, writeSlowly } from './kernelValue.ts';

/** The folders of one pilot's cgroup: one in a unified tree, one in each v1 tree, or both on a hybrid node. */
export interface PilotTrees {
  readonly unified: string | null;
  readonly legacy: readonly string[];
}

/** How long the kernel may take over ending a pilot's processes: those that wait for a disk end when it answers. */
const killDeadlineMs = 5000;
const killPollMs = 10;
/** Memory is reclaimed in pieces, because such a write cannot be broken off. */
const reclaimPieceBytes = 32 * 1024 * 1024;

/**
 * Ends every process of a pilot, with no engine in the path, and waits until there is none. Nothing is done unless every
 * folder is that of this pilot below a parent of ours, and one that has none there is refused: it has ended, or its engine
 * put it elsewhere (what the original left), and then it is alive.
 */
export async function killThroughCgroup(trees: PilotTrees, id: string, signal: AbortSignal): Promise<void> {
  const folders = [...trees.legacy, ...(trees.unified === null ? [] : [trees.unified])];
  for (const folder of folders) refuseForeign(folder, id);
  const present = folders.filter((folder) => existsSync(folder));
  if (present.length === 0) {
    const places = [...new Set(folders.map(dirname))].join(', ');
    const message = `cannot kill container ${id} through its cgroup, which is not in ${places}: it has ended, or it lives elsewhere`;
    throw new EngineError('rejected', message);
  }
  const deadlineMs = performance.now() + killDeadlineMs;
  for (;;) {
    for (const folder of present) write(join(folder, 'cgroup.kill'), '1');
    const pids = new Set(present.flatMap(processesBelow));
    for (const pid of pids) killOne(pid, id);
    // A v1 freezer holds back even SIGKILL; whoever it thaws now has it waiting.
    for (const folder of present) write(join(folder, 'freezer.state'), 'THAWED');
    if (pids.size === 0) return;
    if (performance.now() > deadlineMs) {
      const message = `cannot kill container ${id}: ${pids.size} of its processes do not end (waiting for a disk?)`;
      throw new EngineError('timeout', message);
    }
    await wait(killPollMs, undefined, { signal }).catch(() => {
      throw new EngineError('aborted', `cannot kill container ${id}: given up on request`);
    });
  }
}

/**
 * Asks the kernel to move this much of a pilot's memory to swap: `memory.reclaim` (Linux 5.19), else by a limit
 * (`memory.high`) that is taken back at once. What the kernel cannot move stays; that is no fault.
 */
export async function reclaimThroughCgroup(
  trees: PilotTrees,
  id: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const folder = trees.unified;
  const current = folder === null ? null : held(join(folder, 'memory.current'));
  if (folder === null || current === null) {
    const message = `cannot reclaim memory of container ${id}: that takes cgroup version 2 with its memory controller, which this node does not use for it`;
    throw new EngineError('rejected', message);
  }
  refuseForeign(folder, id);
  try {
    if (existsSync(join(folder, 'memory.reclaim'))) await reclaimInPieces(folder, bytes, signal);
    else await lowerForAMoment(folder, Math.max(0, Number(current) - bytes));
  } catch (cause) {
    throw new EngineError('failed', `cannot reclaim memory of container ${id}: ${codeOf(cause)}`, { cause });
  }
}

async function reclaimInPieces(folder: string, bytes: number, signal: AbortSignal): Promise<void> {
  for (let left = bytes; left > 0 && !signal.aborted; left -= reclaimPieceBytes) {
    try {
      const piece = Math.ceil(Math.min(left, reclaimPieceBytes));
      await writeSlowly(join(folder, 'memory.reclaim'), String(piece));
    } catch (error) {
      // The kernel's word for "not that much" (Documentation/admin-guide/cgroup-v2.rst).
      if (codeOf(error) === 'EAGAIN') return;
      throw error;
    }
  }
}

async function lowerForAMoment(folder: string, bytes: number): Promise<void> {
  const file = join(folder, 'memory.high');
  const before = held(file) ?? 'max';
  try {
    await writeSlowly(file, String(Math.floor(bytes)));
  } finally {
    write(file, before);
  }
}

/** What a pilot's cgroup is called, wherever its tree is mounted. */
function ownPath(id: string): string {
  return `/plancton-[0-9a-f]{8}(?:\\.slice)?/(?:(?:docker|libpod)-)?${id}(?:\\.scope)?`;
}

function refuseForeign(folder: string, id: string): void {
  const isOwn =
    /^[0-9a-f]{64}$/.test(id) &&
    normalize(folder) === folder &&
    new RegExp(`^/.*${ownPath(id)}$`).test(folder);
  if (!isOwn) throw new EngineError('rejected', `refused to touch ${folder}: it is no cgroup of pilot ${id}`);
}

/** Every process in a cgroup and in those below it; none where it has gone. */
function processesBelow(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap((entry) => processesBelow(join(folder, entry.name)))];
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(codeOf(error))) return [];
    throw new EngineError('failed', `cannot read ${folder}/cgroup.procs: ${codeOf(error)}`, { cause: error });
  }
}

/** A number may have been given to somebody else since it was read: the process itself tells whose it is. */
function killOne(pid: number, id: string): void {
  const groups = held(`/proc/${pid}/cgroup`);
  if (groups === null) return;
  if (!new RegExp(`:/?.*${ownPath(id)}(?:/|$)`, 'm').test(groups)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
    throw new EngineError('denied', `cannot kill process ${pid} of container ${id}: ${codeOf(error)}`);
  }
}
