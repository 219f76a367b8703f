import type { Clock } from '../model/clock.ts';
import { type ContainerDetail, type Engine, EngineError } from '../model/engine.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { ageOfProcess } from '../sample/process.ts';

const atOnce = 8;

/** Inspects containers, a few at a time; one that is gone meanwhile is left out. */
export async function inspectAll(
  engine: Engine,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, ContainerDetail>> {
  const details = new Map<string, ContainerDetail>();
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const detail = await engine.inspect(id, signal).catch((error: unknown) => {
        if (error instanceof EngineError && error.fault === 'not-found') return null;
        throw error;
      });
      if (detail !== null) details.set(id, detail);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, worker));
  return details;
}

/**
 * Milliseconds that a container has run: by the kernel's own word where the engine is on this node, so that a step of
 * the clock ages nobody; by the engine's stamp against our wall clock where it is elsewhere.
 */
export function ageOfContainer(detail: ContainerDetail, isLocal: boolean, clock: Clock): Reading<number> {
  if (isLocal && detail.pid !== null) {
    const age = ageOfProcess(detail.pid);
    if (age.known) return age;
  }
  if (detail.startedAtWallMs === null) return unknown('the engine tells no start');
  return known(Math.max(0, clock.wallMs() - detail.startedAtWallMs));
}
