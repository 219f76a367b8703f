import type { PilotSpec } from '../../src/model/engine.ts';
import { kindOf } from '../support/kinds.ts';

/** A recipe of no importance. */
export const kind = kindOf({
  name: 'pilot',
  image: 'pilot:1',
  command: ['/bin/sleep', '1000'],
  cpus: 1,
  memoryBytes: 2e9,
  ttlMs: 1000,
});

/** How a pilot of this name and that kind is made. */
export function specOf(name: string): PilotSpec {
  return { name, hostname: name, kind, labels: {}, env: {}, binds: [], cgroupParent: null };
}
