import { beforeEach, describe, expect, it } from 'vitest';
import { TapeRecorder } from '../../src/daemon/tapeRecorder.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Sample, Seen } from '../../src/decide/types.ts';
import type { HostSample } from '../../src/model/host.ts';
import { known, unknown } from '../../src/model/reading.ts';
import type { TapeFrame } from '../../src/model/tape.ts';
import {
  decideOn,
  engineWith,
  hostAt,
  noControl,
  noSigns,
  policy,
  running,
  sampleAt,
} from '../decide/world.ts';

const bootMs = 1_000_000;
const bootWallMs = Date.UTC(2030, 2, 4);
let frames: TapeFrame[] = [];
let closed = 0;
let nowMs = bootMs;
const tape = {
  add: (frame: TapeFrame) => void frames.push(frame),
  close: () => void (closed += 1),
};

beforeEach(() => {
  frames = [];
  closed = 0;
});

/** What a second of the node is like, beside its counters. */
interface Second extends Partial<Omit<Sample, 'host'>> {
  readonly host?: Partial<HostSample>;
}

/** Ticks each second: the owner takes a CPU in the first five, then one in every other; pilots take two. */
function live(seconds: number, changes: (second: number) => Second = () => ({})): void {
  const recorder = new TapeRecorder(tape, () => bootWallMs + nowMs - bootMs);
  let [busyMs, pilotsMs]: [number, number] = [0, 0];
  let before: Seen | null = null;
  for (let second = 0; second <= seconds; second += 1) {
    nowMs = bootMs + second * 1000;
    if (second > 0)
      [busyMs, pilotsMs] = [busyMs + 2000 + (second <= 5 ? 1000 : (second % 2) * 1000), pilotsMs + 2000];
    const { host, ...rest } = changes(second);
    const counters = {
      cpu: known({ busyMs, totalMs: 4 * nowMs, stealMs: busyMs / 10 }),
      pilotsCpuMs: known(pilotsMs),
    };
    const sample = sampleAt(nowMs, { ...rest, host: { ...hostAt(nowMs), ...host, ...counters } });
    const seen: Seen = observe(before, sample);
    before = seen;
    const tick: Tick = { sample, seen, policy, decision: decideOn(seen) };
    recorder.note(tick);
  }
  recorder.close();
}

describe('what is recorded', () => {
  it('is a frame each five seconds, of means and extremes', () => {
    live(10, (second) => {
      const levels = { totalBytes: 64e9, swapTotalBytes: 2e9, swapFreeBytes: 1e9 };
      const availableBytes = second === 7 ? 20e9 : 50e9;
      return {
        host: { memory: known({ ...levels, availableBytes }) },
        engine: engineWith([running('a'), running('b', 0, { state: 'paused' })]),
      };
    });
    expect(frames).toHaveLength(2);
    expect(frames[1]).toMatchObject({
      wallMs: bootWallMs + 10_000,
      atMs: bootMs + 10_000,
      spanMs: 5000,
      cpuCount: 4,
      memoryAvailableBytes: 20e9,
      ownerMemoryBytes: 14e9,
      ownerPeakBytes: 44e9,
      swapFreeBytes: 1e9,
      diskFreeBytes: 400e9,
      running: 1,
      paused: 1,
      means: policy.means,
      isAnswering: true,
      isDraining: false,
    });
    expect(frames[0]?.ownerCpus).toBeCloseTo(1);
    expect(frames[1]?.ownerCpus).toBeCloseTo(2 / 5);
    expect(frames[1]?.pilotsCpus).toBeCloseTo(2);
    expect(frames[1]?.stealCpus).toBeCloseTo((2 / 5 + 2) / 10);
    expect(closed).toBe(1);
  });

  it('leaves out what nobody asked for, and says what cannot be read', () => {
    const signs = { ...noSigns, userIdleMs: known(9000), onBattery: unknown('no such file') };
    live(5, () => ({ host: { signs, disk: unknown('gone') } }));
    expect(frames[0]).toMatchObject({ userIdleMs: 9000, onBattery: null, diskFreeBytes: null });
    expect(frames[0]).not.toHaveProperty('programs');
    expect(frames[0]).not.toHaveProperty('temperatureC');
  });

  it('names the rule that keeps one more pilot from starting', () => {
    live(5, () => ({ control: { ...noControl, drain: true } }));
    expect(frames[0]).toMatchObject({ refusal: 'drain', isDraining: true });
  });

  it('has a gap where nobody looked', () => {
    const recorder = new TapeRecorder(tape, () => bootWallMs);
    const noteAt = (second: number): void => {
      const sample = sampleAt(bootMs + second * 1000);
      const seen = observe(null, sample);
      recorder.note({ sample, seen, policy, decision: decideOn(seen) });
    };
    for (const second of [0, 1, 2, 90, 91, 92, 93, 94, 95]) noteAt(second);
    expect(frames.map(({ atMs, spanMs }) => [atMs - bootMs, spanMs])).toEqual([[95_000, 5000]]);
  });
});
