import * as fc from 'fast-check';
import type { TapeFrame } from '../../src/model/tape.ts';

/** Some seconds of a node of four CPUs on which nothing happens. */
export const quietFrame: TapeFrame = {
  wallMs: Date.UTC(2024, 2, 4, 12),
  atMs: 1_000_000,
  spanMs: 5000,
  cpuCount: 4,
  ownerCpus: 0,
  stealCpus: 0,
  pilotsCpus: 0,
  memoryTotalBytes: 2 ** 36,
  memoryAvailableBytes: 2 ** 35,
  ownerMemoryBytes: 2 ** 35,
  ownerPeakBytes: 2 ** 35,
  pilotsMemoryBytes: 0,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
  diskTotalBytes: 2 ** 39,
  diskFreeBytes: 2 ** 38,
  cpuStall: 0,
  memoryStall: 0,
  memoryFullStall: 0,
  ioStall: 0,
  running: 0,
  paused: 0,
  takenCpus: 0,
  means: { cpuClass: 'idle', canThrottle: true, canPause: true, canReclaim: false, ownKill: true },
  ownerIsExact: true,
  isDraining: false,
  isAnswering: true,
  refusal: null,
};

const share = fc.option(fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000));
const cpus = fc.option(fc.integer({ min: 0, max: 256_000 }).map((value) => value / 1000));
const bytes = fc.option(fc.integer({ min: 0, max: 2 ** 22 }).map((value) => value * 2 ** 20));
const discBytes = fc.option(fc.integer({ min: 0, max: 2 ** 24 }).map((value) => value * 2 ** 24));
const mean = fc.integer({ min: 0, max: 100_000 }).map((value) => value / 100);

/** Any frame, in the units in which it is kept. */
export const anyFrame: fc.Arbitrary<TapeFrame> = fc
  .record({
    wallMs: fc.integer({ min: 0, max: 2 ** 42 }),
    atMs: fc.integer({ min: 0, max: 2 ** 40 }),
    spanMs: fc.integer({ min: 0, max: 60_000 }),
    cpuCount: fc.integer({ min: 1, max: 4096 }),
    ownerCpus: cpus,
    stealCpus: cpus,
    pilotsCpus: cpus,
    memoryTotalBytes: bytes,
    memoryAvailableBytes: bytes,
    ownerMemoryBytes: bytes,
    ownerPeakBytes: bytes,
    pilotsMemoryBytes: bytes,
    swapTotalBytes: bytes,
    swapFreeBytes: bytes,
    diskTotalBytes: discBytes,
    diskFreeBytes: discBytes,
    cpuStall: share,
    memoryStall: share,
    memoryFullStall: share,
    ioStall: share,
    running: mean,
    paused: mean,
    takenCpus: mean,
    means: fc.record({
      cpuClass: fc.constantFrom('idle', 'low', 'normal'),
      canThrottle: fc.boolean(),
      canPause: fc.boolean(),
      canReclaim: fc.boolean(),
      ownKill: fc.boolean(),
    }),
    ownerIsExact: fc.boolean(),
    isDraining: fc.boolean(),
    isAnswering: fc.boolean(),
    refusal: fc.constantFrom(null, 'cpu', 'memory', 'grace-spawn', 'user'),
    signs: fc.record(
      {
        userIdleMs: fc.option(
          fc.oneof(
            fc.constant(Number.POSITIVE_INFINITY),
            fc.integer({ min: 0, max: 1e8 }).map((value) => value * 1000),
          ),
        ),
        onBattery: fc.option(fc.boolean()),
        temperatureC: fc.option(fc.integer({ min: 0, max: 250 }).map((value) => value / 2)),
        programs: fc.option(fc.uniqueArray(fc.stringMatching(/^[a-zäöü._-]{1,12}$/), { maxLength: 3 })),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ signs, ...frame }) => ({ ...frame, ...signs }));

/** Frames that follow each other each five seconds. */
export function framesFrom(
  count: number,
  change: (index: number) => Partial<TapeFrame> = () => ({}),
): TapeFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    ...quietFrame,
    wallMs: quietFrame.wallMs + (index + 1) * 5000,
    atMs: quietFrame.atMs + (index + 1) * 5000,
    ...change(index),
  }));
}
