import { describe, expect, it } from 'vitest';
import type { Leaving, Memory, Policy, Sample, Seen } from '../../src/decide/types.ts';
import { why } from '../../src/decide/why.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known } from '../../src/model/reading.ts';
import { decideOn, engineWith, hostAt, policy, running, seenAt, slotsOf, stops } from './world.ts';

const at = 10_000_000;
const names = ['a', 'b', 'c'];
const pilots = names.map((name, index) => running(name, at - 100_000 * (index + 1)));

/** 64 GB of which 3.2 GB are the owner's reserve; each pilot holds 1 GB unless it is told. */
function seenWith(
  availableBytes: number,
  changes: Partial<Sample> = {},
  uses: Readonly<Record<string, number>> = {},
  list: readonly Pilot[] = pilots,
  atMs = at,
): Seen {
  const pilotUse = new Map(
    list.map(({ id, name }) => [id, { memoryBytes: uses[name] ?? 1e9, cpuMs: 1000, readAtMs: atMs }]),
  );
  const memory = known({ totalBytes: 64e9, availableBytes, swapTotalBytes: 0, swapFreeBytes: 0 });
  return seenAt(atMs, 0, {
    engine: engineWith(list),
    host: { ...hostAt(atMs), memory, pilotUse },
    ...changes,
  });
}
function asked(agoMs: number, changes: Partial<Leaving> = {}, ...others: string[]): Memory {
  const leaving = ['a', ...others].map((pilot) => ({
    pilot,
    outcome: 'evicted' as const,
    sinceMs: at - agoMs,
    ...changes,
  }));
  const left = names.filter((name) => name !== 'a' && !others.includes(name));
  return { ...slotsOf(...left), leaving };
}
const killOf = (name: string): Action => ({
  do: 'kill',
  id: `id-${name}`,
  name,
  why: { rule: 'memory', text: '' },
});
const stopOf = (name: string): Action => ({
  do: 'stop',
  id: `id-${name}`,
  name,
  outcome: 'evicted',
  graceMs: 10_000,
  why: { rule: 'memory', text: '' },
  byUs: { signal: 'SIGTERM' },
});
const failed = (action: Action, fault: ActionResult['fault'] = 'timeout'): ActionResult => ({
  action,
  ok: false,
  fact: null,
  error: 'no',
  fault,
  tookMs: 5000,
});
const killed = (seen: Seen, memory: Memory, rules: Partial<Policy> = {}) =>
  decideOn(seen, memory, rules).actions.flatMap((one) => (one.do === 'kill' ? [one.name] : []));

describe('a pilot that does not end', () => {
  it('is counted on until 7 s after its grace, then somebody else goes', () => {
    const low = seenWith(2.4e9);
    expect(stops(decideOn(low, asked(1000), {})).filter((name) => name !== 'a')).toEqual([]);
    const flying = (agoMs: number) => ({ inFlight: [{ action: stopOf('a'), sinceMs: at - agoMs }] });
    const others = (agoMs: number) => stops(decideOn(seenWith(2.4e9, flying(agoMs)), asked(agoMs)));
    expect(others(16_999)).toEqual([]);
    expect(others(17_000)).toEqual(['b']);
  });

  it.each<[string, ActionResult]>([
    ['kill', failed(killOf('a'))],
    ['kill out of reach', failed(killOf('a'), 'rejected')],
    ['stop of ours that ended in a kill', failed(stopOf('a'))],
  ])('is not counted on any more after a %s that failed', (_, result) => {
    const decision = decideOn(seenWith(2.4e9, { results: [result] }), asked(3000));
    expect(decision.memory.leaving[0]).toMatchObject({ failedKills: { times: 1, lastMs: at } });
    expect(stops(decision)).toEqual(['b']);
  });

  it('is counted on still where it was the engine that did not answer', () => {
    const { byUs: _ours, ...byEngine } = stopOf('a') as Extract<Action, { do: 'stop' }>;
    const decision = decideOn(seenWith(2.4e9, { results: [failed(byEngine)] }), asked(3000));
    expect(decision.memory.leaving[0]?.failedKills).toBeUndefined();
    expect(stops(decision)).toEqual(['a']);
  });

  it('is asked and killed again after 10 s, then 20, up to five minutes', () => {
    const triedAgain = (times: number, agoMs: number) => {
      const memory = asked(9_000_000, { failedKills: { times, lastMs: at - agoMs } });
      const { actions } = decideOn(seenWith(2.4e9, {}), memory);
      return actions.filter((one) => 'name' in one && one.name === 'a').map((one) => one.do);
    };
    expect(triedAgain(1, 9999)).toEqual([]);
    expect(triedAgain(1, 10_000).toSorted()).toEqual(['kill', 'stop']);
    expect([triedAgain(2, 19_999), triedAgain(2, 20_000).length]).toEqual([[], 2]);
    expect([triedAgain(9, 299_999), triedAgain(9, 300_000).length]).toEqual([[], 2]);
    expect([triedAgain(2000, 299_999), triedAgain(2000, 300_000).length]).toEqual([[], 2]);
  });

  it('has each further try counted, that of the engine, too', () => {
    const memory = asked(60_000, { failedKills: { times: 1, lastMs: at - 10_000 } });
    const results = [failed(killOf('a')), failed({ ...stopOf('a') }, 'failed')];
    const decision = decideOn(seenWith(2.4e9, { results }), memory);
    expect(decision.memory.leaving[0]?.failedKills).toEqual({ times: 3, lastMs: at });
    const texts = why(policy, seenWith(2.4e9), decision).fewer;
    expect(texts[0]).toBe('a was asked to go 60 s ago (evicted): 3 kills did not end it');
  });

  it('of an earlier version’s memory is given the time of now, once', () => {
    const { leaving } = asked(0);
    const memory = { ...asked(0), leaving: leaving.map(({ pilot, outcome }) => ({ pilot, outcome })) };
    const first = decideOn(seenWith(2.4e9), memory);
    expect(first.memory.leaving[0]?.sinceMs).toBe(at);
    const later = decideOn(seenWith(2.4e9, {}, {}, pilots, at + 17_000), first.memory);
    expect(later.memory.leaving[0]?.sinceMs).toBe(at);
    expect(stops(later)).toContain('b');
  });
});

describe('less than half of the reserve', () => {
  it('ends those under notice without the rest of their grace, and says so', () => {
    const decision = decideOn(seenWith(1.5e9), asked(1000));
    const kill = decision.actions.find((one) => one.do === 'kill');
    expect(kill).toMatchObject({ name: 'a', why: { rule: 'memory' } });
    expect(kill?.do === 'kill' && kill.why.text).toBe(
      "1.5 GB of memory can be had, less than half of the owner's reserve of 3.2 GB: ended 1 s after its notice, without the rest of its grace (stop_grace 10 s)",
    );
  });

  it('is foreseen for a second at the pace at which the owner takes more', () => {
    const growing = (perSecond: number): Seen => ({ ...seenWith(3e9), ownerMemoryGrowth: known(perSecond) });
    expect(killed(growing(1.4e9), asked(1000))).toEqual([]);
    const kill = decideOn(growing(1.5e9), asked(1000)).actions.find((one) => one.do === 'kill');
    expect(kill?.do === 'kill' && kill.why.text).toContain(
      "3.0 GB of memory can be had and the owner takes 1.5 GB more each second: in a second it is less than half of the owner's reserve of 3.2 GB",
    );
  });

  it.each<[string, number, Memory, Partial<Policy>]>([
    ['half of it can be had', 1.6e9, asked(1000), {}],
    ['the notice was given just now', 1.5e9, asked(400), {}],
    ['a kill has failed just now', 1.5e9, asked(1000, { failedKills: { times: 1, lastMs: at - 1000 } }), {}],
    ['it is out of reach', 1.5e9, asked(1000), { means: { ...policy.means, ownKill: false } }],
    [
      'nothing is kept',
      1.5e9,
      asked(1000),
      { reserve: { ...policy.reserve, memory: { share: 0, atMost: null } } },
    ],
  ])('ends nobody where %s', (_, availableBytes, memory, rules) => {
    expect(killed(seenWith(availableBytes), memory, rules)).toEqual([]);
  });

  it('ends no more than it takes, with those counted whose kill is under way', () => {
    const both = asked(1000, {}, 'b');
    expect(killed(seenWith(1.5e9, {}, { a: 2e9 }), both)).toEqual(['a']);
    expect(killed(seenWith(1.5e9), both)).toEqual(['a', 'b']);
    const inFlight = [{ action: killOf('a'), sinceMs: at - 100 }];
    expect(killed(seenWith(1.5e9, { inFlight }, { a: 2e9 }), both)).toEqual([]);
    expect(killed(seenWith(1.5e9, { inFlight }), both)).toEqual(['b']);
  });
});
