import { describe, expect, it } from 'vitest';
import { judgeCpu } from '../../src/decide/cpuRule.ts';
import { observe } from '../../src/decide/observe.ts';
import { untouched } from '../../src/decide/ladder.ts';
import { followOwnWork, isOwnWork, isOwnWriting, type OwnWork } from '../../src/decide/ownWork.ts';
import type { Decision, Memory, Sample, Seen } from '../../src/decide/types.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import type { Pressures } from '../../src/model/host.ts';
import { known } from '../../src/model/reading.ts';
import {
  decideOn,
  engineWith,
  hostAt,
  noStalls,
  policy,
  running,
  sampleAt,
  seenAt,
  slotsOf,
} from './world.ts';

const at = 10_000_000;
const pilots = ['a', 'b', 'c', 'd'].map((name) => running(name, at - 600_000));
const start: Action = { do: 'start', kind: 'default', name: 'e', why: 'refill' };
const pull: Action = { do: 'pull', reference: 'busybox', why: 'due' };
const pause: Action = { do: 'pause', id: 'id-a', name: 'a', why: { rule: 'user', text: '' } };
const flying = (action: Action): Partial<Sample> => ({ inFlight: [{ action, sinceMs: at }] });
const landed = (action: Action): Partial<Sample> => {
  const result: ActionResult = { action, ok: true, fact: null, error: '', fault: null, tookMs: 1 };
  return { results: [result] };
};

interface Second {
  readonly changes?: Partial<Sample>;
  readonly stalls: number;
  /** Of waiting for a CPU, where that is another one. */
  readonly cpuStalls?: number;
}

/** Second by second: what is under way, and the share of it in which the owner's groups wait. */
function story(seconds: readonly Second[]): Decision[] {
  let seen: Seen | null = null;
  let memory: Memory = slotsOf('a', 'b', 'c', 'd');
  let [waitedMs, cpuWaitedMs] = [0, 0];
  return seconds.map(({ changes, stalls, cpuStalls = stalls }, second) => {
    const atMs = at + second * 1000;
    waitedMs += stalls * 1000;
    cpuWaitedMs += cpuStalls * 1000;
    const io = known({ someMs: waitedMs, fullMs: 0 });
    const cpu = known({ someMs: cpuWaitedMs, fullMs: 0 });
    const owner: Pressures = { ...noStalls, cpu, io };
    const host = {
      ...hostAt(atMs, 0, 4),
      pressure: { node: owner, pilots: noStalls, owner: [owner] },
    };
    seen = observe(seen, sampleAt(atMs, { host, engine: engineWith(pilots), ...changes }));
    const decision = decideOn(seen, memory, { limit: 8 });
    memory = decision.memory;
    return decision;
  });
}
const takes = (decisions: readonly Decision[]): number =>
  decisions.flatMap(({ actions }) => actions).filter(({ do: verb }) => verb === 'shrink' || verb === 'pause')
    .length;
const calm = (count: number) => Array.from({ length: count }, () => ({ stalls: 0 }));

describe('what the engine does for us', () => {
  it('is no disturbance of the owner, though the kernel charges it to him', () => {
    const burst = [
      { stalls: 0.7, changes: flying(start) },
      { stalls: 0.7, changes: landed(start) },
      { stalls: 0.7 },
    ];
    const decisions = story([...calm(5), ...burst, ...calm(20)]);
    expect(takes(decisions)).toBe(0);
    expect(decisions.at(-1)?.memory.budget?.mean60).toBe(0);
    expect(decisions.at(-1)?.memory.account.ownerDelayMs).toBe(0);
    const untold = story([...calm(5), ...burst.map(({ stalls }) => ({ stalls })), ...calm(20)]);
    expect(takes(untold)).toBeGreaterThan(0);
  });

  it('pauses nobody while it extracts an image, however long that takes, and is no reason not to grow', () => {
    const long = Array.from({ length: 200 }, () => ({ stalls: 0.9, cpuStalls: 0, changes: flying(pull) }));
    const decisions = story([...calm(3), ...long, ...calm(5)]);
    expect(takes(decisions)).toBe(0);
    expect(decisions[100]?.refusals.filter(({ rule }) => rule === 'io')).toEqual([]);
  });

  it('hides for a minute at most who waits for CPUs while a registry is slow', () => {
    const slow = Array.from({ length: 120 }, () => ({ stalls: 0, cpuStalls: 0.9, changes: flying(pull) }));
    expect(takes(story(slow.slice(0, 60)))).toBe(0);
    expect(takes(story(slow))).toBeGreaterThan(0);
  });

  it('is looked away from for a minute at most, where it never ends', () => {
    const churn = Array.from({ length: 100 }, () => ({ stalls: 0.9, changes: flying(start) }));
    expect(takes(story(churn.slice(0, 60)))).toBe(0);
    expect(takes(story(churn))).toBeGreaterThan(0);
  });

  it('hides nobody for ever who is seen for a second of each ten only', () => {
    // Five seconds of a start, and four of its echo.
    const period = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => ({
      stalls: 0.9,
      ...(second < 4 ? { changes: flying(start) } : second === 4 ? { changes: landed(start) } : {}),
    }));
    const periods = (count: number) => Array.from({ length: count }, () => period).flat();
    expect(takes(story([...calm(3), ...periods(3)]))).toBe(0);
    expect(takes(story([...calm(3), ...periods(4)]))).toBeGreaterThan(0);
  });

  it.each(['cpu', 'io'] as const)('ends no calm of the sense %s, and is none to give back on', (sense) => {
    const calm = { overSinceMs: null, lastStep: null, patienceMs: 15_000, deafUntilMs: null };
    const memory: Memory = {
      ...slotsOf('a', 'b', 'c', 'd'),
      held: [{ ...untouched('a'), rungs: { [sense]: 'paused' }, pausedSinceMs: at - 60_000 }],
      senses: { [sense]: { ...calm, calmSinceMs: at - 60_000 } },
      budget: { mean60: 0, mean5: 0, waits5: 0, readAtMs: at - 1000 },
    };
    const engine = engineWith(
      pilots.map((one) =>
        one.name === 'a' ? { ...one, state: 'paused' as const, stateSinceMs: at - 60_000 } : one,
      ),
    );
    const working = decideOn(seenAt(at, 0, { engine, ...flying(start) }), memory);
    expect(working.memory.senses[sense]?.calmSinceMs).toBe(at - 60_000);
    expect(working.actions.filter((one) => one.do === 'thaw')).toEqual([]);
    const after = decideOn(seenAt(at, 0, { engine }), {
      ...memory,
      budget: { mean60: 0, mean5: 0, readAtMs: at },
    });
    expect(after.actions.filter((one) => one.do === 'thaw')).toHaveLength(1);
  });

  it('counts for as long after as it took: 2 s at least, 10 s at most', () => {
    const after = (tookMs: number, laterMs: number) =>
      isOwnWriting({ sinceMs: at - tookMs, lastMs: at, isImage: true }, at + laterMs);
    expect([after(0, 2000), after(0, 2001)]).toEqual([true, false]);
    expect([after(8000, 8000), after(8000, 8001)]).toEqual([true, false]);
    expect([after(60_000, 10_000), after(60_000, 10_001)]).toEqual([true, false]);
  });

  it('is not judged as the owner’s use of CPUs', () => {
    const judge = (changes: Partial<Sample>) => {
      const seen = seenAt(at, 4, changes);
      const account = { sinceMs: at - 5000, ownerCpuMs: 0, readMs: 4000, pilotsCpuMs: 0 };
      return judgeCpu(
        policy,
        seen,
        { ...slotsOf('a'), cpu: { ...account, guestCpus: 0, judgedCpus: 0 } },
        at - 1000,
        [],
      );
    };
    expect(judge({}).account).toMatchObject({ ownerCpuMs: 4000, readMs: 5000 });
    expect(judge(flying(start)).account).toMatchObject({ ownerCpuMs: 0, readMs: 4000 });
  });

  it('is engine work alone, and counts for 2 s after', () => {
    const after = (changes: Partial<Sample>, before: OwnWork | null = null): OwnWork | null =>
      followOwnWork(before, sampleAt(at, changes));
    expect(isOwnWork(after(flying(pause)), at)).toBe(false);
    expect(isOwnWork(after({}), at)).toBe(false);
    expect(isOwnWork(after(landed(start)), at + 2000)).toBe(true);
    expect(isOwnWork(after(landed(start)), at + 2001)).toBe(false);
  });
});

describe('the filling of new slots', () => {
  const grow: Action = { ...start, why: 'growth' };
  const after = (action: Action, seconds: number): boolean => {
    let work: OwnWork | null = null;
    for (let second = 0; second <= seconds; second += 1)
      work = followOwnWork(work, sampleAt(at + second * 1000, flying(action)));
    return isOwnWork(work, at + seconds * 1000);
  };

  it('is our work for as long as it takes, and that of refills for a minute', () => {
    expect([after(grow, 61), after(grow, 300)]).toEqual([true, true]);
    expect([after(start, 60), after(start, 61)]).toEqual([true, false]);
  });
});
