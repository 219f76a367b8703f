import { type Kind, plainKind } from '../../src/model/kind.ts';

/** A small recipe that needs nothing, changed as a test wants it. */
export function kindOf(changed: Partial<Kind> = {}): Kind {
  return {
    ...plainKind,
    name: 'test',
    image: 'busybox:latest',
    command: ['sleep', '600'],
    cpus: 0.5,
    memoryBytes: 64 * 1024 * 1024,
    ttlMs: 60_000,
    stopGraceMs: 1000,
    ...changed,
  };
}
