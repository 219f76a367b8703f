import * as fc from 'fast-check';
import type { Story, World } from './world.ts';
import { quietWorld } from './world.ts';

/** Something that comes and goes for ever: for `onMs` of each period, `phaseMs` into it at the start. */
export interface Wave {
  readonly periodMs: number;
  readonly onMs: number;
  readonly phaseMs: number;
}

/** A wave of so many seconds in each so many. */
export function waveOf(onSeconds: number, periodSeconds: number): Wave {
  return { periodMs: periodSeconds * 1000, onMs: onSeconds * 1000, phaseMs: 0 };
}

/** Whether it is there at this time. */
export function isOn({ periodMs, onMs, phaseMs }: Wave, ms: number): boolean {
  return (ms + phaseMs) % periodMs < onMs;
}

/** An owner who keeps the disk this busy while his wave is on, and that busy else. */
export function diskWave(wave: Wave, busy: number, calm = 0): Story {
  const on: World = { ...quietWorld, ownerDisk: busy };
  const off: World = { ...quietWorld, ownerDisk: calm };
  return (ms) => (isOn(wave, ms) ? on : off);
}

/** Waves of every sort, with as many short periods as long ones, up to this. */
export function waves(longestSeconds: number): fc.Arbitrary<Wave> {
  return fc
    .record({
      length: fc.double({ min: 0, max: 1, noNaN: true }),
      duty: fc.constantFrom(0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98),
      phase: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ length, duty, phase }) => {
      const periodMs = Math.round(1000 * longestSeconds ** length);
      return { periodMs, onMs: duty * periodMs, phaseMs: Math.round(phase * periodMs) };
    });
}
