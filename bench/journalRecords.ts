import { closeSync, openSync, writeSync } from 'node:fs';
import type { PilotRecord } from '../src/model/history.ts';
import type { Outcome } from '../src/model/pilot.ts';
import { historyPath } from '../src/record/historyFiles.ts';
import { journalLine } from '../src/record/journalLine.ts';

const kinds = ['atlas-production', 'alice', 'cms', 'default'] as const;
const outcomes: readonly Outcome[] = [
  'finished',
  'finished',
  'finished',
  'no-work',
  'failed',
  'evicted',
  'expired',
];
const everyMs = 30_000;
const beganWallMs = Date.UTC(2029, 0, 1);
/** As the daemon rotates it. */
const fileBytes = 64_000_000;
const linesAtATime = 2000;

/** The record of a pilot, different for each number, as long as those of a busy node are. */
export function recordNumber(serial: number): PilotRecord {
  const outcome = outcomes[serial % outcomes.length] ?? 'finished';
  const endedAtWallMs = beganWallMs + serial * everyMs;
  const isEvicted = outcome === 'evicted';
  return {
    name: `plancton-worker-${serial.toString(36).padStart(6, '0')}`,
    id: serial.toString(16).padStart(64, 'c0ffee'),
    node: 'wn042.example.org',
    kind: kinds[serial % kinds.length] ?? null,
    imageId: `sha256:${'5a'.repeat(32)}`,
    imageDigest: `sha256:${'7b'.repeat(32)}`,
    startedAtWallMs: endedAtWallMs - 3_600_000 - serial,
    endedAtWallMs,
    outcome,
    exitCode: isEvicted ? 143 : 0,
    signal: isEvicted ? 'SIGTERM' : null,
    outOfMemory: false,
    cpuMs: 3_000_000 + serial,
    peakMemoryBytes: 1_500_000_000 + serial,
    pausedMs: 0,
    reason: isEvicted
      ? { rule: 'memory', text: '1.2 GB of memory are left to the owner, 2.0 GB are his' }
      : null,
    said: '',
  };
}

/** Fills a folder with a journal of so many records, in files as the daemon has them; gives its size in bytes. */
export function makeHistory(folder: string, count: number): number {
  let total = 0;
  // The highest number is the oldest file: as many as there will be, counted by the first line's length.
  const perFile = Math.floor(fileBytes / (journalLine(recordNumber(count)).length + 40));
  for (let first = 0, number = Math.ceil(count / perFile) - 1; number >= 0; number -= 1, first += perFile) {
    const fd = openSync(historyPath(folder, number), 'w');
    const end = Math.min(count, first + perFile);
    for (let serial = first; serial < end; serial += linesAtATime) {
      const length = Math.min(linesAtATime, end - serial);
      total += writeSync(
        fd,
        Array.from({ length }, (_, index) => journalLine(recordNumber(serial + index))).join(''),
      );
    }
    closeSync(fd);
  }
  return total;
}
