import { median } from '../numbers.ts';
import { type Chapter, type CpuLine, cpuStory } from './cpuStory.ts';

/** The lines of each chapter. */
export function byChapter(
  lines: readonly CpuLine[],
  story: readonly Chapter[] = cpuStory,
): readonly (readonly CpuLine[])[] {
  let from = 0;
  return story.map(({ seconds }) => {
    const [begin, end] = [from, from + seconds];
    from = end;
    return lines.filter(({ second }) => second > begin && second <= end);
  });
}

/** What is to be said of a recording, with its numbers. */
export function cpuCaption(lines: readonly CpuLine[]): string {
  const [, bursts = [], , work = [], after = []] = byChapter(lines);
  const there = ({ running, paused }: CpuLine): number => running + paused;
  const full = Math.max(...lines.map(there));
  const sum = (of: (line: CpuLine) => number, some: readonly CpuLine[]): number =>
    some.reduce((total, line) => total + of(line), 0);
  const left = sum(({ pilotsCpus, idleCpus }) => pilotsCpus + idleCpus, bursts);
  const harvested = (sum(({ pilotsCpus }) => pilotsCpus, bursts) / left) * 100;
  // The seconds in which he begins or ends are shared.
  const atWork = work.slice(2, -2);
  const owner = median(atWork.map(({ ownerCpus }) => ownerCpus));
  const pilots = median(atWork.map(({ pilotsCpus }) => pilotsCpus));
  const fewest = Math.min(...work.map(there));
  const firstPaused = work.find(({ paused }) => paused > 0)?.second;
  const [begin, end] = [(work[0]?.second ?? 1) - 1, (after[0]?.second ?? 1) - 1];
  const firstGone = work.find((line) => there(line) < full)?.second;
  const back = after.find(({ running }) => running === full)?.second;
  return [
    `While the owner works for 5 s in each 15 s, pilots have ${harvested.toFixed(0)} % of the CPU time that nobody else uses.`,
    `While he works on every CPU he has ${owner.toFixed(2)} CPUs, and the pilots, all there and wanting more, ${pilots.toFixed(2)} (medians of the seconds).`,
    ...(firstPaused === undefined ? [] : [pausedText(firstPaused - begin)]),
    firstGone === undefined
      ? 'No pilot is evicted.'
      : `The first pilot is evicted ${firstGone - begin} s after he began; ${fewest} of ${full} are left when he ends.`,
    back === undefined
      ? `${after.at(-1)?.running ?? 0} of ${full} run ${after.length} s after he has finished.`
      : `All ${full} run ${back - end} s after he has finished.`,
  ].join(' ');
}

function pausedText(seconds: number): string {
  return seconds <= 1
    ? 'Pilots are paused already when he begins.'
    : `The first pilot is paused ${seconds} s after he began.`;
}
