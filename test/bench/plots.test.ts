import { describe, expect, it } from 'vitest';
import { byChapter, cpuCaption } from '../../bench/plots/cpuCaption.ts';
import { type CpuLine, cpuStory } from '../../bench/plots/cpuStory.ts';
import { fromCsv, toCsv } from '../../bench/plots/csv.ts';
import { memoryCaption, memoryLines } from '../../bench/plots/memoryStory.ts';
import { withCaption, wrapped } from '../../bench/plots/page.ts';

describe('a recording', () => {
  it('is read as it was written', () => {
    const lines = [
      { cpus: 0.5, second: 1 },
      { second: 2, cpus: 1.23456 },
    ];
    expect(toCsv(lines, ['second', 'cpus'])).toBe('second,cpus\n1,0.5\n2,1.235\n');
    expect(
      fromCsv<{ second: number; cpus: number }>(toCsv(lines, ['second', 'cpus']), ['second', 'cpus'])[1],
    ).toEqual({
      second: 2,
      cpus: 1.235,
    });
  });

  it('of other things, or a broken one, is refused', () => {
    expect(() => fromCsv('a,b\n1,2\n', ['a', 'c'])).toThrow('a,b');
    expect(() => fromCsv('a,b\n1\n', ['a', 'b'])).toThrow('line');
    expect(() => fromCsv('a,b\n1,x\n', ['a', 'b'])).toThrow('line');
  });
});

describe('a caption', () => {
  const page = 'before\n<!-- figures of x -->\nold\n<!-- end of figures of x -->\nafter\n';

  it('takes the place of the one before, and nothing else does', () => {
    const once = withCaption(page, 'x', 'X', 'new');
    expect(once).toBe(
      'before\n<!-- figures of x -->\n![X](plots/x.svg)\n\nnew\n<!-- end of figures of x -->\nafter\n',
    );
    expect(withCaption(once, 'x', 'X', 'new')).toBe(once);
    expect(() => withCaption(page, 'y', 'Y', 'new')).toThrow('y');
  });

  it('is broken at spaces', () => {
    expect(wrapped('one two three', 7)).toBe('one two\nthree');
    expect(wrapped('incomprehensible', 4)).toBe('incomprehensible');
  });
});

/** The story on a node of two CPUs: what pilots do follows from what he does and from how many run. */
function story(running: (second: number) => number): readonly CpuLine[] {
  const seconds = cpuStory.reduce((sum, chapter) => sum + chapter.seconds, 0);
  return Array.from({ length: seconds }, (_, index) => {
    const second = index + 1;
    const ownerCpus =
      (second > 30 && second <= 120 && (second - 31) % 15 < 5) || (second > 180 && second <= 360) ? 2 : 0;
    const pilotsCpus = Math.min(2 - ownerCpus, running(second)) * 0.9;
    const told = { toldOwnerCpus: ownerCpus, toldPilotsCpus: pilotsCpus };
    const idleCpus = 2 - ownerCpus - pilotsCpus;
    return {
      second,
      ownerCpus,
      pilotsCpus,
      othersCpus: 0,
      idleCpus,
      ...told,
      running: running(second),
      paused: 0,
    };
  });
}

describe('what is said of the CPUs', () => {
  it('is by chapters', () => {
    const chapters = byChapter(story(() => 2));
    expect(chapters.map((lines) => lines.length)).toEqual(cpuStory.map(({ seconds }) => seconds));
    expect(chapters[3]?.every(({ ownerCpus }) => ownerCpus === 2)).toBe(true);
  });

  it('has the figures of the run', () => {
    const text = cpuCaption(story((second) => (second > 310 && second < 400 ? 1 : 2)));
    expect(text).toContain('pilots have 90 % of the CPU time');
    expect(text).toContain('he has 2.00 CPUs, and the pilots, all there and wanting more, 0.00');
    expect(text).toContain('evicted 131 s after he began; 1 of 2 are left');
    expect(text).toContain('All 2 run 40 s after he has finished');
  });

  it('does not take a pause for an eviction', () => {
    const paused = story(() => 2).map((line) =>
      line.second > 200 && line.second <= 360 ? { ...line, running: 1, paused: 1 } : line,
    );
    expect(cpuCaption(paused)).toContain(
      'paused 21 s after he began. No pilot is evicted. All 2 run 1 s after',
    );
  });

  it('says so when nobody goes, or not all come back', () => {
    expect(cpuCaption(story(() => 2))).toContain('No pilot is evicted');
    expect(cpuCaption(story((second) => (second > 310 ? 1 : 2)))).toContain('1 of 2 run 120 s after');
  });
});

describe('what is said of memory', () => {
  const look = (seconds: number, availableGb: number, pilots: number) => ({
    atMs: seconds * 1000,
    availableBytes: availableGb * 1e9,
    atHandBytes: 0,
    pilotsBytes: pilots * 0.4e9,
    ownerBytes: Math.min(1.5, seconds / 2) * 1e9,
    pilots,
  });

  it('has the figures of the run', () => {
    const looks = [look(0, 10.5, 4), look(1, 9.9, 4), look(3, 9.2, 4), look(3.5, 10.1, 1), look(6, 10.1, 1)];
    const text = memoryCaption(memoryLines({ looks, reserveBytes: 10e9 }));
    expect(text).toContain('4 pilots, all of which ignore the stop signal, hold 1.6 GB');
    expect(text).toContain('touched for 2.5 s, by 800 MB at most; 3 of the pilots were ended');
  });

  it('says so when the reserve was never touched', () => {
    const looks = [look(0, 12, 4), look(3, 11, 2), look(6, 11, 2)];
    expect(memoryCaption(memoryLines({ looks, reserveBytes: 10e9 }))).toContain('never touched');
  });
});
