import { describe, expect, it } from 'vitest';
import { liveWithOneKind, type OneKindAccount, type Weeks } from './oneKind.ts';
import { tableText } from './seeded.ts';
import { owners } from './weeks.ts';

/** The same weeks without and with what is learned. */
function both(weeks: Omit<Weeks, 'learns'>): [OneKindAccount, OneKindAccount] {
  return [liveWithOneKind({ ...weeks, learns: false }), liveWithOneKind({ ...weeks, learns: true })];
}

describe('what learning is worth', () => {
  /*
   * A start that would hardly be done is not made. Beside an owner who takes the whole node at his hours a tenth to a
   * half of the evictions fall away, and a tenth to a fifth of what is lost with them; next to no work is missing for
   * it, as hardly any of those starts would have been done. The price is CPU time that nobody uses, 1.5 % of what is
   * left at most. In the idle class pilots can stay beside one who leaves some of it: there, as with an owner without
   * habits, it costs and gains next to nothing.
   */
  it('fewer evictions and less lost work, for 1.5 % of the idle time at most', () => {
    const rows = (['idle', 'normal'] as const).flatMap((cpuClass) =>
      (['office', 'night', 'random'] as const).flatMap((name) =>
        [120, 480].map((mostMinutes) => {
          const [without, learns] = both({ owner: owners[name], weeks: 12, mostMinutes, cpuClass });
          expect(learns.harvest).toBeGreaterThan(without.harvest - 0.015);
          expect(learns.usefulHours).toBeGreaterThan(0.99 * without.usefulHours);
          return [cpuClass, name, mostMinutes, ...[without, learns].flatMap(columns)];
        }),
      ),
    );
    const head = 'class owner minutes evicted lost done used learning lost done used'.split(' ');
    expect(`\n${tableText([head, ...rows])}\n`).toBe(`
 class   owner  minutes  evicted  lost  done     used  learning  lost  done     used
  idle  office      120      478   266  3777   99.0 %       477   262  3776   98.9 %
  idle  office      480      480   684  3380   99.0 %       479   675  3385   98.9 %
  idle   night      120      221   160  3844  100.0 %       113   136  3834   99.1 %
  idle   night      480      224   769  3251  100.0 %       197   704  3304   99.7 %
  idle  random      120      307   136  3565  100.0 %       297   125  3564   99.6 %
  idle  random      480      316   608  3112  100.0 %       310   613  3101   99.9 %
normal  office      120      664   324  3700   98.5 %       562   261  3702   97.0 %
normal  office      480      668   695  3343   98.5 %       581   607  3382   97.4 %
normal   night      120      221   160  3844  100.0 %       113   136  3834   99.1 %
normal   night      480      224   769  3251  100.0 %       197   704  3304   99.7 %
normal  random      120      473   270  3435  100.0 %       456   259  3430   99.6 %
normal  random      480      476  1192  2531  100.0 %       473  1160  2561  100.0 %
`);
  });

  it('nothing on a node that is always or never in use', () => {
    for (const owner of [owners.alwaysBusy, owners.alwaysIdle]) {
      const [without, learns] = both({ owner, weeks: 6, mostMinutes: 120, cpuClass: 'normal' });
      expect(learns).toEqual(without);
    }
  });
});

function columns({ killed, wastedHours, usefulHours, harvest }: OneKindAccount): (string | number)[] {
  const used = `${(100 * harvest).toFixed(1)} %`;
  return [killed, Math.round(wastedHours), Math.round(usefulHours), used];
}
