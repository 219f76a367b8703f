import { below, withAtHand } from '../memoryLooks.ts';
import type { ReliefRound } from '../reliefRound.ts';

/** One look at memory, in units of 10⁹ bytes. */
export type MemoryLine = Readonly<Record<(typeof memoryNames)[number], number>>;

export const memoryNames = [
  'second',
  'availableGb',
  'atHandGb',
  'reserveGb',
  'pilotsGb',
  'ownerGb',
  'pilots',
] as const;

/** A round of the measurement of memory relief, as a recording. */
export function memoryLines({ looks, reserveBytes }: ReliefRound): readonly MemoryLine[] {
  return looks.map((look) => ({
    second: look.atMs / 1000,
    availableGb: look.availableBytes / 1e9,
    atHandGb: look.atHandBytes / 1e9,
    reserveGb: reserveBytes / 1e9,
    pilotsGb: look.pilotsBytes / 1e9,
    ownerGb: look.ownerBytes / 1e9,
    pilots: look.pilots,
  }));
}

/** What is to be said of a recording, with its numbers. */
export function memoryCaption(lines: readonly MemoryLine[]): string {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a recording of nothing');
  const looks = lines.map((line) => ({
    atMs: line.second * 1000,
    availableBytes: line.availableGb,
    atHandBytes: line.atHandGb,
  }));
  const { seconds, leastBytes: leastGb } = below(withAtHand(looks), first.reserveGb);
  const ended = first.pilots - last.pilots;
  const missing = ((first.reserveGb - leastGb) * 1000).toFixed(0);
  const shortage =
    seconds === 0
      ? 'The reserve was never touched'
      : `The owner’s reserve was touched for ${seconds.toFixed(1)} s, by ${missing} MB at most`;
  return `An owner takes ${last.ownerGb.toFixed(1)} GB at 0.5 GB a second while ${first.pilots} pilots, all of which ignore the stop signal, hold ${first.pilotsGb.toFixed(1)} GB; \`stop_grace\` is 2 s. ${shortage}; ${ended} of the pilots were ended, and ${last.availableGb.toFixed(1)} GB were available at the end; the reserve is ${last.reserveGb.toFixed(1)} GB. The dashed line counts what was freed a moment ago and a CPU keeps at hand, which MemAvailable lacks.`;
}
