import { describe, expect, it } from 'vitest';
import { type Held, untouched } from '../../src/decide/ladder.ts';
import type { Pressing } from '../../src/decide/senses.ts';
import { type Decision, type Memory, type Policy, type Sample, type Seen } from '../../src/decide/types.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import type { OwnerSigns } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import {
  decideOn,
  emptyMemoryOf,
  engineWith,
  hostAt,
  image,
  noSigns,
  policy,
  running,
  seenAt,
  slotsOf,
  starts,
  stops,
} from './world.ts';

const at = 10_000_000;
const somebody: Partial<OwnerSigns> = { userIdleMs: known(0) };
const nobody: Partial<OwnerSigns> = { userIdleMs: known(Number.POSITIVE_INFINITY) };
const pilots = [running('a', at - 9_000_000), running('b', at - 60_000)];

function seenWith(
  signs: Partial<OwnerSigns>,
  list: readonly Pilot[] = pilots,
  changes: Partial<Sample> = {},
  atMs = at,
): Seen {
  const host = { ...hostAt(atMs), signs: { ...noSigns, ...signs } };
  return seenAt(atMs, 0, { host, engine: engineWith(list), ...changes });
}
/** Verbs and names of what touches pilots that run. */
const doings = ({ actions }: Decision): string[] =>
  actions.flatMap((action) =>
    'name' in action && action.do !== 'start' ? [`${action.do} ${action.name}`] : [],
  );
const frozen = (list: readonly Pilot[], sinceMs = at): Pilot[] =>
  list.map((pilot) => ({ ...pilot, state: 'paused', stateSinceMs: sinceMs }));
const inFlight = (decision: Decision, sinceMs = at): Sample['inFlight'] =>
  decision.actions.map((action) => ({ action, sinceMs }));
const done = (action: Action, ok = true): ActionResult => ({
  action,
  ok,
  fact: null,
  error: ok ? '' : 'no',
  fault: null,
  tookMs: 1,
});
const two = slotsOf('a', 'b');

describe('somebody at the node', () => {
  const first = decideOn(seenWith(somebody), two);

  it('has every pilot paused at once, and none started', () => {
    expect(doings(first).toSorted()).toEqual(['pause a', 'pause b']);
    expect(starts(first)).toEqual([]);
    expect(first.refusals[0]).toMatchObject({ rule: 'user' });
    expect(first.actions[0]).toMatchObject({ why: { rule: 'user' } });
  });

  it('is not paused for twice while that is under way, nor once it is done', () => {
    const flying = seenWith(somebody, pilots, { inFlight: inFlight(first) }, at + 1000);
    expect(doings(decideOn(flying, first.memory))).toEqual([]);
    const paused = seenWith(somebody, frozen(pilots), {}, at + 1000);
    expect(doings(decideOn(paused, first.memory))).toEqual([]);
  });

  it('is paused for again where the pause failed', () => {
    const failed = seenWith(somebody, pilots, { results: first.actions.map((one) => done(one, false)) });
    expect(doings(decideOn(failed, first.memory)).toSorted()).toEqual(['pause a', 'pause b']);
  });

  it('who leaves has pilots thawed once that has lasted, and started again then', () => {
    let memory = first.memory;
    const seconds: string[] = [];
    for (let second = 1; second <= 8; second++) {
      const decision = decideOn(seenWith(nobody, frozen(pilots), {}, at + second * 1000), memory);
      seconds.push(doings(decision).toSorted().join(','));
      memory = decision.memory;
      if (seconds.at(-1) !== '') break;
      expect(starts(decision)).toEqual([]);
    }
    expect(seconds).toEqual(['', '', '', '', '', 'thaw a,thaw b']);
    const thawed = decideOn(seenWith(nobody, pilots, {}, at + 7000), memory);
    expect(thawed.memory.held).toEqual([]);
    expect(starts(thawed).length).toBeGreaterThan(0);
  });

  it('who cannot be seen any more has nothing thawed, and nothing started', () => {
    let memory = first.memory;
    for (let second = 1; second <= 120; second++) {
      const seen = seenWith({ userIdleMs: unknown('gone') }, frozen(pilots), {}, at + second * 1000);
      const decision = decideOn(seen, memory);
      expect(doings(decision)).toEqual([]);
      expect(decision.refusals[0]).toMatchObject({ rule: 'user' });
      memory = decision.memory;
    }
  });

  it('who is not asked after any more has them thawed at once', () => {
    const decision = decideOn(seenWith({}, frozen(pilots), {}, at + 1000), first.memory);
    expect(doings(decision).toSorted()).toEqual(['thaw a', 'thaw b']);
  });

  it('who stays has them evicted after max_pause, which is told', () => {
    const late = seenWith(somebody, frozen(pilots), {}, at + 600_000);
    const decision = decideOn(late, first.memory);
    expect(doings(decision).toSorted()).toEqual(['stop a', 'stop b']);
    expect(decision.actions[0]).toMatchObject({ outcome: 'evicted', why: { rule: 'pause' } });
    const before = decideOn(seenWith(somebody, frozen(pilots), {}, at + 599_000), first.memory);
    expect(stops(before)).toEqual([]);
  });

  it('has them evicted at once where they cannot be paused', () => {
    const means = { ...policy.means, canPause: false };
    const decision = decideOn(seenWith(somebody), two, { means });
    expect(stops(decision)).toEqual([]);
    const next = decideOn(seenWith(somebody, pilots, {}, at + 1000), decision.memory, { means });
    expect(stops(next).toSorted()).toEqual(['a', 'b']);
  });

  it('is no matter for an engine elsewhere', () => {
    expect(doings(decideOn(seenWith(somebody), two, { nodeIsEngines: false }))).toEqual([]);
  });
});

describe('a paused pilot', () => {
  const held: Memory = {
    ...two,
    held: [{ ...untouched('a'), rungs: { user: 'paused' }, pausedSinceMs: at }],
  };

  it('is thawed by a daemon that was started anew and finds the owner gone', () => {
    const decision = decideOn(seenWith({}, frozen(pilots.slice(0, 1))), held);
    expect(doings(decision)).toEqual(['thaw a']);
  });

  it('is remembered while the engine has not listed anything yet', () => {
    const silent = engineWith([], { state: 'waiting', listed: false, reason: '' });
    const starting = decideOn(seenWith(somebody, [], { engine: silent }), held);
    expect(starting.memory.held).toEqual(held.held);
    expect(decideOn(seenWith(somebody, []), held).memory.held).toEqual([]);
  });

  it('that nobody remembers pausing is left as it is, and evicted after max_pause', () => {
    const byHand = frozen(pilots.slice(0, 1), at - 599_000);
    const soon = decideOn(seenWith({}, byHand), two);
    expect(doings(soon)).toEqual([]);
    const late = decideOn(seenWith({}, frozen(pilots.slice(0, 1), at - 600_000)), two);
    expect(doings(late)).toEqual(['stop a']);
    expect(late.actions[0]).toMatchObject({
      why: { text: expect.stringContaining('not by Plancton') as string },
    });
  });

  it('is as old as its longest pause: one for another reason right after does not begin anew', () => {
    const later: Memory = {
      ...two,
      held: [{ ...untouched('a'), rungs: { user: 'paused' }, pausedSinceMs: at - 1000 }],
    };
    expect(doings(decideOn(seenWith(somebody, frozen(pilots.slice(0, 1), at - 600_000)), later))).toEqual([
      'stop a',
    ]);
  });

  it('that is not ours to manage any more gets everything back first', () => {
    const cut: Held = { ...untouched('b'), id: 'id-b', rungs: { cpu: 'half' }, cpus: 0.5, ownCpus: 1 };
    const paused = held.held.map((one) => ({ ...one, id: 'id-a' }));
    const foreign = [...frozen(pilots.slice(0, 1)), ...pilots.slice(1)].map((pilot) => ({
      ...pilot,
      managed: false,
    }));
    const first = decideOn(seenWith(somebody, foreign), { ...held, held: [...paused, cut] });
    expect(doings(first)).toEqual(['thaw a', 'shrink b']);
    const namesakes = foreign.map((pilot) => ({ ...pilot, id: `other-${pilot.name}` }));
    expect(doings(decideOn(seenWith(somebody, namesakes), { ...held, held: [...paused, cut] }))).toEqual([]);
    const results = first.actions.map((one) => done(one));
    const back = foreign.map((pilot) => ({ ...pilot, state: 'running' as const }));
    const after = decideOn(seenWith(somebody, back, { results }, at + 1000), first.memory);
    expect(after.memory.held).toEqual([]);
    expect(doings(after)).toEqual([]);
  });

  it('that somebody else paused is not thawed after a pause of ours', () => {
    const mixed = [...frozen(pilots.slice(0, 1)), ...pilots.slice(1)];
    const first = decideOn(seenWith(somebody, mixed), two);
    expect(doings(first)).toEqual(['pause b']);
    const after = decideOn(seenWith({}, frozen(pilots), {}, at + 1000), first.memory);
    expect(doings(after)).toEqual(['thaw b']);
  });

  it('grows older: its time to live goes on', () => {
    const decision = decideOn(seenWith(somebody, frozen(pilots)), held, { kind: { ttlMs: 8_000_000 } });
    expect(doings(decision)).toContain('stop a');
    expect(decision.memory.held).toEqual([]);
  });

  it('stays paused while memory is short, whoever has left', () => {
    const low = known({ totalBytes: 64e9, availableBytes: 3.19e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const seen = seenWith(nobody, frozen(pilots));
    const short = {
      ...seen,
      memory: low,
      sample: { ...seen.sample, host: { ...seen.sample.host, memory: low } },
    };
    const calm: Memory = {
      ...held,
      senses: {
        user: {
          overSinceMs: null,
          calmSinceMs: at - 60_000,
          lastStep: null,
          patienceMs: 5000,
          deafUntilMs: null,
        },
      },
    };
    expect(doings(decideOn(short, calm)).filter((doing) => doing.startsWith('thaw'))).toEqual([]);
    expect(doings(decideOn(seen, calm))).toEqual(['thaw a']);
  });
});

describe('contention', () => {
  const over: Memory = { ...two, budget: { mean60: 0.05, mean5: 0.05, readAtMs: at } };
  /** Ticks for so long with a budget that stays as it is, where all that is asked for happens at once. */
  function story(seconds: number, rules: Partial<Policy> = {}): { log: string[]; held: readonly Held[] } {
    let memory = over;
    let list = pilots;
    const log: string[] = [];
    let results: ActionResult[] = [];
    for (let second = 0; second < seconds; second++) {
      const atMs = at + second * 1000;
      const seen = seenWith({}, list, { results }, atMs);
      const pressed = {
        ...seen,
        // It helps, and not enough.
        ownerPressure: {
          ...seen.ownerPressure,
          cpu: known(memory.held.some((one) => one.rungs.cpu === 'quarter') ? 0.05 : 0.5),
        },
        pilotsCpus: known(4),
      };
      const decision = decideOn(pressed, memory, rules);
      memory = decision.memory;
      log.push(
        ...decision.actions.flatMap((one) => (one.do === 'shrink' ? [`${one.name} ${one.cpus}`] : [])),
      );
      log.push(...doings(decision).filter((doing) => !doing.startsWith('shrink')));
      results = decision.actions.map((action) => done(action));
      const paused = new Set(decision.actions.flatMap((one) => (one.do === 'pause' ? [one.name] : [])));
      list = list.map((one) =>
        paused.has(one.name) ? { ...one, state: 'paused', stateSinceMs: atMs } : one,
      );
    }
    return { log, held: memory.held };
  }

  it('shrinks all, step by step, from whom it costs least, then pauses', () => {
    const { log } = story(40);
    expect(log).toEqual(['b 0.5', 'a 0.5', 'b 0.25', 'a 0.25', 'pause b', 'pause a']);
  });

  it('pauses where CPU cannot be cut', () => {
    expect(story(20, { means: { ...policy.means, canThrottle: false } }).log).toEqual(['pause b', 'pause a']);
  });

  it('asks again for a limit until the engine says that it is set', () => {
    const shrunk: Memory = {
      ...over,
      held: [{ ...untouched('b'), rungs: { cpu: 'half' }, cpus: 0.5, cpusSet: false }],
      senses: {
        cpu: {
          overSinceMs: at,
          calmSinceMs: null,
          lastStep: { way: 'down', atMs: at },
          patienceMs: 15_000,
          deafUntilMs: null,
        },
      },
    };
    const again = decideOn(seenWith({}), shrunk);
    expect(doings(again)).toEqual(['shrink b']);
    const flying = decideOn(seenWith({}, pilots, { inFlight: inFlight(again) }), again.memory);
    expect(doings(flying)).toEqual([]);
    const set = decideOn(
      seenWith({}, pilots, { results: again.actions.map((one) => done(one)) }),
      again.memory,
    );
    expect(doings(set)).toEqual([]);
    expect(set.memory.held).toMatchObject([{ pilot: 'b', cpusSet: true }]);
  });

  it('is remembered by a daemon that was started anew and has not read anything yet', () => {
    const pressing = {
      overSinceMs: null,
      calmSinceMs: null,
      lastStep: { way: 'down', atMs: at },
      patienceMs: 600_000,
      deafUntilMs: null,
    } as const;
    const cut: Held = { ...untouched('b'), rungs: { cpu: 'quarter' }, cpus: 0.25, ownCpus: 1 };
    const held: Memory = { ...two, held: [cut], senses: { cpu: pressing } };
    const unread = { known: false, reason: 'the first reading' } as const;
    const first = (sinceMs: number): Decision => {
      const seen = seenWith({});
      return decideOn({ ...seen, sinceMs, ownerPressure: { ...seen.ownerPressure, cpu: unread } }, held);
    };
    expect(doings(first(at))).toEqual([]);
    expect(first(at).memory.senses.cpu).toMatchObject({ patienceMs: 600_000 });
    expect(first(at).memory.held).toMatchObject([{ rungs: { cpu: 'quarter' } }]);
    // Where it stays unread there is no such sense.
    expect(doings(first(at - 60_000))).toEqual(['shrink b']);
  });

  it('cuts from what a pilot was started with, whatever the configuration says now, and gives that back', () => {
    const slots = two.slots.map((slot) => ({ ...slot, cpus: 0.05 }));
    const held = [{ ...untouched('b'), rungs: { cpu: 'quarter' } as const }];
    const cut = decideOn(seenWith({}), { ...over, slots, held }, { kind: { cpus: 0.2 } });
    expect(cut.actions.find((one) => one.do === 'shrink')).toMatchObject({ name: 'b', cpus: 0.0125 });
    const noSlots = { ...cut.memory, slots: [] };
    const given = decideOn(seenWith({}), noSlots, { kind: { cpus: 0.2 }, ownerSlowdown: 1 });
    expect(given.actions.find((one) => one.do === 'shrink')).toMatchObject({ name: 'b', cpus: 0.05 });
  });

  it('cuts nothing of a pilot whose limit is not known, such as one that was found', () => {
    const held = [{ ...untouched('b'), rungs: { cpu: 'quarter' } as const }];
    expect(doings(decideOn(seenWith({}), { ...over, slots: [], held }))).toEqual([]);
  });

  it('remembers what each pilot is started with', () => {
    const first = decideOn(seenWith({}, []), emptyMemoryOf(), { kind: { cpus: 0.5 } });
    expect(first.memory.slots.map((slot) => slot.cpus)).toEqual([0.5, 0.5, 0.5, 0.5]);
    const emptied = emptyMemoryOf({ slots: [{ pilot: null, failures: 0, notBeforeMs: 0 }] });
    expect(decideOn(seenWith({}, []), emptied).memory.slots[0]?.cpus).toBe(1);
  });

  it('gives the limit back when the sense is not asked any more, and forgets when that is done', () => {
    const mindless = { ownerSlowdown: 1 };
    const cut: Held = { ...untouched('b'), rungs: { cpu: 'half' }, cpus: 0.5 };
    const given = decideOn(seenWith({}), { ...two, held: [cut] }, mindless);
    expect(given.actions).toMatchObject([{ do: 'shrink', name: 'b', cpus: 1 }, {}, {}]);
    const after = decideOn(
      seenWith({}, pilots, { results: given.actions.map((one) => done(one)) }, at + 1000),
      given.memory,
      mindless,
    );
    expect(after.memory.held).toEqual([]);
  });
});

describe('storage', () => {
  function story(stalls: readonly number[]): string[] {
    let memory = two;
    let list = pilots;
    return stalls.map((io, second) => {
      const atMs = at + second * 1000;
      const seen = seenWith({}, list, {}, atMs);
      const decision = decideOn({ ...seen, ownerPressure: { ...seen.ownerPressure, io: known(io) } }, memory);
      memory = decision.memory;
      const now = doings(decision);
      list = list.map((one) => ({
        ...one,
        ...(now.includes(`pause ${one.name}`) ? { state: 'paused', stateSinceMs: atMs } : {}),
        ...(now.includes(`thaw ${one.name}`) ? { state: 'running', stateSinceMs: atMs } : {}),
      }));
      return now.join(',');
    });
  }
  const stalls = (count: number, io: number): number[] => Array.from({ length: count }, () => io);

  it('that the owner waits for has them paused one after the other, and thawed the other way round', () => {
    const log = story([...stalls(9, 0.6), ...stalls(40, 0)]);
    expect(log.filter((doing) => doing !== '')).toEqual(['pause b', 'pause a', 'thaw a', 'thaw b']);
  });

  it('that is as busy without pilots is the owner’s own: they go on, and are not evicted', () => {
    const log = story(stalls(630, 0.9));
    expect(log.filter((doing) => doing !== '')).toEqual(['pause b', 'pause a', 'thaw b,thaw a']);
    expect(log.findIndex((doing) => doing.includes('thaw'))).toBeLessThan(60);
  });
});

describe('a pause that is tried still', () => {
  const io: Pressing = {
    overSinceMs: at - 60_000,
    calmSinceMs: null,
    lastStep: { way: 'down', atMs: at - 12_000 },
    patienceMs: 15_000,
    deafUntilMs: null,
    worst: 0.9,
    uselessSinceMs: at - 11_000,
    relapses: 3,
  };
  const trial: Memory = {
    ...two,
    held: ['a', 'b'].map((name) => ({
      ...untouched(name),
      rungs: { io: 'paused' as const },
      pausedSinceMs: at - 12_000,
    })),
    senses: { io },
  };
  const stopsAfter = (memory: Memory, rules: Partial<Policy>) => {
    const seen = seenWith({}, frozen(pilots, at - 12_000));
    const stalled = { ...seen, ownerPressure: { ...seen.ownerPressure, io: known(0.9) } };
    return stops(decideOn(stalled, memory, rules));
  };

  it('outlasts a max_pause that is shorter: what was not their doing evicts nobody', () => {
    expect(stopsAfter(trial, { maxPauseMs: 10_000 })).toEqual([]);
  });

  it.each<[string, Memory, number]>([
    ['it is judged', { ...trial, senses: { io: { ...io, uselessSinceMs: null } } }, 10_000],
    [
      'somebody is at the node, too',
      {
        ...trial,
        held: trial.held.map((one) => ({ ...one, rungs: { ...one.rungs, user: 'paused' as const } })),
      },
      10_000,
    ],
  ])('does not where %s', (_, memory, maxPauseMs) => {
    expect(stopsAfter(memory, { maxPauseMs }).toSorted()).toEqual(['a', 'b']);
  });

  it('does so for half a minute at most', () => {
    const long = { ...trial, held: trial.held.map((one) => ({ ...one, pausedSinceMs: at - 40_000 })) };
    expect(stopsAfter(long, { maxPauseMs: 10_000 }).toSorted()).toEqual(['a', 'b']);
  });
});

describe('a pause for storage that was not shown to help', () => {
  const io: Pressing = {
    overSinceMs: null,
    calmSinceMs: at - 2000,
    lastStep: { way: 'down', atMs: at - 300_000 },
    patienceMs: 600_000,
    deafUntilMs: null,
  };
  const held = (rungs: Memory['held'][number]['rungs']): Memory['held'] => [
    { ...untouched('a'), id: 'id-a', rungs, pausedSinceMs: at - 600_000 },
  ];
  const decided = (changes: Partial<Pressing>, rungs: Memory['held'][number]['rungs'] = { io: 'paused' }) => {
    const seen = seenWith({}, frozen(pilots.slice(0, 1), at - 600_000));
    const calm = { ...seen, ownerPressure: { ...seen.ownerPressure, io: known(0.1) } };
    return decideOn(calm, { ...slotsOf('a'), held: held(rungs), senses: { io: { ...io, ...changes } } });
  };

  it('ends after max_pause with a thaw, and one that was with a notice', () => {
    const verbs = (changes: Partial<Pressing>) => decided(changes).actions.map((one) => one.do);
    expect([verbs({}), verbs({ relapses: 2 }), verbs({ relapses: 3 })]).toEqual([
      ['thaw'],
      ['thaw'],
      ['stop'],
    ]);
    expect(decided({}).memory.senses.io?.lastStep).toEqual({ way: 'up', atMs: at });
  });

  it('ends with a notice where another sense has it paused as well', () => {
    const { actions } = decided({}, { io: 'paused', user: 'paused' });
    expect(actions.map((one) => one.do)).toEqual(['stop']);
  });

  it('lets it have the time that a thaw takes', () => {
    const { memory } = decided({});
    expect(memory.held[0]).toMatchObject({ rungs: {}, pausedSinceMs: at });
    const seen = seenWith({}, frozen(pilots.slice(0, 1), at - 600_000));
    expect(stops(decideOn(seen, memory))).toEqual([]);
    const late = { ...memory, held: memory.held.map((one) => ({ ...one, pausedSinceMs: at - 10_000 })) };
    expect(stops(decideOn(seen, late))).toEqual(['a']);
  });
});

describe('the end of the daemon', () => {
  const held: Memory = {
    ...two,
    held: [
      { ...untouched('a'), rungs: { user: 'paused' }, pausedSinceMs: at },
      { ...untouched('b'), rungs: { cpu: 'half' }, cpus: 0.5 },
    ],
  };
  const mixed = [...frozen(pilots.slice(0, 1)), ...pilots.slice(1)];

  it('gives back what was taken', () => {
    const decision = decideOn(seenWith(somebody, mixed, { terminating: true }), held);
    expect(decision.exit).toBe('signal');
    expect(decision.actions).toMatchObject([
      { do: 'thaw', name: 'a' },
      { do: 'shrink', name: 'b' },
    ]);
    const thaws = decision.actions.map((one) => done(one));
    const gone = seenWith(somebody, pilots, { terminating: true, results: thaws }, at + 1000);
    expect(decideOn(gone, decision.memory).memory.held).toEqual([]);
  });

  it('leaves to the next daemon what failed or was not heard of: that goes on giving it back', () => {
    const ending = decideOn(seenWith(somebody, mixed, { terminating: true }), held);
    const next = decideOn(seenWith(nobody, mixed, {}, at + 60_000), ending.memory);
    expect(doings(next)).toEqual(['thaw a', 'shrink b']);
    const failed = { results: next.actions.map((one) => done(one, false)) };
    const again = decideOn(seenWith(nobody, mixed, failed, at + 61_000), next.memory);
    expect(doings(again)).toEqual(['thaw a', 'shrink b']);
  });

  it('keeps all of it while the engine has not listed anything yet', () => {
    const silent = engineWith([], { state: 'waiting', listed: false, reason: '' });
    const ending = decideOn(seenWith(somebody, [], { engine: silent, terminating: true }), held);
    expect(ending).toMatchObject({ exit: 'signal', actions: [] });
    expect(ending.memory.held).toEqual(held.held);
  });

  it('waits for a pause that is under way, and not for ever', () => {
    const pausing = decideOn(seenWith(somebody), two);
    const flying = { inFlight: inFlight(pausing), terminating: true };
    const soon = decideOn(seenWith(somebody, pilots, flying, at + 1000), pausing.memory);
    expect(soon).toMatchObject({ exit: null, actions: [] });
    expect(decideOn(seenWith(somebody, pilots, flying, at + 5000), soon.memory).exit).toBe('signal');
    const landed = decideOn(
      seenWith(somebody, frozen(pilots), { terminating: true }, at + 1500),
      soon.memory,
    );
    expect(landed.exit).toBe('signal');
    expect(doings(landed).toSorted()).toEqual(['thaw a', 'thaw b']);
  });

  it('leaves alone what it did not pause', () => {
    const decision = decideOn(seenWith({}, frozen(pilots), { terminating: true }), two);
    expect(decision).toMatchObject({ exit: 'signal', actions: [] });
  });
});

describe('an engine that is left for another one', () => {
  const leaving = { leavesEngine: true };
  const held: Memory = {
    ...two,
    held: [{ ...untouched('a'), rungs: { user: 'paused' }, pausedSinceMs: at }],
  };

  it('has given back what was taken there, and the daemon goes on', () => {
    const decision = decideOn(seenWith(somebody, frozen(pilots.slice(0, 1)), leaving), held);
    expect(decision.actions).toMatchObject([
      { do: 'thaw', name: 'a', why: { text: 'another engine is used from now on' } },
    ]);
    expect(decision).toMatchObject({ exit: null, refusals: [{ rule: 'engine' }] });
    const thawed = seenWith(somebody, pilots.slice(0, 1), leaving, at + 1000);
    const after = decideOn(thawed, decision.memory);
    expect([after.actions, after.memory.held]).toEqual([[], []]);
  });

  it('has no pilot more, whatever room there is', () => {
    expect(starts(decideOn(seenWith(nobody, [], leaving)))).toEqual([]);
    expect(starts(decideOn(seenWith(nobody, [])))).not.toEqual([]);
  });
});

describe('a schedule that ends', () => {
  const closing = (changesInMs: number) => seenWith({ window: { open: true, changesInMs } });

  it('has every pilot given notice, so that they are gone by then', () => {
    expect(stops(decideOn(closing(12_001), two))).toEqual([]);
    const decision = decideOn(closing(12_000), two);
    expect(stops(decision).toSorted()).toEqual(['a', 'b']);
    expect(decision.actions[0]).toMatchObject({ outcome: 'evicted', why: { rule: 'window' } });
    expect(starts(decideOn(closing(71_000), two))).toEqual([]);
    expect(starts(decideOn(closing(73_000), two))).not.toEqual([]);
  });
});

describe('dry_run', () => {
  const dry = { dryRun: true };

  it('does nothing, tells what it would do, and remembers none of it', () => {
    const decision = decideOn(seenWith({}, pilots.slice(0, 1)), slotsOf('a'), dry);
    expect(decision.actions).toEqual([]);
    expect(decision.withheld.filter((one) => one.do === 'start')).toHaveLength(3);
    expect(decision.memory.slots).toEqual(slotsOf('a').slots);
    const relief = decideOn(seenWith(somebody), two, dry);
    expect(relief.actions).toEqual([]);
    expect(relief.withheld.map((one) => one.do)).toEqual(['pause', 'pause']);
    expect(relief.memory.held).toEqual([]);
    expect(decideOn(seenWith({}), two).withheld).toEqual([]);
  });

  it('pulls nothing, and does not wait for a pull either', () => {
    const unpulled = engineWith([], { images: [{ ...image, pulledAtMs: null }] });
    const decision = decideOn(seenWith({}, [], { engine: unpulled }), emptyMemoryOf(), dry);
    expect(decision.actions).toEqual([]);
    expect(decision.withheld.map((one) => one.do)).toContain('pull');
    expect(decision.withheld.map((one) => one.do)).toContain('start');
  });

  it('lets the rules ripen: the owner is short for as long as he is', () => {
    const four = ['a', 'b', 'c', 'd'].map((name) => running(name, 0));
    let memory = slotsOf('a', 'b', 'c', 'd');
    let told = 0;
    for (let second = 0; second <= 150; second++) {
      const atMs = at + second * 1000;
      const decision = decideOn(seenAt(atMs, 4, { engine: engineWith(four) }), memory, dry);
      expect(decision.actions).toEqual([]);
      told += decision.withheld.filter((one) => one.do === 'stop').length;
      memory = decision.memory;
    }
    expect(told).toBeGreaterThan(0);
    expect(memory.leaving).toEqual([]);
    expect(memory.lastEvictionMs).toBeNull();
    expect(memory.account.wastedMs).toBe(0);
  });

  it('tells of a sense when it has stood for long enough', () => {
    const battery: Partial<OwnerSigns> = { onBattery: known(true) };
    let memory = two;
    const told: string[] = [];
    for (let second = 0; second < 5; second++) {
      const decision = decideOn(seenWith(battery, pilots, {}, at + second * 1000), memory, dry);
      told.push(decision.withheld.map((one) => one.do).join(','));
      memory = decision.memory;
    }
    expect(told.slice(0, 4)).toEqual(['', '', '', 'pause,pause']);
  });

  it('gives back what was taken before it was set', () => {
    const held: Memory = {
      ...two,
      held: [{ ...untouched('a'), rungs: { user: 'paused' }, pausedSinceMs: at }],
    };
    const decision = decideOn(seenWith(somebody, frozen(pilots)), held, dry);
    expect(decision.actions).toMatchObject([{ do: 'thaw', name: 'a' }]);
    const failed = { results: decision.actions.map((one) => done(one, false)) };
    const again = decideOn(seenWith(somebody, frozen(pilots), failed, at + 1000), decision.memory, dry);
    expect(doings(again)).toEqual(['thaw a']);
    expect(decideOn(seenWith(somebody, pilots, {}, at + 2000), again.memory, dry).memory.held).toEqual([]);
  });

  it('carries out a force-stop: that is an order', () => {
    const control = { drain: false, stop: false, forceStop: true, renew: [] };
    const decision = decideOn(seenWith({}, pilots, { control }), two, dry);
    expect(decision.actions.map((one) => one.do)).toEqual(['remove', 'remove']);
  });
});
