import * as fc from 'fast-check';
import type { Policy } from '../../src/decide/types.ts';
import { known, unknown } from '../../src/model/reading.ts';
import { policy as defaults, withRules } from '../decide/world.ts';
import type { SimulatedMachine } from './machine.ts';
import { seconds, type Tale } from './node.ts';
import type { Nature } from '../../src/replay/body.ts';
import type { World } from './world.ts';

/** Rules that are quick to act, so that a tale of minutes sees all of them. */
export const policy: Policy = withRules(defaults, {
  loopMs: 5000,
  graceKillMs: 10_000,
  graceSpawnMs: 5000,
  maxPauseMs: 30_000,
  kind: { ttlMs: 150_000, stopGraceMs: 2000 },
});
/** A container that is not ours. */
export const foreign = ['theirs'];
/** What is the owner's in any case. */
export const reserveBytes = 0.05 * 64e9;
/** `max_pause` in seconds. */
export const maxPauseSeconds = 30;

const world: fc.Arbitrary<World> = fc.record({
  ownerCpus: fc.constantFrom(0, 0.2, 1, 2, 4, 9),
  ownerMemoryBytes: fc.constantFrom(4e9, 4e9, 4e9, 60e9, 62e9, 63.9e9),
  ownerDisk: fc.constantFrom(0, 0, 0.5, 1),
  diskFreeBytes: fc.constantFrom(400e9, 400e9, 400e9, 100e6),
  engine: fc.constantFrom('answers', 'answers', 'answers', 'answers', 'away', 'hangs'),
  startsFail: fc.constantFrom(false, false, false, true),
  blind: fc.subarray(['cpu', 'pilotsCpu', 'memory', 'pilotsMemory', 'disk', 'pressure', 'pilotUse'], {
    maxLength: 1,
  }),
  signs: fc.record({
    userIdleMs: fc.constantFrom(null, null, known(0), known(1e9), unknown<number>('no terminal')),
    onBattery: fc.constantFrom(null, null, known(true), known(false)),
    programs: fc.constantFrom(null, null, known(['game']), known([])),
    temperatureC: fc.constantFrom(null, null, known(95), known(40)),
    window: fc.constantFrom(
      null,
      null,
      { open: true, changesInMs: 5000 },
      { open: false, changesInMs: 60_000 },
    ),
  }),
  control: fc.record({
    drain: fc.constantFrom(false, false, false, true),
    stop: fc.constant(false),
    forceStop: fc.constantFrom(false, false, false, false, false, false, true),
    renew: fc.constant([]),
  }),
  daemonDies: fc.constantFrom(false, false, false, false, false, true),
});
/** Pilots of every sort: that end at once, fail, work for ever, grow, ignore a notice. */
const nature: fc.Arbitrary<Nature> = fc.record({
  workCpuMs: fc.constantFrom(500, 7000, 30_000, 1e12),
  firstBytes: fc.constant(50e6),
  peakBytes: fc.constantFrom(100e6, 2e9),
  growCpuMs: fc.constantFrom(1000, 20_000),
  disk: fc.constantFrom(0, 0.3),
  noticeMs: fc.constantFrom(0, 500, Number.POSITIVE_INFINITY),
  exitCode: fc.constantFrom(0, 0, 1),
});
/** One of eight is ended by nothing. */
const mortal = fc.integer({ min: 0, max: 7 }).map((chance) => chance > 0);
const machine: fc.Arbitrary<Partial<SimulatedMachine>> = fc.record({
  cpuClass: fc.constantFrom('idle', 'normal'),
  ownerSlices: fc.boolean(),
  swapBytes: fc.constantFrom(0, 0, 16e9),
});
function perhapsStuck([nature, isMortal]: [Nature, boolean]): Nature {
  return isMortal ? nature : { ...nature, stuck: true };
}
/** A world lasts for some seconds, else nothing would ever have time to come about. */
const spell = fc.record({ world, lasts: fc.integer({ min: 1, max: 20 }) });
/** Tales of every sort. */
export const tales: fc.Arbitrary<Tale> = fc
  .record({
    spells: fc.array(spell, { minLength: 1, maxLength: 12 }),
    natures: fc.array(fc.tuple(nature, mortal).map(perhapsStuck), { minLength: 1, maxLength: 4 }),
    machine,
  })
  .map(({ spells, natures, machine }) => ({
    worlds: spells.flatMap(({ world, lasts }) =>
      // The daemon dies once, not in every second.
      seconds(lasts, (second) => ({ ...world, daemonDies: world.daemonDies && second === 0 })),
    ),
    natures,
    machine,
    foreign,
  }));
