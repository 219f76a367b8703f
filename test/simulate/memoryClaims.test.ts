import { describe, expect, it } from 'vitest';
import { policy } from '../decide/world.ts';
import { claimPolicies, heavyOwner, liveByClaims } from './memoryClaims.ts';
import { tableText } from './seeded.ts';
import type { Story } from './world.ts';

/** What each way of reckoning comes to in three hours, for an owner. */
function tableFor(story: Story): string {
  const rows = Object.entries(claimPolicies).map(([name, claims]) => {
    const { running, verbs, wasted, belowReserveMs, outOfMemoryKills } = liveByClaims(claims, story, policy);
    const lost = `${(100 * wasted).toFixed(1)} %`;
    return [name, running.toFixed(1), verbs.stop, lost, `${belowReserveMs / 1000} s`, outOfMemoryKills];
  });
  return tableText([['claim', 'pilots', 'evicted', 'work lost', 'below reserve', 'killed'], ...rows]);
}

describe('what a running pilot counts for', () => {
  /*
   * Limits as claims let run two fifths of the pilots that fit. Bare use fills the memory, and then evicts all the
   * time, as those who run go on growing. A quarter of the limit, then the use and a tenth, has more than four fifths
   * of those pilots at a sixth of the evictions; to take a new one for what the others have become spares some more.
   */
  it('beside an owner who takes 20 GB more for twenty minutes of each hour', () => {
    expect(`\n${tableFor(heavyOwner)}\n`).toBe(`
                                 claim  pilots  evicted  work lost  below reserve  killed
                             its limit    24.5        0      0.0 %            0 s       0
                               its use    65.9      533     19.7 %           10 s       0
            a quarter, then use + 10 %    56.4       87     17.2 %           10 s       0
a quarter or the mean, then use + 10 %    56.5       73     15.7 %            6 s       0
`);
  });
});
