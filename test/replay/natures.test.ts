import { describe, expect, it } from 'vitest';
import { lifeOf } from '../../src/replay/lives.ts';
import { Supply } from '../../src/replay/supply.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { plainKind } from '../decide/world.ts';
import { framesFrom, quietFrame } from '../record/tapeFrames.ts';
import { lifeOfMinutes, naturesOf } from './recordings.ts';

const minuteMs = 60_000;
const startMs = quietFrame.wallMs;
const kind = { ...plainKind, cpus: 2 };

function recordOf(changes: Partial<PilotRecord> = {}): PilotRecord {
  return {
    name: 'pilot',
    id: 'id',
    node: 'node',
    kind: 'default',
    imageId: 'sha256:1',
    imageDigest: null,
    startedAtWallMs: startMs,
    endedAtWallMs: startMs + 10 * minuteMs,
    outcome: 'finished',
    exitCode: 0,
    signal: null,
    outOfMemory: false,
    cpuMs: 10 * minuteMs,
    peakMemoryBytes: 1e9,
    pausedMs: 0,
    reason: null,
    said: '',
    ...changes,
  };
}

describe('what a pilot wanted', () => {
  const idle = new Supply(framesFrom(120, () => ({ pilotsCpus: 1, running: 1 })));

  it('is what it had while CPUs were idle', () => {
    expect(lifeOf(recordOf(), kind, idle)).toMatchObject({
      wantsCpus: expect.closeTo(1, 2),
      work: { cpuMs: 10 * minuteMs },
      needsMs: expect.closeTo(10 * minuteMs, -4),
      isCut: false,
    });
  });

  it('is more than it had where the node was full for a part of its life', () => {
    // For the first half it had half a CPU, of which there were no more; so it took one and a half of those that were idle.
    const crowded = new Supply(
      framesFrom(120, (index) =>
        index < 60
          ? { ownerCpus: 2, pilotsCpus: 2, running: 4 }
          : { ownerCpus: 0, pilotsCpus: 1.5, running: 1 },
      ),
    );
    expect(lifeOf(recordOf(), kind, crowded)?.wantsCpus).toBeCloseTo(1.5, 1);
  });

  it('is all that it may have where it had nearly all of that', () => {
    expect(lifeOf(recordOf({ cpuMs: 19 * minuteMs }), kind, idle)?.wantsCpus).toBe(Number.POSITIVE_INFINITY);
    const full = new Supply(framesFrom(120, () => ({ ownerCpus: 2, pilotsCpus: 2, running: 4 })));
    expect(lifeOf(recordOf({ cpuMs: 5 * minuteMs }), kind, full)?.wantsCpus).toBe(Number.POSITIVE_INFINITY);
  });

  it('is its time where it hardly used a CPU, or where nobody knows', () => {
    for (const cpuMs of [1000, null])
      expect(lifeOf(recordOf({ cpuMs }), kind, idle)?.work).toEqual({ ms: 10 * minuteMs });
    expect(lifeOf(recordOf({ cpuMs: 0, pausedMs: minuteMs }), kind, idle)?.work).toEqual({
      ms: 9 * minuteMs,
    });
  });

  it('is not known of one that never ran', () => {
    expect(lifeOf(recordOf({ startedAtWallMs: null, outcome: 'never-started' }), kind, idle)).toBeNull();
  });

  it('keeps how it ended, and what it said', () => {
    const said = lifeOf(
      recordOf({ outcome: 'no-work', exitCode: 75, said: '300 nothing to do' }),
      kind,
      idle,
    );
    expect(said).toMatchObject({ exitCode: 75, says: 300, isCut: false, ignoredNotice: null });
    const evicted = lifeOf(recordOf({ outcome: 'evicted', exitCode: 137 }), kind, idle);
    expect(evicted).toMatchObject({ isCut: true, ignoredNotice: true });
  });
});

describe('what pilots of the model are like', () => {
  const many = (lives: Parameters<typeof naturesOf>[0]) => {
    const natures = naturesOf(lives);
    return Array.from({ length: 2000 }, () => natures.next(plainKind));
  };

  it('is as those that were recorded, by the same chance each time', () => {
    const lives = [5, 10].map((minutes) => lifeOfMinutes(minutes));
    const works = many(lives).map(({ workCpuMs }) => workCpuMs);
    expect(works).toEqual(many(lives).map(({ workCpuMs }) => workCpuMs));
    expect(works.filter((ms) => ms === 5 * minuteMs).length / 2000).toBeCloseTo(0.5, 1);
  });

  it('has those that somebody ended need more than they had, as those that needed more', () => {
    // Of 5, 10 (cut) and 20 minutes: a third need 5, the others 20.
    const lives = [lifeOfMinutes(5), lifeOfMinutes(10, { isCut: true }), lifeOfMinutes(20)];
    const works = many(lives).map(({ workCpuMs }) => workCpuMs);
    expect(works.filter((ms) => ms === 5 * minuteMs).length / 2000).toBeCloseTo(1 / 3, 1);
    expect(works.filter((ms) => ms === 20 * minuteMs).length / 2000).toBeCloseTo(2 / 3, 1);
    const endless = many([lifeOfMinutes(5), lifeOfMinutes(10, { isCut: true })]);
    expect(
      endless.filter(({ workCpuMs }) => workCpuMs === Number.POSITIVE_INFINITY).length / 2000,
    ).toBeCloseTo(0.5, 1);
  });

  it('ignores a notice as often as they did', () => {
    const lives = [true, false, false, false].map((ignoredNotice) => lifeOfMinutes(5, { ignoredNotice }));
    const ignoring = many(lives).filter(({ noticeMs }) => noticeMs === Number.POSITIVE_INFINITY);
    expect(ignoring.length / 2000).toBeCloseTo(0.25, 1);
  });

  it('is its limits and its time to live for a kind of which nothing is known', () => {
    expect(naturesOf([]).next(plainKind)).toMatchObject({
      workCpuMs: Number.POSITIVE_INFINITY,
      peakBytes: plainKind.memoryBytes,
    });
  });
});
