import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../model/engine.ts';
import { codeOf, held, write, writeSlowly } from './kernelValue.ts';
import type { PilotTrees } from './pilotCgroup.ts';
import { refuseForeign } from './pilotProcesses.ts';

/** Memory is reclaimed in pieces, because such a write cannot be broken off. */
const reclaimPieceBytes = 32 * 1024 * 1024;

/** The limit above which the kernel takes memory back, and what it holds where there is none (cgroup-v2.rst). */
const limitFile = 'memory.high';
const noLimit = 'max';

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
    else await lowerForAMoment(folder, Math.max(0, Number(current) - bytes), signal);
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

async function lowerForAMoment(folder: string, bytes: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const file = join(folder, limitFile);
  const raise = (): void => void write(file, noLimit);
  // The limit stands as soon as the write begins, and a daemon that ends does not live to see it come back.
  signal.addEventListener('abort', raise, { once: true });
  try {
    await writeSlowly(file, String(Math.floor(bytes)));
  } finally {
    signal.removeEventListener('abort', raise);
    raise();
  }
}

/**
 * Takes back a limit that a daemon lowered for a moment and did not live to raise again: nobody else gives a pilot one.
 * Gives the limit that it found, in bytes as the kernel tells it; null where there was none, or it could not be raised.
 */
export function raiseLoweredLimit({ unified }: PilotTrees, id: string): string | null {
  const file = unified === null ? null : join(unified, limitFile);
  const limit = file === null ? null : held(file);
  if (unified === null || file === null || limit === null || limit === noLimit) return null;
  refuseForeign(unified, id);
  return write(file, noLimit) === null ? limit : null;
}
