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
