import { expect, it } from 'vitest';
import type { Account } from '../../src/decide/budget.ts';
import { statusOf } from '../../src/daemon/statusOf.ts';
import { Troubles } from '../../src/daemon/troubles.ts';
import { decideOn, engineWith, policy, running, seenAt } from '../decide/world.ts';
import { wholeParent } from '../support/parentStatus.ts';

const config = { file: '', state: 'good', problems: [], warnings: [], loadedAt: '' } as const;

const parts = {
  hostname: 'node7',
  clock: { nowMs: () => 10_000, wallMs: () => 1_000_010_000 },
  startedWallMs: 0,
  endpoint: '',
  config,
  parent: wholeParent,
  folders: { bound: 'watched' as const, why: 'we are not root' },
  influxdb: [],
  page: { url: null, error: '' },
  troubles: new Troubles(),
  last: null,
};

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
  expect(statusOf(tick, parts).pilots).toMatchObject({ running: 3, paused: 2, unmanaged: 1 });
});

it('tells what bounds what pilots may write', () => {
  expect(statusOf(null, parts).folders).toEqual({ bound: 'watched', why: 'we are not root' });
});

it('tells what pilots have had, and of the owner’s waiting only what was told', () => {
  const seen = seenAt(10_000, 0);
  const sums = { sinceMs: 4000, harvestedMs: 90_000, wastedMs: 1500, ownerDelayMs: 250 };
  const accountOf = (account: Account) => {
    const decision = decideOn(seen);
    const memory = { ...decision.memory, account };
    return statusOf({ sample: seen.sample, seen, policy, decision: { ...decision, memory } }, parts).account;
  };
  const told = { since: '1970-01-12T13:46:44.000Z', harvestedSeconds: 90, wastedSeconds: 1.5 };
  expect(accountOf({ ...sums, toldMs: 5000 })).toEqual({
    ...told,
    ownerDelaySeconds: 0.25,
    ownerDelayShare: 0.05,
  });
  const untold = { ownerDelaySeconds: null, ownerDelayShare: null };
  expect(accountOf(sums)).toEqual({ ...told, ...untold });
  const nothing = { since: null, harvestedSeconds: 0, wastedSeconds: 0, ...untold };
  expect(statusOf(null, parts).account).toEqual(nothing);
});
