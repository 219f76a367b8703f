import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { largestKind } from '../../src/decide/kindPolicy.ts';
import { withRules } from '../decide/world.ts';
import { guestCost } from '../../src/replay/machine.ts';
import { measure } from './measures.ts';
import type { Nature } from '../../src/replay/body.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { bursts, workingDay } from './stories.ts';
import { allocator, quietWorld, type Story } from './world.ts';

const hourMs = 3_600_000;
/** A simulated day takes seconds; on a machine that others use, more of them. */
const patience = 120_000;
const graceMs = 2000;

describe('an owner who takes memory while pilots hold 30 % of it', () => {
  const full: Nature = {
    workCpuMs: 1e12,
    firstBytes: 1.9e9,
    peakBytes: 1.92e9,
    growCpuMs: 1000,
    disk: 0,
    noticeMs: 500,
    exitCode: 0,
  };
  const setting = settingOf('idle', {
    machine: { cpuCount: 16 },
    policy: { limit: 10, kind: { stopGraceMs: graceMs } },
  });
  const taking = (nature: Nature, story: Story) =>
    measure({ decider: decide, ...setting, story, forMs: 300_000, nature: () => nature }, reserveBytes);

  describe.each([
    ['pilots that heed the stop signal', 500],
    ['pilots that ignore it', Number.POSITIVE_INFINITY],
  ])('beside %s', (_, noticeMs) => {
    it.each([100, 500, 1000, 2000, 8000])('at %i MB/s has it back within 2 s and the grace', (rate) => {
      const story = allocator(120_000, rate * 1e6, 56e9, 60_000);
      const measures = taking({ ...full, noticeMs }, story);
      expect(measures.running).toBeGreaterThan(4);
      expect(measures.belowReserveMs).toBeLessThanOrEqual(graceMs + 2000);
      expect(measures.outOfMemoryKills).toBe(0);
    });
  });

  it.each([300, 500, 1000, 2000, 8000])(
    'at %i MB/s drives nothing out of memory, however long the grace of pilots that use it all',
    (rate) => {
      const patient = { ...setting, policy: withRules(setting.policy, { kind: { stopGraceMs: 600_000 } }) };
      const stubborn = { ...full, noticeMs: Number.POSITIVE_INFINITY };
      const story = allocator(120_000, rate * 1e6, 56e9, 60_000);
      const measures = measure(
        { decider: decide, ...patient, story, forMs: 300_000, nature: () => stubborn },
        reserveBytes,
      );
      expect(measures.verbs.kill).toBeGreaterThan(0);
      expect(measures.outOfMemoryKills).toBe(0);
    },
  );

  it('has it back as well while the engine hangs or is away, at 500 MB/s', () => {
    for (const engine of ['hangs', 'away'] as const) {
      const story = allocator(120_000, 500e6, 62e9, 60_000);
      const measures = taking(full, (ms) => ({ ...story(ms), engine: ms > 115_000 ? engine : 'answers' }));
      expect(measures.verbs.stop).toBeGreaterThan(0);
      expect(measures.belowReserveMs).toBeLessThanOrEqual(graceMs + 2000);
      expect(measures.outOfMemoryKills).toBe(0);
    }
  });
});

describe('a working day, with an engine that hangs and senses that fail', { timeout: patience }, () => {
  it('costs the owner next to nothing where pilots are guests, and leaves them nearly all that he leaves', () => {
    const plan = {
      decider: decide,
      ...settingOf('idle'),
      story: workingDay,
      forMs: 24 * hourMs,
      stepMs: 500,
    };
    const measures = measure(plan, reserveBytes);
    expect(measures.ownerLoss).toBeLessThan(guestCost);
    expect(measures.harvest).toBeGreaterThan(0.95);
    expect(measures.wasted).toBeLessThan(0.1);
    expect(measures.belowReserveMs).toBeLessThanOrEqual(largestKind(plan.policy).stopGraceMs);
    expect(measures.outOfMemoryKills).toBe(0);
  });

  it('costs him less than the budget where they are equals', () => {
    const story: Story = (ms) => workingDay(ms + 7 * hourMs);
    const plan = { decider: decide, ...settingOf('normal'), story, forMs: 10 * hourMs, stepMs: 500 };
    const measures = measure(plan, reserveBytes);
    expect(measures.ownerLoss).toBeLessThan(plan.policy.ownerSlowdown);
    expect(measures.harvest).toBeGreaterThan(0.45);
    expect(measures.belowReserveMs).toBeLessThanOrEqual(largestKind(plan.policy).stopGraceMs);
    expect(measures.outOfMemoryKills).toBe(0);
  });
});

it('an owner who takes every CPU for 5 s of each 15 leaves the rest to pilots', () => {
  const plan = { decider: decide, ...settingOf('idle'), story: bursts, forMs: 1_800_000 };
  const measures = measure(plan, reserveBytes);
  expect(measures.ownerLoss).toBeLessThan(guestCost);
  expect(measures.harvest).toBeGreaterThan(0.95);
});

describe('an owner who wants every CPU in short waves, among equals', () => {
  const waves =
    (onMs: number, periodMs: number): Story =>
    (ms) => ({ ...quietWorld, ownerCpus: ms % periodMs < onMs ? 4 : 0 });

  // Of waves that nothing is done about he loses half. What is left of that are the tries to give back.
  it.each([
    [1, 30],
    [2, 30],
    [3, 60],
    [5, 15],
    [10, 120],
  ])('of %i s in each %i loses a tenth at most, with groups of his own or without', (on, period) => {
    for (const ownerSlices of [true, false]) {
      const setting = settingOf('normal', { machine: { ownerSlices } });
      const story = waves(on * 1000, period * 1000);
      const measures = measure({ decider: decide, ...setting, story, forMs: hourMs }, reserveBytes);
      expect(measures.ownerLoss).toBeLessThan(0.1);
    }
  });
});
