import { describe, expect, it } from 'vitest';
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
