import type { ContainerSummary, Engine } from '../model/engine.ts';
import { instanceLabel, pilotPrefix } from './ownership.ts';
import type { Standings } from './standings.ts';

/** A container of the engine's listing that is a pilot of ours, or takes the room of one. */
export interface Listed {
  readonly container: ContainerSummary;
  readonly managed: boolean;
}

/**
 * Lists what is named as pilots are, whoever made it, and what bears this daemon's label, whatever it is called now.
 * Filters of two sorts narrow each other down, so it takes two calls; one without a filter would have the engine write,
 * and us read, 1.4 kB for each container of the owner's. Rejects with `EngineError`.
 */
export async function listPilots(
  engine: Engine,
  instance: string,
  standings: Standings,
  signal: AbortSignal,
): Promise<Listed[]> {
  const [named, labelled] = await Promise.all([
    engine.list({ namePrefix: pilotPrefix }, signal),
    engine.list({ labels: [`${instanceLabel}=${instance}`] }, signal),
  ]);
  const ids = new Set(named.map((container) => container.id));
  return [...named, ...labelled.filter((container) => !ids.has(container.id))]
    .map((container) => ({ container, standing: standings.of(container) }))
    .filter(({ standing }) => standing !== 'ignored')
    .map(({ container, standing }) => ({ container, managed: standing === 'managed' }));
}
