import type { LoadResult } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import { nodeFacts } from '../daemon/policy.ts';
import { counted } from '../decide/numbers.ts';
import type { HostSample } from '../model/host.ts';
import { createNode } from '../sample/node.ts';

type Loaded = Extract<LoadResult, { ok: true }>;

/** One look at this node, as the daemon takes it. */
export function lookAtThisNode(): HostSample {
  return createNode('/', process.getuid?.() ?? 0).sample({
    nowMs: performance.now(),
    wallMs: Date.now(),
    pilotIds: [],
  });
}

/**
 * What a file that is good as such cannot be on this very node: a limit that divides by zero with its CPUs, say. A
 * warning and not a fault, as the daemon puts up with it too. Nothing where the engine, whose machine the limit speaks
 * of, is another one's.
 */
export function faultsOnThisNode({ settings, origins }: Loaded, look: () => HostSample): readonly Problem[] {
  const address = settings.engine.url ?? process.env['DOCKER_HOST'] ?? '';
  if (address !== '' && !address.startsWith('unix:')) return [];
  const facts = nodeFacts(settings, look(), null);
  try {
    settings.pilotLimit.evaluate(facts);
    return [];
  } catch (error) {
    const origin = origins.get('max_docks') ?? 'default';
    const effect = 'a daemon that runs here keeps the limit it has, one that begins here starts no pilots';
    const message = `cannot be evaluated on this node (${counted(facts.ncpus, 'CPU')}): ${(error as Error).message}; ${effect}`;
    const line = origin === 'default' ? null : origin.line;
    return [{ line, column: null, key: 'max_docks', message }];
  }
}
