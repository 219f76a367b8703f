import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { OwnerSigns } from '../../src/model/host.ts';
import { known, unknown } from '../../src/model/reading.ts';
import { plainNature } from '../../src/replay/body.ts';
import { noSigns, policy, starts, withRules } from '../decide/world.ts';
import { type Frame, seconds, simulate } from './node.ts';
import type { World } from './world.ts';

const rules = withRules(policy, { graceSpawnMs: 5000, kind: { ttlMs: 1e9, stopGraceMs: 2000 } });
/** The owner comes at the first of these seconds, is not seen from the second to the third, and was gone meanwhile. */
const [comes, darkens, clears, end] = [150, 175, 475, 900];

function signed(signs: Partial<OwnerSigns>): Partial<World> {
  return { signs: { ...noSigns, ...signs } };
}
const dark = unknown('it cannot be read');

interface Owner {
  readonly away: Partial<World>;
  readonly here: Partial<World>;
  readonly unseen: Partial<World>;
}

/** An owner before, while and after nothing is known of him. */
function livesWith({ away, here, unseen }: Owner): Frame[] {
  const worlds = seconds(end, (second) =>
    second < comes || second >= clears ? away : second < darkens ? here : unseen,
  );
  const natures = [{ ...plainNature, workCpuMs: 1e12, disk: 0.5 }];
  return simulate(decide, rules, { worlds, natures });
}

function runningAt(frames: readonly Frame[], second: number): number {
  return frames[second]?.containers.filter(({ state }) => state === 'running').length ?? -1;
}

describe.each<[string, Owner]>([
  [
    'somebody at the node',
    {
      away: signed({ userIdleMs: known(1e9) }),
      here: signed({ userIdleMs: known(0) }),
      unseen: signed({ userIdleMs: dark }),
    },
  ],
  [
    'a battery',
    {
      away: signed({ onBattery: known(false) }),
      here: signed({ onBattery: known(true) }),
      unseen: signed({ onBattery: dark }),
    },
  ],
  [
    'a program',
    {
      away: signed({ programs: known([]) }),
      here: signed({ programs: known(['game']) }),
      unseen: signed({ programs: dark }),
    },
  ],
  [
    'storage that is waited for',
    { away: {}, here: { ownerDisk: 3 }, unseen: { blind: ['pressure', 'disk'] } },
  ],
  ['memory that is short', { away: {}, here: { ownerMemoryBytes: 62e9 }, unseen: { blind: ['memory'] } }],
])('of %s that cannot be read any more', (_, owner) => {
  const frames = livesWith(owner);

  it('is not known that it is over: nothing is given back, and nothing starts', () => {
    expect(runningAt(frames, comes - 1)).toBe(4);
    for (let second = darkens; second < clears; second++) {
      expect([second, runningAt(frames, second)]).toEqual([second, 0]);
      const frame = frames[second];
      expect([second, frame === undefined ? [''] : starts(frame.decision)]).toEqual([second, []]);
    }
  });

  it('all goes on once it is seen to be over', () => {
    expect(runningAt(frames, end - 1)).toBe(4);
  });
});
