import type { Clock } from '../model/clock.ts';
import { type ContainerDetail, type Engine, EngineError, type EngineFault } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { readKernelFile } from '../sample/kernelFile.ts';
import { ageOfProcess } from '../sample/process.ts';

const atOnce = 8;

/** Without these there is no engine to go on with; any other fault may be one container's. */
const noEngine: ReadonlySet<EngineFault> = new Set(['unreachable', 'denied', 'aborted']);

/**
 * Inspects containers, a few at a time; one that is gone meanwhile is left out, and one that cannot be inspected: the
 * listing tells enough of it to go on with. After one that was not answered no other is begun with, so that an engine
 * that answers to none holds up its listing for one deadline only; they come with the next.
 */
export async function inspectAll(
  engine: Engine,
  ids: readonly string[],
  log: Log,
  signal: AbortSignal,
): Promise<Map<string, ContainerDetail>> {
  const details = new Map<string, ContainerDetail>();
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const detail = await engine.inspect(id, signal).catch((error: unknown) => {
        if (!(error instanceof EngineError) || noEngine.has(error.fault)) throw error;
        if (error.fault === 'timeout') waiting.length = 0;
        if (error.fault !== 'not-found') log.debug(`${error.message}: how long it has run is not known yet`);
        return null;
      });
      if (detail !== null) details.set(id, detail);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, worker));
  return details;
}

/**
 * Milliseconds that a container has run: by the kernel's own word where its process can be told on this node, so that a
 * step of the clock ages nobody; by the engine's stamp against our wall clock elsewhere.
 */
export function ageOfContainer(detail: ContainerDetail, isLocal: boolean, clock: Clock): Reading<number> {
  if (isLocal && detail.pid !== null && isProcessOf(detail.pid, detail.id)) {
    const age = ageOfProcess(detail.pid);
    if (age.known) return age;
  }
  if (detail.startedAtWallMs === null) return unknown('the engine tells no start');
  return known(Math.max(0, clock.wallMs() - detail.startedAtWallMs));
}

/** A socket of this node may lead to an engine in a machine or name space of its own, where process ids are others. */
function isProcessOf(pid: number, id: string): boolean {
  const groups = readKernelFile(`/proc/${pid}/cgroup`);
  return groups.known && groups.value.includes(id);
}
