import type { Look } from '../../src/cli/topLook.ts';
import type { PilotAnswer } from '../../src/daemon/psAnswer.ts';
import type { KindStanding } from '../../src/decide/kindStandings.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { nowMs, pilot, status } from './status.ts';

/** A pilot as `ps` is told of it. */
export function answer(name: string, more: Partial<PilotAnswer> = {}): PilotAnswer {
  return {
    ...pilot(name),
    id: `id-${name}`,
    cpus: 0.98,
    cpuSeconds: 6.5,
    memoryBytes: 120e6,
    ttlLeftSeconds: 43_193,
    toRenew: false,
    ...more,
  };
}

/** How a kind fares. */
export function standing(name: string, more: Partial<KindStanding> = {}): KindStanding {
  return {
    name,
    running: 1,
    max: null,
    share: 1,
    wantedShare: 0.5,
    gotShare: 0.48,
    deficitSeconds: 1,
    state: 'ready',
    reason: '',
    fruitless: 0,
    nextStartInMs: null,
    toRenew: 0,
    ...more,
  };
}

/** A pilot that has ended. */
export function record(name: string, more: Partial<PilotRecord> = {}): PilotRecord {
  return {
    name: `plancton-worker-${name}`,
    id: `id-${name}`,
    node: 'node7',
    kind: 'default',
    imageId: 'sha256:0',
    imageDigest: null,
    startedAtWallMs: nowMs - 70_000,
    endedAtWallMs: nowMs - 10_000,
    outcome: 'finished',
    exitCode: 0,
    signal: null,
    outOfMemory: false,
    cpuMs: 58_000,
    peakMemoryBytes: 1e8,
    pausedMs: 0,
    reason: null,
    said: '',
    ...more,
  };
}

/** What top sees of a daemon that is well; `more` is laid over it. */
export function look(more: Partial<Look> = {}): Look {
  return {
    status: status(),
    pilots: [answer('aaaaaa')],
    kinds: [standing('default', { wantedShare: 1, gotShare: 1 })],
    node: {
      cpus: 4,
      ownerCpus: 1,
      pilotsCpus: 2,
      memoryTotalBytes: 8e9,
      memoryAvailableBytes: 6e9,
      ownerMemoryBytes: 1.5e9,
      pilotsMemoryBytes: 0.5e9,
      swapTotalBytes: null,
      swapFreeBytes: null,
      diskTotalBytes: null,
      diskFreeBytes: null,
    },
    pressure: { cpu: 0.003, memory: 0, memoryFull: 0, io: null },
    decisions: [
      { at: new Date(nowMs - 7000).toISOString(), text: 'started plancton-worker-aaaaaa (growth) in 300 ms' },
    ],
    ended: [record('zzzzzz')],
    ...more,
  };
}
