import { expect, it } from 'vitest';
import { statusOf } from '../../src/daemon/statusOf.ts';
import { Troubles } from '../../src/daemon/troubles.ts';
import { decideOn, engineWith, policy, running, seenAt } from '../decide/world.ts';
import { wholeParent } from '../support/parentStatus.ts';

const config = { file: '', state: 'good', problems: [], warnings: [], loadedAt: '' } as const;

it('tells how many pilots are paused, of those that have a slot', () => {
  const paused = { state: 'paused' } as const;
  const engine = engineWith([
    running('a'),
    running('b', 0, paused),
    running('c', 0, paused),
    running('not-ours', 0, { ...paused, managed: false }),
  ]);
  const seen = seenAt(10_000, 0, { engine });
  const tick = { sample: seen.sample, seen, policy, decision: decideOn(seen) };
  const { pilots } = statusOf(tick, {
    hostname: 'node7',
    clock: { nowMs: () => 10_000, wallMs: () => 10_000 },
    startedWallMs: 0,
    endpoint: '',
    config,
    parent: wholeParent,
    influxdb: [],
    troubles: new Troubles(),
    last: null,
  });
  expect(pilots).toMatchObject({ running: 3, paused: 2, unmanaged: 1 });
});
