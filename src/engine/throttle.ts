import { type Engine, EngineError } from '../model/engine.ts';
import { inspectContainer } from './containers.ts';
import { answerDeadlineMs } from './deadline.ts';
import { cpuLimitOf } from './pilotLimits.ts';
import type { Session } from './session.ts';
import { pathOf, type WireRequest } from './wire.ts';

/** The call that changes a container's CPU limit while it runs. */
export function createThrottle(session: Session): Engine['throttle'] {
  return async (id, cpus, signal) => {
    const info = session.info() ?? (await session.connect(signal));
    const what = `change the CPU limit of container ${id}`;
    const request = info.product === 'podman' ? podmanRequest(id, cpus) : dockerRequest(id, cpus);
    try {
      const answer = await session.send(what, answerDeadlineMs, signal, request);
      const refusal = unheeded(answer.text);
      if (refusal !== null) throw new EngineError('rejected', `cannot ${what}: ${refusal}`);
    } catch (thrown) {
      if (!isAnswer(thrown)) throw thrown;
      // The state tells more surely than an engine's words why it refused.
      const { state } = await inspectContainer(session, id, signal).catch(() => Promise.reject(thrown));
      if (state === 'ended') return;
      if (thrown.fault !== 'not-found') throw thrown;
      const message = `cannot ${what}: ${info.product} ${info.version} has no call for it (Podman has since 4.3)`;
      throw new EngineError('rejected', message, { cause: thrown });
    }
  };
}

function dockerRequest(id: string, cpus: number): WireRequest {
  const { periodUs, quotaUs } = cpuLimitOf(cpus);
  const body = { CpuPeriod: periodUs, CpuQuota: quotaUs };
  return { method: 'POST', path: pathOf('containers', id, 'update'), body };
}

/** Podman 4.3 answers 404 to Docker's call; its own one takes resources as the OCI runtime specification has them. */
function podmanRequest(id: string, cpus: number): WireRequest {
  const { periodUs, quotaUs } = cpuLimitOf(cpus);
  const body = { cpu: { period: periodUs, quota: quotaUs } };
  return { method: 'POST', path: pathOf('libpod', 'containers', id, 'update'), body };
}

/** Docker answers 200 and a warning where the kernel has no CPU limits for it (rootless, no controller), and does nothing. */
function unheeded(answer: string): string | null {
  try {
    const { Warnings } = JSON.parse(answer) as { readonly Warnings?: readonly string[] | null };
    return Warnings?.find((warning) => /cpu|cfs/i.test(warning)) ?? null;
  } catch {
    // Podman answers with the bare id.
    return null;
  }
}

function isAnswer(thrown: unknown): thrown is EngineError {
  return thrown instanceof EngineError && ['not-found', 'conflict', 'failed'].includes(thrown.fault);
}
