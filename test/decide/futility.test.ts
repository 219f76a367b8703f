import { describe, expect, it } from 'vitest';
import { followUse } from '../../src/decide/futility.ts';
import { type Held, untouched } from '../../src/decide/ladder.ts';
import { observe } from '../../src/decide/observe.ts';
import type { Pressing, Signal } from '../../src/decide/senses.ts';
import type { Memory, Policy, Seen } from '../../src/decide/types.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import type { Pressures } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
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
  starts,
} from './world.ts';

const at = 10_000_000;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

const pressing: Pressing = {
  overSinceMs: at - 1000,
  calmSinceMs: null,
  lastStep: null,
  patienceMs: 15_000,
  deafUntilMs: null,
};

const rungs = ['half', 'quarter', 'paused'] as const;

/** What became of the pilots beside an owner who uses one CPU of eight and waits for this share of the time. */
interface Hour {
  readonly evicted: number;
  readonly paused: number;
  /** Seconds at which pilots were given all back, and share of the pilots' CPUs that was taken. */
  readonly givenBack: readonly number[];
  readonly taken: number;
}

/** An hour in which all that is asked for happens at once. */
function hourOf(
  waits: (pilotsCpus: number, second: number) => number,
  rules: Partial<Policy> = {},
  seconds = 3600,
): Hour {
  let seen: Seen | null = null;
  let memory: Memory = slotsOf(...names);
  let list: readonly Pilot[] = names.map((name) => running(name, at - 600_000));
  let results: ActionResult[] = [];
  const cpus = new Map(names.map((name) => [name, 1]));
  const sums = { waitedMs: 0, pilotsMs: 0, evicted: 0, paused: 0 };
  const givenBack: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const atMs = at + second * 1000;
    const running = list.filter(({ state }) => state === 'running');
    const use = running.reduce((sum, { name }) => sum + (cpus.get(name) ?? 0), 0);
    sums.pilotsMs += use * 1000;
    sums.waitedMs += waits(use, second) * 1000;
    const stall = known({ someMs: sums.waitedMs, fullMs: 0 });
    const owner: Pressures = { ...noStalls, cpu: stall };
    const host = {
      ...hostAt(atMs, 1, 0, 8),
      cpu: known({ busyMs: atMs + sums.pilotsMs, totalMs: 8 * atMs }),
      pilotsCpuMs: known(sums.pilotsMs),
      pressure: { node: owner, pilots: noStalls, owner: [owner] },
    };
    seen = observe(seen, sampleAt(atMs, { host, engine: engineWith(list), results }));
    const { actions, memory: after } = decideOn(seen, memory, { limit: 6, ...rules });
    const was = memory.held.length > 0;
    memory = after;
    if (was && memory.held.every((one) => Object.keys(one.rungs).length === 0)) givenBack.push(second);
    results = actions.map((action) => ({ action, ok: true, fact: null, error: '', fault: null, tookMs: 1 }));
    sums.evicted += actions.filter((action) => action.do === 'stop').length;
    sums.paused += actions.filter((action) => action.do === 'pause').length;
    for (const action of actions) if (action.do === 'shrink') cpus.set(action.name, action.cpus ?? 1);
    list = list.map((pilot) => followed(pilot, actions, atMs));
  }
  return { ...sums, givenBack, taken: 1 - sums.pilotsMs / (6000 * seconds) };
}

function followed(pilot: Pilot, actions: readonly Action[], atMs: number): Pilot {
  const mine = actions.filter((action) => 'name' in action && action.name === pilot.name);
  if (mine.some((action) => action.do === 'pause')) return { ...pilot, state: 'paused', stateSinceMs: atMs };
  return mine.some((action) => action.do === 'thaw')
    ? { ...pilot, state: 'running', stateSinceMs: atMs }
    : pilot;
}

describe('an owner whose tasks wait for each other', () => {
  it('has no pilot evicted or paused, and little taken from them in an hour', () => {
    const hour = hourOf(() => 1);
    expect(hour).toMatchObject({ evicted: 0, paused: 0 });
    expect(hour.taken).toBeGreaterThan(0);
    expect(hour.taken).toBeLessThan(0.04);
    expect(new Set(hour.givenBack.map((second) => Math.floor(second / 600)))).toEqual(new Set([0, 1, 3]));
  });

  it('has none evicted where CPU cannot be cut either', () => {
    const hour = hourOf(() => 1, { means: { ...policy.means, canThrottle: false } });
    expect(hour.evicted).toBe(0);
    expect(hour.taken).toBeLessThan(0.05);
  });

  it('is told from one who waits for the pilots: those are kept down for as long as it helps', () => {
    const hour = hourOf((pilotsCpus) => (pilotsCpus > 3 ? 0.5 : 0), {}, 300);
    expect(hour.taken).toBeGreaterThan(0.2);
    expect(hour.evicted).toBe(0);
  });

  it('is judged by this bout, not by a worse one before that pilots were the cause of', () => {
    const over: Signal = { is: 'over', text: '', level: 0.3 };
    const between: Signal = { is: 'between', text: '', level: 0.3 };
    const before = { ...pressing, worst: 1 };
    const calm = followUse('cpu', { ...before, overSinceMs: null }, between, [], ['quarter'], [], true, at);
    expect(calm.worst).toBeNull();
    expect(followUse('cpu', { ...calm, overSinceMs: at }, over, [], ['quarter'], [], true, at).worst).toBe(
      0.3,
    );
    const held = [{ ...untouched('a'), rungs: { cpu: 'half' } as const }];
    expect(followUse('cpu', before, over, held, ['quarter'], ['a'], true, at).worst).toBe(1);
  });

  it('is judged by those that can be cut, where the limit of others is not known: none is paused before', () => {
    const level: Signal = { is: 'over', text: '', level: 0.9 };
    const cut = (name: string) => ({ ...untouched(name), rungs: { cpu: 'quarter' as const }, cpus: 0.25 });
    const found = { ...untouched('f'), rungs: { cpu: 'quarter' as const } };
    const sinceOf = (held: readonly Held[]) =>
      followUse(
        'cpu',
        pressing,
        level,
        held,
        rungs,
        held.map((one) => one.pilot),
        true,
        at,
      ).uselessSinceMs;
    expect(sinceOf([cut('a'), found])).toBe(at);
    expect(sinceOf([cut('a'), { ...found, rungs: { cpu: 'half' } }]) ?? null).toBeNull();
    expect(sinceOf([{ ...cut('a'), cpusSet: false }, found]) ?? null).toBeNull();
    // Of these alone nothing can be taken: only a pause of all shows anything.
    const paused = { ...found, rungs: { cpu: 'paused' as const } };
    expect(sinceOf([found]) ?? null).toBeNull();
    expect(sinceOf([{ ...paused, pilot: 'g' }, found]) ?? null).toBeNull();
    expect(sinceOf([paused])).toBe(at);
  });

  it('does not keep the node from having more pilots once that is known', () => {
    const memory: Memory = {
      ...slotsOf('a'),
      budget: { mean60: 0.9, mean5: 0.9, waits5: 1, readAtMs: at - 1000 },
      senses: { cpu: { ...pressing, deafUntilMs: at + 60_000 } },
    };
    const seen = seenAt(at, 0, { engine: engineWith([running('a', at - 600_000)]) });
    const pressed = {
      ...seen,
      pilotsCpus: known(1),
      ownerPressure: { ...seen.ownerPressure, cpu: known(1) },
    };
    expect(starts(decideOn(pressed, memory))).not.toEqual([]);
    const unknownYet: Memory = { ...memory, senses: { cpu: pressing } };
    expect(starts(decideOn(pressed, unknownYet))).toEqual([]);
  });

  it('has them paused where a quarter helped, and not enough', () => {
    expect(
      hourOf((pilotsCpus) => (pilotsCpus > 2 ? 0.9 : pilotsCpus > 0 ? 0.1 : 0), {}, 120).paused,
    ).toBeGreaterThan(0);
  });
});
