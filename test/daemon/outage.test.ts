import { describe, expect, it } from 'vitest';
import { endedBefore, isOfAnotherBoot, lookAgainMs, Outage } from '../../src/daemon/outage.ts';
import type { ContainerDetail } from '../../src/model/engine.ts';

describe('an outage', () => {
  it('is none before the engine was there', () => {
    const outage = new Outage();
    expect(outage.begin(100_000)).toBe(Number.POSITIVE_INFINITY);
    expect([outage.isOn, outage.covers(1, 100_001)]).toEqual([false, false]);
    outage.end(110_000);
    expect(outage.covers(1, 110_001)).toBe(false);
  });

  it('covers what ended shortly before it, and all until the engine has listed again', () => {
    const outage = new Outage();
    outage.end(0);
    expect(outage.begin(100_000)).toBe(85_000);
    // It goes on while the engine cannot be reached.
    expect(outage.begin(130_000)).toBe(85_000);
    expect([outage.isOn, outage.covers(null, 140_000)]).toEqual([true, true]);
  });

  it('covers for some seconds more what was started before it', () => {
    const outage = new Outage();
    outage.end(0);
    outage.begin(100_000);
    outage.end(140_000);
    outage.end(170_000);
    expect(outage.isOn).toBe(false);
    expect(outage.covers(99_000, 144_000)).toBe(true);
    expect(outage.covers(99_000, 145_000)).toBe(false);
    expect(outage.covers(141_000, 144_000)).toBe(false);
    expect(outage.covers(null, 144_000)).toBe(false);
    expect(outage.begin(200_000)).toBe(185_000);
  });
});

it.each([
  [0, 1000],
  [8000, 1000],
  [12_000, 1500],
  [60_000, 7500],
  [3_600_000, 30_000],
])('an engine that has been away for %d ms is looked for again after %d ms', (awayMs, pauseMs) => {
  expect(lookAgainMs(awayMs)).toBe(pauseMs);
});

describe('a container that was started before the node', () => {
  const clock = { nowMs: () => 0, wallMs: () => Date.now() };
  const startedAt = (startedAtWallMs: number | null): ContainerDetail => ({
    id: 'a',
    name: 'a',
    imageId: '',
    labels: {},
    state: 'ended',
    pid: null,
    startedAtWallMs,
    endedAtWallMs: null,
    exitCode: 255,
    outOfMemory: false,
    startError: '',
    logPath: null,
  });

  it('is told by the kernel’s word, where the engine is on the node', () => {
    expect(isOfAnotherBoot(startedAt(0), true, clock)).toBe(true);
    expect(isOfAnotherBoot(startedAt(Date.now() - 10), true, clock)).toBe(false);
    expect(isOfAnotherBoot(startedAt(0), false, clock)).toBe(false);
    expect(isOfAnotherBoot(startedAt(null), true, clock)).toBe(false);
  });

  it.each([
    [5000, 6001, true],
    [5000, 6000, false],
    [5000, null, false],
    [null, 9000, false],
  ])(
    'or before its engine, by the first event of that: ended %s, first event %s',
    (endedAtWallMs, first, is) => {
      expect(endedBefore({ ...startedAt(0), endedAtWallMs }, first)).toBe(is);
    },
  );
});
