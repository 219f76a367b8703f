import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ageOfContainer } from '../../src/daemon/inspection.ts';
import type { ContainerDetail } from '../../src/model/engine.ts';
import type { Reading } from '../../src/model/reading.ts';
import { ageOfProcess } from '../../src/sample/process.ts';

const wallMs = 1_800_000_000_000;
const dayMs = 86_400_000;
const ranMs = 5000;
/** This process stands for a pilot's: what the kernel tells of its cgroup is the id that is looked for there. */
const ownId = readFileSync('/proc/self/cgroup', 'utf8').trim();

function detailOf(id: string, startedAtWallMs: number | null = wallMs - ranMs): ContainerDetail {
  return {
    id,
    name: 'plancton-worker-000000',
    labels: {},
    imageId: 'sha256:1',
    state: 'running',
    pid: process.pid,
    startedAtWallMs,
    endedAtWallMs: null,
    exitCode: null,
    outOfMemory: false,
    startError: '',
    logPath: null,
  };
}

const clockAt = (stepMs: number) => ({ nowMs: () => 0, wallMs: () => wallMs + stepMs });
const valueOf = (age: Reading<number>): number => (age.known ? age.value : Number.NaN);

describe('how long a container has run', () => {
  it.each([-dayMs, 0, dayMs])(
    'is told by the kernel on this node, whatever a clock set by %i ms says',
    (step) => {
      const before = valueOf(ageOfProcess(process.pid));
      const age = valueOf(ageOfContainer(detailOf(ownId), true, clockAt(step)));
      const after = valueOf(ageOfProcess(process.pid));
      expect(age).toBeGreaterThanOrEqual(before);
      expect(age).toBeLessThanOrEqual(after);
    },
  );

  it.each([
    ['elsewhere', ownId, false],
    ['whose process id is of another name space', 'another container', true],
  ])('is told by the clock for one %s, and never below zero', (_, id, isLocal) => {
    expect(ageOfContainer(detailOf(id), isLocal, clockAt(0))).toEqual({ known: true, value: ranMs });
    expect(ageOfContainer(detailOf(id), isLocal, clockAt(-dayMs))).toEqual({ known: true, value: 0 });
    expect(ageOfContainer(detailOf(id, null), isLocal, clockAt(0)).known).toBe(false);
  });
});
