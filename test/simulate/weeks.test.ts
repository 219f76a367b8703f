import { describe, expect, it } from 'vitest';
import { liveWithOneKind, type OneKindAccount } from './oneKind.ts';
import { tableText } from './seeded.ts';
import { liveThroughWeeks, type OwnerMinutes, owners, sumOf } from './weeks.ts';

/** Four weeks after four in which there was little to be learned from. */
function fromTheFifthWeek(owner: OwnerMinutes, learns: boolean) {
  return sumOf(liveThroughWeeks(owner, 8, learns).slice(4));
}

describe('what learning is worth', () => {
  it('less lost work where the owner has habits, in the same idle time; nothing where he has none', () => {
    const rows = Object.entries({ office: owners.office, night: owners.night, random: owners.random }).map(
      ([name, owner]) => {
        const [without, learns] = [fromTheFifthWeek(owner, false), fromTheFifthWeek(owner, true)];
        return { name, without, learns };
      },
    );
    const table = rows.map(({ name, without, learns }) => [
      name,
      Math.round(without.wastedHours),
      Math.round(learns.wastedHours),
      Math.round(without.usefulHours),
      Math.round(learns.usefulHours),
    ]);
    expect(`\n${tableText([['CPU hours', 'lost', 'learning', 'done', 'learning'], ...table])}\n`).toBe(`
CPU hours  lost  learning  done  learning
   office   180       118  1901      1965
    night   143        21  1977      2099
   random   116       119  1961      1961
`);
  });

  it('a node that is always or never in use is run as without', () => {
    for (const owner of [owners.alwaysBusy, owners.alwaysIdle]) {
      expect(liveThroughWeeks(owner, 4, true)).toEqual(liveThroughWeeks(owner, 4, false));
    }
  });

  it('a changed habit costs for three weeks, and is known then', () => {
    const lost = (learns: boolean) =>
      liveThroughWeeks(owners.changing, 12, learns).map(({ wastedHours }) => wastedHours);
    const [without, learns] = [lost(false), lost(true)];
    const sum = (weeks: readonly number[]) => weeks.reduce((total, hours) => total + hours, 0);
    expect(sum(learns.slice(3, 6))).toBeLessThan(0.8 * sum(without.slice(3, 6)));
    expect(sum(learns.slice(9))).toBeLessThan(0.2 * sum(without.slice(9)));
    expect(sum(learns.slice(6, 9))).toBeLessThan(2 * sum(without.slice(6, 9)));
  });
});

describe('what learning is worth with pilots of one kind', () => {
  /*
   * A start that would hardly be done is not made. What is lost with evicted pilots falls by up to a third, and so do
   * evictions; no work is missing for it, as hardly any of those starts would have been done. The price is CPU time
   * that nobody uses, 1.5 % of what is left at most. An owner without habits costs and gains next to nothing.
   */
  it('fewer evictions and less lost work, for 1.5 % of the idle time at most', () => {
    const rows = (['office', 'night', 'random'] as const).flatMap((name) =>
      [120, 480].map((minutes) => {
        const live = (learns: boolean) => liveWithOneKind(owners[name], 12, minutes, learns);
        const [without, learns] = [live(false), live(true)];
        expect(learns.harvest).toBeGreaterThan(without.harvest - 0.015);
        expect(learns.usefulHours).toBeGreaterThan(0.99 * without.usefulHours);
        return [name, minutes, ...[without, learns].flatMap(columns)];
      }),
    );
    const head = ['owner', 'minutes', 'evicted', 'lost', 'done', 'used', 'learning', 'lost', 'done', 'used'];
    expect(`\n${tableText([head, ...rows])}\n`).toBe(`
 owner  minutes  evicted  lost  done     used  learning  lost  done    used
office      120      680   350  3820   98.6 %       573   299  3820  97.3 %
office      480      681   746  3424   98.6 %       594   660  3470  97.4 %
 night      120      224   175  4061  100.0 %        99   114  4077  99.0 %
 night      480      224   697  3539  100.0 %       185   705  3516  99.7 %
random      120      468   258  3776  100.0 %       454   257  3761  99.6 %
random      480      477  1230  2816  100.0 %       473  1246  2797  99.9 %
`);
  });
});

function columns({ killed, wastedHours, usefulHours, harvest }: OneKindAccount): (string | number)[] {
  const used = `${(100 * harvest).toFixed(1)} %`;
  return [killed, Math.round(wastedHours), Math.round(usefulHours), used];
}
