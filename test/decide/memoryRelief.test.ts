import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closerLookAfter, isShort, isTight, memoryVictims, shortage } from '../../src/decide/memoryRelief.ts';
import { observe } from '../../src/decide/observe.ts';
import { emptyMemory, type Memory, type Policy, type Sample, type Seen } from '../../src/decide/types.ts';
import { stopOf } from '../../src/decide/relieve.ts';
import { waitAfter, waryBlocker, waryOf } from '../../src/decide/wariness.ts';
import type { Action } from '../../src/model/action.ts';
import type { HostSample } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import {
  decideOn,
  engineWith,
  hostAt,
  plainKind,
  policy,
  running,
  sampleAt,
  seenAt,
  slotsOf,
  starts,
  stops,
  withRules,
} from './world.ts';

const at = 10_000_000;

function memoryHost(
  availableBytes: number,
  uses: Record<string, number> = {},
  swapFreeBytes = 0,
): HostSample {
  return {
    ...hostAt(at),
    memory: known({ totalBytes: 64e9, availableBytes, swapTotalBytes: swapFreeBytes, swapFreeBytes }),
    pilotUse: new Map(
      Object.entries(uses).map(([name, memoryBytes]) => [
        `id-${name}`,
        { memoryBytes, cpuMs: 1000, readAtMs: at },
      ]),
    ),
  };
}
const aged = (name: string, ageS: number, changes: Partial<Pilot> = {}): Pilot =>
  running(name, at - ageS * 1000, changes);
function seenWith(pilots: readonly Pilot[], host: HostSample, changes: Partial<Sample> = {}): Seen {
  return seenAt(at, 0, { engine: engineWith(pilots), host, ...changes });
}
const kills = (actions: readonly Action[]) =>
  actions.flatMap((action) => (action.do === 'kill' ? [action.name] : []));

describe('a shortage', () => {
  it('is what the reserve lacks, less what those on their way out will free', () => {
    const seen = seenWith([], memoryHost(2.2e9));
    expect(shortage(policy, seen, 0, [])?.missingBytes).toBeCloseTo(1e9);
    expect(shortage(policy, seen, 4e8, [])?.missingBytes).toBeCloseTo(6e8);
    expect(shortage(policy, seen, 1e9, [])).toBeNull();
    expect(shortage(policy, seenWith([], memoryHost(3.3e9)), 0, [])).toBeNull();
  });

  it('is none that what single CPUs keep at hand makes up for', () => {
    const seen = seenWith([], memoryHost(2.2e9));
    const levels = seen.memory.known ? seen.memory.value : null;
    if (levels === null) throw new Error('memory is known here');
    const withAtHand = (atHandBytes: number): Seen => ({
      ...seen,
      memory: known({ ...levels, atHandBytes }),
    });
    expect(shortage(policy, withAtHand(6e8), 0, [])?.missingBytes).toBeCloseTo(4e8);
    expect([shortage(policy, withAtHand(1e9), 0, []), isShort(policy, withAtHand(1e9))]).toEqual([
      null,
      false,
    ]);
    // It is told for as long as the kernel's own word is near the reserve.
    expect(isTight(policy, withAtHand(9e9))).toBe(true);
  });

  it('is foreseen at the pace at which the owner takes more, and not on a single step of his', () => {
    const growing = (bytes: number): Seen => ({
      ...seenWith([], memoryHost(4e9)),
      ownerMemoryGrowth: known(bytes),
    });
    expect(shortage(policy, growing(5e8), 0, [])?.missingBytes).toBeCloseTo(7e8);
    expect(shortage(policy, growing(1e8), 0, [])).toBeNull();
    expect(shortage(policy, { ...growing(0), ownerMemoryGrowth: unknown('no parent') }, 0, [])).toBeNull();
    const hasty: Policy = withRules(policy, { kind: { stopGraceMs: 0 } });
    expect(shortage(hasty, growing(5e8), 0, [])).toBeNull();
    // Who was started with a longer grace frees nothing before.
    const { engine } = seenWith([running('a', 0, { rules: plainKind })], memoryHost(4e9)).sample;
    const before = growing(5e8);
    expect(shortage(hasty, { ...before, sample: { ...before.sample, engine } }, 0, [])).not.toBeNull();
  });

  it('is none where nothing is kept, nothing is known, or the engine is elsewhere', () => {
    const keepsNothing = { ...policy, reserve: { ...policy.reserve, memory: { share: 1, atMost: 0 } } };
    const low = seenWith([], memoryHost(1e6));
    expect(shortage(keepsNothing, low, 0, [])).toBeNull();
    expect(shortage({ ...policy, nodeIsEngines: false }, low, 0, [])).toBeNull();
    expect(shortage(policy, { ...low, memory: unknown('gone') }, 0, [])).toBeNull();
  });

  it('is measured against the reserve as it is set', () => {
    const keeps = { ...policy, reserve: { ...policy.reserve, memory: { share: 0.5, atMost: 8e9 } } };
    expect(shortage(keeps, seenWith([], memoryHost(7e9)), 0, [])?.missingBytes).toBeCloseTo(1e9);
  });
});

describe('all pilots', () => {
  const levels = (availableBytes: number) => {
    const { memory } = memoryHost(availableBytes);
    if (!memory.known) throw new Error('memory is known here');
    return memory.value;
  };
  const look = (availableBytes: number, rate = 0, rules = policy) => {
    const seen: Seen = { ...seenWith([], memoryHost(5e9)), ownerMemoryRate: known(rate) };
    return closerLookAfter({ policy: rules, seen })?.allPilots(levels(availableBytes));
  };

  it('are read where memory is short or is foreseen to be, and not where it is only tight', () => {
    expect(isTight(policy, seenWith([], memoryHost(3.3e9)))).toBe(true);
    expect([look(3.3e9), look(3.1e9)]).toEqual([false, true]);
    expect([look(3.3e9, 2e8), look(3.3e9, -2e8), look(9e9, 2e9)]).toEqual([true, false, true]);
    expect(closerLookAfter(null)).toBeUndefined();
  });

  it('are not read all where nothing is kept, or the engine is elsewhere', () => {
    const keepsNothing = { ...policy, reserve: { ...policy.reserve, memory: { share: 1, atMost: 0 } } };
    expect(look(1e6, 1e9, keepsNothing)).toBe(false);
    expect(look(1e6, 1e9, { ...policy, nodeIsEngines: false })).toBe(false);
  });

  it('have always been read where memory turns out to be short', () => {
    const available = fc.double({ min: 0, max: 64e9, noNaN: true });
    const hostWith = (atMs: number, bytes: number): HostSample => ({
      ...hostAt(atMs),
      memory: memoryHost(bytes).memory,
    });
    fc.assert(
      fc.property(
        fc.array(available, { minLength: 3, maxLength: 6 }),
        fc.constantFrom(1000, 10),
        (all, stepMs) => {
          let before: Seen | null = null;
          for (const [index, bytes] of all.entries()) {
            const atMs = at + index * stepMs;
            const asked = before === null ? undefined : closerLookAfter({ policy, seen: before });
            before = observe(before, sampleAt(atMs, { host: hostWith(atMs, bytes) }));
            if (asked === undefined || shortage(policy, before, 0, []) === null) continue;
            expect(asked.allPilots(levels(bytes))).toBe(true);
          }
        },
      ),
    );
  });
});

describe('victims', () => {
  const uses = { tiny: 1e7, young: 6e8, big: 1.9e9, old: 1e9 };
  const pilots = [aged('old', 9000), aged('big', 700), aged('young', 30), aged('tiny', 5)];
  const chosen = (missingBytes: number) =>
    memoryVictims(policy, seenWith(pilots, memoryHost(1e9, uses)), emptyMemory, pilots, missingBytes, {
      by: () => 0,
    }).map((one) => one.name);

  it.each([
    [5e6, ['tiny']],
    [5e8, ['young']],
    [1.2e9, ['big']],
    [2.2e9, ['young', 'big']],
    [2.6e9, ['big', 'old']],
    [3.4e9, ['young', 'big', 'old']],
    [9e9, ['tiny', 'young', 'big', 'old']],
  ])('that free %d bytes are no more than it takes', (missingBytes, names) => {
    expect(chosen(missingBytes)).toEqual(names);
  });
});

describe('memory relief', () => {
  const four = ['a', 'b', 'c', 'd'].map((name, index) => aged(name, 10 + index));
  const uses = { a: 5e8, b: 5e8, c: 5e8, d: 5e8 };
  const all = slotsOf('a', 'b', 'c', 'd');

  it('asks nobody else while those who were asked will free enough', () => {
    const low = memoryHost(2.3e9, uses);
    const first = decideOn(seenWith(four, low), all);
    expect(stops(first)).toEqual(['a', 'b']);
    const inFlight = first.actions.map((action) => ({ action, sinceMs: at }));
    expect(stops(decideOn(seenWith(four, low, { inFlight }), first.memory))).toEqual([]);
  });

  it('counts a pilot that takes more than a quarter for what it is', () => {
    const first = decideOn(seenWith(four, memoryHost(2.3e9, { ...uses, a: 1.8e9 })), all);
    expect(stops(first)).toEqual(['a']);
  });

  it('that goes for memory’s sake counts for the CPUs too', () => {
    const short: Memory = {
      ...all,
      shortSinceMs: at - 600_000,
      cpu: { sinceMs: at - 60_000, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guestCpus: 0, judgedCpus: null },
    };
    // The owner uses 3.5 CPUs: two may stay. Memory lacks what one of them has.
    const host = { ...memoryHost(2.8e9, uses), cpu: known({ busyMs: 3.5 * at, totalMs: 4 * at }) };
    const seen = seenAt(at, 3.5, { engine: engineWith(four), host });
    const { actions } = decideOn(seen, short);
    expect(actions.flatMap((one) => (one.do === 'stop' ? [one.why.rule] : []))).toEqual(['memory', 'cpu']);
  });

  it('is accounted as work that is lost', () => {
    const { account } = decideOn(seenWith(four, memoryHost(2.3e9, uses)), all).memory;
    // Two pilots go, each of which has used a second of CPU time.
    expect(account.wastedMs).toBe(2000);
    expect(decideOn(seenWith(four, memoryHost(60e9, uses)), all).memory.account.wastedMs).toBe(0);
  });

  it('makes wary: each further bout doubles the wait, for sixteen times at most', () => {
    const rules: Policy = { ...policy, graceSpawnMs: 60_000 };
    let wary = waryOf(rules, null, at);
    const waits = [waitAfter(rules, wary)];
    for (let bout = 0; bout < 6; bout++) {
      wary = waryOf(rules, wary, wary.lastMs + waitAfter(rules, wary) + 1);
      waits.push(waitAfter(rules, wary));
    }
    expect(waits.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 16, 16]);
    expect(waryOf(rules, wary, wary.lastMs + 1000).bouts).toBe(wary.bouts);
    expect(waryOf(rules, wary, wary.lastMs + 3_600_001).bouts).toBe(1);
    expect(waryBlocker(rules, { ...emptyMemory, wariness: wary }, wary.lastMs + 1)?.text).toMatch(/7 times/);
    expect(waryBlocker(rules, { ...emptyMemory, wariness: wary }, wary.lastMs + 961_000)).toBeNull();
    expect(waitAfter({ ...rules, graceSpawnMs: 0 }, { bouts: 1, lastMs: at })).toBe(10_000);
  });

  it('that was needed twice keeps from starting for longer than grace_spawn', () => {
    const wary: Memory = {
      ...slotsOf('a', 'b'),
      lastEvictionMs: at - 100_000,
      wariness: { bouts: 2, lastMs: at - 100_000 },
    };
    const decision = decideOn(seenWith(four.slice(0, 2), memoryHost(60e9, uses)), wary);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]).toMatchObject({ rule: 'memory' });
  });
});

describe('when the engine does not end pilots', () => {
  const pilots = [aged('a', 10), aged('b', 9000)];
  const uses = { a: 5e8, b: 5e8 };
  const low = memoryHost(2.9e9, uses);
  const asked = (sinceMs: number): Memory => ({
    ...slotsOf('b'),
    leaving: [{ pilot: 'a', outcome: 'evicted', sinceMs }],
  });
  const stopping = [
    {
      action: {
        do: 'stop',
        id: 'id-a',
        name: 'a',
        outcome: 'evicted',
        graceMs: 10_000,
        why: { rule: 'memory', text: '' },
      },
      sinceMs: at,
    },
  ] as const;

  it('within their grace and 2 s, they are ended through their own cgroup, once', () => {
    const decide = (sinceMs: number, changes = {}, rules = {}) =>
      kills(
        decideOn(seenWith(pilots, low, { inFlight: stopping, ...changes }), asked(sinceMs), rules).actions,
      );
    expect(decide(at - 11_999)).toEqual([]);
    expect(decide(at - 12_000)).toEqual(['a']);
    const killing: Action = { do: 'kill', id: 'id-a', name: 'a', why: { rule: 'memory', text: '' } };
    expect(decide(at - 12_000, { inFlight: [...stopping, { action: killing, sinceMs: at }] })).toEqual([]);
    expect(decide(at - 12_000, {}, { means: { ...policy.means, ownKill: false } })).toEqual([]);
  });

  it('they are left to it where memory is not short', () => {
    const decision = decideOn(seenWith(pilots, memoryHost(9e9, uses)), asked(at - 60_000));
    expect(kills(decision.actions)).toEqual([]);
  });

  it.each<[string, Action]>([
    ['killed', { do: 'kill', id: 'id-a', name: 'a', why: { rule: 'memory', text: '' } }],
    ['ended by us', { ...stopping[0].action, byUs: { signal: 'SIGTERM' } }],
  ])('those that were %s free nothing more, and are not asked again', (_how, killed) => {
    const result = { action: killed, ok: true, fact: null, error: '', fault: null, tookMs: 1 };
    const engine = engineWith(pilots, { state: 'waiting', listed: false, reason: 'gone' });
    const decision = decideOn(seenWith(pilots, low, { engine, results: [result] }), asked(at - 60_000));
    expect(decision.memory.leaving[0]).toMatchObject({ pilot: 'a', killed: true });
    // It is not there any more, so that somebody else has to go for what is missing now.
    expect(stops(decision)).toEqual(['b']);
  });

  it('those that memory wants to go get notice and their end from us, whether it answers or not', () => {
    const engine = engineWith(pilots, { state: 'waiting', listed: false, reason: 'gone' });
    const stopsIn = (changes: Partial<Sample>, rules: Partial<Policy> = {}) =>
      decideOn(seenWith(pilots, low, changes), slotsOf('a', 'b'), rules).actions.flatMap((action) =>
        action.do === 'stop' ? [[action.name, action.byUs !== undefined]] : [],
      );
    expect(stopsIn({})).toEqual([['a', true]]);
    expect(stopsIn({ engine })).toEqual([['a', true]]);
    expect(stopsIn({}, { means: { ...policy.means, ownKill: false } })).toEqual([['a', false]]);
    // Who goes for another reason is the engine's to stop.
    expect(stopOf(policy, aged('a', 10), 'expired', { rule: 'ttl', text: '' })).not.toHaveProperty('byUs');
  });

  it('is not asked again to stop what it was asked to, until it answers', () => {
    const engine = engineWith(pilots, { state: 'waiting', listed: false, reason: 'gone' });
    const memory = asked(at - 1000);
    expect(stops(decideOn(seenWith(pilots, memoryHost(60e9), { engine }), memory))).toEqual([]);
    expect(stops(decideOn(seenWith(pilots, memoryHost(60e9)), memory))).toEqual(['a']);
  });

  it('does not end twice what was ended, and what it was told is kept', () => {
    const engine = engineWith(pilots, { state: 'waiting', listed: false, reason: 'gone' });
    const memory: Memory = {
      ...slotsOf('b'),
      leaving: [{ pilot: 'a', outcome: 'evicted', sinceMs: at - 60_000, killed: true }],
    };
    const decision = decideOn(seenWith(pilots, low, { engine }), memory);
    expect([kills(decision.actions), stops(decision)]).toEqual([[], ['b']]);
  });
});

describe('memory that is tight', () => {
  const frozen = aged('a', 900, { state: 'paused', stateSinceMs: at - 1000 });
  const held: Memory = {
    ...slotsOf('a', 'b'),
    senses: {
      user: { overSinceMs: at, calmSinceMs: null, lastStep: null, patienceMs: 5000, deafUntilMs: null },
    },
    held: [
      {
        pilot: 'a',
        rungs: { user: 'paused' },
        pausedSinceMs: at - 1000,
        cpus: null,
        cpusSet: true,
        reclaimedMs: null,
      },
    ],
  };
  const means = { ...policy.means, canReclaim: true };
  const withSwap = (swapBytes: number): Policy['kinds'] =>
    policy.kinds.map((kind) => ({ ...kind, swapBytes }));
  const host = (availableBytes: number, swapFreeBytes = 8e9): HostSample => ({
    ...memoryHost(availableBytes, { a: 9e8, b: 9e8 }, swapFreeBytes),
    signs: { ...sampleAt(at).host.signs, userIdleMs: known(0) },
  });
  const reclaimed = (availableBytes: number, memory = held, rules: Partial<Policy> = { means }, swap = 8e9) =>
    decideOn(seenWith([frozen, aged('b', 5)], host(availableBytes, swap)), memory, rules).actions.flatMap(
      (action) => (action.do === 'reclaim' ? [[action.name, action.bytes]] : []),
    );

  it('is taken from paused pilots, into swap, as much as is missing for half a reserve more', () => {
    expect(reclaimed(4.5e9)).toEqual([['a', 3e8]]);
    expect(reclaimed(3.3e9)).toEqual([['a', 9e8]]);
    expect(reclaimed(3.3e9, held, { means }, 1e9)).toEqual([['a', 5e8]]);
    expect(reclaimed(3.3e9, held, { means, kinds: withSwap(2e8) })).toEqual([['a', 2e8]]);
  });

  it('is not taken from more of them than it takes', () => {
    const both = ['a', 'b'].map((name) => ({ ...frozen, id: `id-${name}`, name }));
    const memory = { ...held, held: held.held.flatMap((one) => [one, { ...one, pilot: 'b' }]) };
    const seen = seenWith(both, host(4.5e9));
    const asked = decideOn(seen, memory, { means }).actions.filter((one) => one.do === 'reclaim');
    expect(asked).toMatchObject([{ name: 'a', bytes: 3e8 }]);
  });

  it.each<[string, ReturnType<typeof reclaimed>]>([
    ['plenty', reclaimed(60e9)],
    ['short: then only an end helps', reclaimed(3.1e9)],
    ['of a kernel that cannot', reclaimed(4e9, held, {})],
    ['without swap', reclaimed(4e9, held, { means }, 0)],
    ['of a kind that may have none', reclaimed(4e9, held, { means, kinds: withSwap(0) })],
    [
      'asked for a moment ago',
      reclaimed(4e9, { ...held, held: held.held.map((one) => ({ ...one, reclaimedMs: at - 29_000 })) }),
    ],
  ])('is left where it is: %s', (_, actions) => {
    expect(actions).toEqual([]);
  });
});
