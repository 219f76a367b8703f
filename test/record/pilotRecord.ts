import type { PilotRecord } from '../../src/model/history.ts';

/** A record of a plain life, changed as a test wants it; `serial` makes its id and name. */
export function pilotRecord(serial: number, changed: Partial<PilotRecord> = {}): PilotRecord {
  const base36 = serial.toString(36).padStart(6, '0');
  return {
    name: `plancton-worker-${base36}`,
    id: serial.toString(16).padStart(64, '0'),
    node: 'node7.example.org',
    kind: 'default',
    imageId: `sha256:${'ab'.repeat(32)}`,
    imageDigest: null,
    startedAtWallMs: 1_900_000_000_000 + serial * 1000,
    endedAtWallMs: 1_900_003_600_000 + serial * 1000,
    outcome: 'finished',
    exitCode: 0,
    signal: null,
    outOfMemory: false,
    cpuMs: 3_000_000,
    peakMemoryBytes: 1_500_000_000,
    pausedMs: 0,
    reason: null,
    said: '',
    ...changed,
  };
}
