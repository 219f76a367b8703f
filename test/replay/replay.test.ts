import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/decide/types.ts';
import { readingOr } from '../../src/model/reading.ts';
import type { Harvest } from '../../src/replay/harvest.ts';
import { relive } from '../../src/replay/relive.ts';
import { type Recording, replay } from '../../src/replay/replay.ts';
import { plainKind, policy } from '../decide/world.ts';
import { quietFrame } from '../record/tapeFrames.ts';
import {
  equals,
  gigabyte,
  hoursOf,
  lifeOfMinutes,
  naturesOf,
  plainQuestion,
  recorded,
  rulesFrom,
  squareWave,
} from './recordings.ts';

const shortPilots = [5, 10, 15, 20].map((minutes) => lifeOfMinutes(minutes));
/** Node of four CPUs whose owner takes three of them for 30 minutes in each hour, among equals. */
const wave = hoursOf(3, (second) => ({ ...squareWave(3600, 3)(second), means: equals }));

function harvestOf(frames: Recording['frames'], changes: Partial<Policy> = {}, lives = shortPilots): Harvest {
  return relive({
    frames,
    rules: rulesFrom(changes),
    natures: naturesOf(lives),
    tickMs: 1000,
    pilotCpus: 1,
  });
}

function reserveCpus(cpus: number): Partial<Policy> {
  return { reserve: { ...policy.reserve, cpus: { share: 1, atMost: cpus } } };
}

describe('a node that is lived through again', () => {
  it('gives pilots all that an owner who is away leaves', () => {
    const harvest = harvestOf(hoursOf(2, () => ({})));
    expect(harvest.leftCpuHours).toBeCloseTo(8, 1);
    expect(harvest.harvestedCpuHours / harvest.leftCpuHours).toBeGreaterThan(0.97);
    expect(harvest.evictedBy).toEqual({});
    expect(harvest.wastedCpuHours).toBe(0);
    // Two hours of four pilots at a time, of twelve minutes and a half each.
    expect(harvest.started).toBeGreaterThan(30);
    expect(harvest.started).toBeLessThan(45);
    expect(harvest.refusedBy.limit).toBeGreaterThan(0.99);
  });

  it('gives them none where he takes all of it', () => {
    const harvest = harvestOf(hoursOf(1, () => ({ ownerCpus: 4, means: equals })));
    expect(harvest.started).toBe(0);
    expect(harvest.refusedBy.cpu).toBeGreaterThan(0.99);
  });

  it('evicts and harvests less where more is kept for him', () => {
    const [none, much] = [harvestOf(wave), harvestOf(wave, reserveCpus(3))];
    expect(none.ends.evicted).toBeGreaterThan(5);
    expect(much.ends.evicted ?? 0).toBeLessThan(none.ends.evicted ?? 0);
    expect(much.harvestedCpuHours).toBeLessThan(0.8 * none.harvestedCpuHours);
    expect(none.leftCpuHours).toBe(much.leftCpuHours);
    expect(Object.keys(none.evictedBy)).toEqual(['cpu']);
    expect(none.wastedCpuHours).toBeGreaterThan(0);
    expect(none.wastedCpuHours).toBeLessThan(none.harvestedCpuHours / 2);
  });

  it('has next to the same harvest where the rules are asked less often while nothing goes on', () => {
    const ticks = { often: 0, seldom: 0 };
    const of = (asksAlways: boolean): Harvest =>
      relive({
        frames: wave,
        rules: rulesFrom(),
        natures: naturesOf(shortPilots),
        tickMs: 1000,
        asksAlways,
        pilotCpus: 1,
        watch: () => (ticks[asksAlways ? 'often' : 'seldom'] += 1),
      });
    const [often, seldom] = [of(true), of(false)];
    expect(ticks.often).toBe(3 * 3600);
    expect(ticks.seldom).toBeLessThan(0.8 * ticks.often);
    expect(seldom.harvestedCpuHours / often.harvestedCpuHours).toBeCloseTo(1, 2);
    expect(Math.abs((seldom.ends.evicted ?? 0) - (often.ends.evicted ?? 0))).toBeLessThanOrEqual(1);
  });

  it('evicts for memory that the owner takes, and tells by how much it was late', () => {
    const hungry = (second: number) => {
      const ownerMemoryBytes = second % 1800 < 900 ? 4 * gigabyte : 62 * gigabyte;
      return {
        memoryTotalBytes: 64 * gigabyte,
        memoryAvailableBytes: 64 * gigabyte - ownerMemoryBytes,
        ownerMemoryBytes,
        ownerPeakBytes: ownerMemoryBytes,
      };
    };
    const deaf = shortPilots.map((life) => ({ ...life, ignoredNotice: true }));
    const harvest = harvestOf(hoursOf(1, hungry), {}, deaf);
    expect(harvest.evictedBy.memory).toBeGreaterThan(2);
    expect(harvest.worstShortBytes).toBeGreaterThan(0);
    expect(harvest.worstShortWallMs).not.toBeNull();
    expect(harvest.refusedBy.memory).toBeGreaterThan(0.1);
  });

  it('yields to a user who was there, and counts the pilots that a boot took along', () => {
    const frames = hoursOf(1, (second) => ({
      userIdleMs: second > 1200 && second < 2400 ? 0 : Number.POSITIVE_INFINITY,
    }));
    const boots = hoursOf(1, () => ({})).map((frame) => ({ ...frame, atMs: frame.atMs - 900_000 }));
    const harvest = harvestOf([...frames, ...boots], {}, [lifeOfMinutes(10_000)]);
    expect(harvest.refusedBy.user).toBeGreaterThan(0.1);
    expect(harvest).toMatchObject({ started: 12, ends: { evicted: 4, lost: 4 } });
    expect(harvest.hours).toBeCloseTo(2, 2);
  });

  it('tells the daemon of the owner what he does, whatever pilots have beside him', () => {
    const frames = hoursOf(0.5, (second) => ({
      ownerCpus: 1,
      ownerMemoryBytes: 8 * gigabyte + second * 1e6,
      ownerPeakBytes: 8 * gigabyte + second * 1e6,
    }));
    let ticks = 0;
    relive({
      frames,
      rules: rulesFrom(),
      natures: naturesOf(shortPilots),
      tickMs: 1000,
      pilotCpus: 1,
      watch({ moment, seen, bodies }) {
        if (bodies.length === 0 || moment.wallMs < quietFrame.wallMs + 120_000) return;
        ticks += 1;
        expect(readingOr(seen.ownerMemoryBytes, 0)).toBeCloseTo(moment.ownerMemoryBytes, 0);
        expect(Math.abs(readingOr(seen.ownerCpus, 0) - 1)).toBeLessThan(0.02);
        expect(readingOr(seen.pilotsCpus, 0)).toBeLessThan(3.02);
      },
    });
    expect(ticks).toBeGreaterThan(300);
  });

  it('heeds a drain and an engine that was away as they were', () => {
    const away = hoursOf(1, () => ({ isAnswering: false }));
    expect(harvestOf(away).started).toBe(0);
    const drained = hoursOf(1, () => ({ isDraining: true }));
    expect(harvestOf(drained)).toMatchObject({ started: 0, refusedBy: { drain: 1 } });
  });

  it('shares the node among kinds as the rules say', () => {
    const kinds = [
      { ...plainKind, name: 'a', share: 3 },
      { ...plainKind, name: 'b', share: 1, image: 'other' },
    ];
    const { kinds: had } = relive({
      frames: hoursOf(4, () => ({})),
      rules: rulesFrom({ kinds }),
      natures: naturesOf([]),
      tickMs: 1000,
      pilotCpus: 1,
    });
    expect(Object.keys(had).toSorted()).toEqual(['a', 'b']);
    expect((had['a']?.cpuHours ?? 0) / (had['b']?.cpuHours ?? 1)).toBeGreaterThan(2);
  });
});

describe('a replay', () => {
  const truth = recorded(wave, rulesFrom(), shortPilots);
  const recording: Recording = {
    frames: truth.frames,
    allFrames: truth.frames,
    records: truth.records,
    kinds: { kinds: policy.kinds },
  };
  const reached: number[] = [];
  const question = {
    ...plainQuestion,
    inForce: rulesFrom(),
    proposed: rulesFrom(reserveCpus(3)),
    onProgress: (run: number, wallMs: number) => void reached.push(run * 1e15 + wallMs),
  };
  const told = replay(recording, question);

  it('by the rules that were in force has what was, though it has to find out what pilots are like', () => {
    const { recorded: was, inForce } = told;
    expect(was.started).toBeGreaterThan(20);
    expect(inForce.harvestedCpuHours / was.harvestedCpuHours).toBeGreaterThan(0.97);
    expect(inForce.harvestedCpuHours / was.harvestedCpuHours).toBeLessThan(1.03);
    expect(Math.abs((inForce.ends.evicted ?? 0) - (was.ends.evicted ?? 0))).toBeLessThanOrEqual(3);
    expect(Math.abs(inForce.started - was.started)).toBeLessThan(0.25 * was.started);
    expect(inForce.leftCpuHours).toBeCloseTo(was.leftCpuHours, 3);
  });

  it('by others says what they would have changed', () => {
    const { inForce, proposed } = told;
    expect(proposed.harvestedCpuHours).toBeLessThan(0.9 * inForce.harvestedCpuHours);
    expect(proposed.ends.evicted ?? 0).toBeLessThan(inForce.ends.evicted ?? 0);
  });

  it('is the same each time', () => {
    expect(replay(recording, question)).toEqual(told);
  });

  it('tells what it knows of pilots, and how far it is', () => {
    const { lives } = told;
    expect(lives['default']?.lives).toBe(truth.records.length);
    expect(lives['default']?.whole).toBeLessThan(truth.records.length);
    expect(reached.length).toBeGreaterThan(5);
    expect(reached[0]).toBeGreaterThan(quietFrame.wallMs);
    expect(reached.some((value) => value > 1e15)).toBe(true);
  });
});
