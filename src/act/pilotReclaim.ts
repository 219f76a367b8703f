import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../model/engine.ts';
import { codeOf, held, write, writeSlowly } from './kernelValue.ts';
import type { PilotTrees } from './pilotCgroup.ts';
import { refuseForeign } from './pilotProcesses.ts';

/** Memory is reclaimed in pieces, because such a write cannot be broken off. */
const reclaimPieceBytes = 32 * 1024 * 1024;

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
