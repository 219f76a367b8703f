import { describe, expect, it } from 'vitest';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import { emptyMemory, type KindPolicy, type Memory, type Policy } from '../../src/decide/types.ts';
import {
  blindAt,
  decideOn,
  ended,
  engineWith,
  failedStart,
  hostAt,
  image,
  policy,
  type Rules,
  running,
  seenAt,
  slotsOf,
  startInFlight,
  starts,
  stops,
} from './world.ts';

const second = 1000;
const at = 1_000_000;
const four = ['a', 'b', 'c', 'd'].map((name) => running(name));

describe('filling', () => {
  it('grows to the limit, docks_per_loop slots in each main_sleep', () => {
    const first = decideOn(seenAt(at, 0), emptyMemory, { limit: 9, startsPerLoop: 3, kind: { cpus: 0.1 } });
    expect(starts(first)).toHaveLength(3);
    const soon = decideOn(
      seenAt(at + second, 0, { engine: engineWith(starts(first).map((name) => running(name, at))) }),
      first.memory,
      { limit: 9, startsPerLoop: 3, kind: { cpus: 0.1 } },
    );
    expect(starts(soon)).toEqual([]);
    expect(soon.refusals.map((reason) => reason.rule)).toContain('growth');
    const later = decideOn(
      seenAt(at + 30 * second, 0, { engine: engineWith(starts(first).map((name) => running(name, at))) }),
      soon.memory,
      { limit: 9, startsPerLoop: 3, kind: { cpus: 0.1 } },
    );
    expect(starts(later)).toHaveLength(3);
  });

  it('refills a slot at once, beyond the pace of growth and while the owner uses his CPUs', () => {
    const memory = { ...slotsOf('a', 'b', 'c', 'd'), growth: { sinceMs: at - second, starts: 4 } };
    const pilots = [...four.slice(1), ended('a', 0, 5 * second, at)];
    const decision = decideOn(seenAt(at, 4, { engine: engineWith(pilots) }), memory);
    expect(starts(decision)).toHaveLength(1);
  });

  it('never exceeds the limit while starts are in flight', () => {
    const memory = slotsOf('a', 'b', 'c', 'x');
    const decision = decideOn(
      seenAt(at, 0, { engine: engineWith(four.slice(0, 3)), inFlight: [startInFlight('x')] }),
      memory,
    );
    expect(starts(decision)).toEqual([]);
  });

  it('counts what the original left against the limit, and leaves it alone', () => {
    const left = ['p', 'q', 'r'].map((name) => running(name, 0, { managed: false }));
    const decision = decideOn(seenAt(at, 0, { engine: engineWith(left) }));
    expect(starts(decision)).toHaveLength(1);
    expect(decision.actions.filter((action) => action.do !== 'start')).toEqual([]);
  });

  it('adopts pilots that it does not remember, without starting more than the limit', () => {
    const decision = decideOn(seenAt(at, 0, { engine: engineWith(four) }));
    expect(starts(decision)).toEqual([]);
    expect(decision.memory.slots.map((slot) => slot.pilot)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refills what ended while the daemon was away', () => {
    const decision = decideOn(
      seenAt(at, 0, { engine: engineWith(four.slice(0, 2)) }),
      slotsOf('a', 'b', 'c', 'd'),
      {
        startsPerLoop: 0,
      },
    );
    expect(starts(decision)).toHaveLength(2);
  });

  it('lets surplus pilots finish when the limit falls, and starts none', () => {
    const decision = decideOn(seenAt(at, 0, { engine: engineWith(four) }), slotsOf('a', 'b', 'c', 'd'), {
      limit: 2,
    });
    expect(decision.actions).toEqual([]);
    const later = decideOn(
      seenAt(at + second, 0, { engine: engineWith([...four.slice(1), ended('a', 0, second * 9, at)]) }),
      decision.memory,
      { limit: 2 },
    );
    expect(starts(later)).toEqual([]);
    expect(later.memory.slots).toHaveLength(3);
  });

  it('leaves the owner his CPUs when it grows', () => {
    expect(starts(decideOn(seenAt(at, 2)))).toHaveLength(2);
    const full = decideOn(seenAt(at, 3.9));
    expect(starts(full)).toEqual([]);
    expect(full.refusals[0]?.text).toContain('3.9 CPUs');
  });
});

describe('what stands before a start', () => {
  const blocked: [string, ReturnType<typeof seenAt>, string][] = [
    [
      'a drain',
      seenAt(at, 0, { control: { drain: true, stop: false, forceStop: false, renew: [] } }),
      'drain',
    ],
    [
      'an engine that does not answer',
      seenAt(at, 0, { engine: engineWith([], { state: 'waiting', reason: 'gone' }) }),
      'engine',
    ],
    [
      'an engine that has not listed',
      seenAt(at, 0, { engine: engineWith([], { listed: false }) }),
      'starting-up',
    ],
    [
      'an image that is not there',
      seenAt(at, 0, { engine: engineWith([], { images: [{ ...image, id: null }] }) }),
      'image',
    ],
    [
      'memory that cannot be seen',
      seenAt(at, 0, { host: { ...hostAt(at), memory: unknown('gone') } }),
      'memory',
    ],
    ['CPU that cannot be seen', blindAt(at), 'cpu'],
    [
      'memory that the owner needs',
      seenAt(at, 0, {
        host: {
          ...hostAt(at),
          memory: known({ totalBytes: 64e9, availableBytes: 3.5e9, swapTotalBytes: 0, swapFreeBytes: 0 }),
        },
      }),
      'memory',
    ],
    [
      'a disk that is nearly full',
      seenAt(at, 0, { host: { ...hostAt(at), disk: known({ totalBytes: 500e9, freeBytes: 5e8 }) } }),
      'disk',
    ],
  ];
  it.each(blocked)('%s', (_what, seen, rule) => {
    const decision = decideOn(seen);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]?.rule).toBe(rule);
    expect(decision.refusals[0]?.text).not.toBe('');
  });

  it('an owner who waits for his disk stands before growth', () => {
    const calm = seenAt(at, 0);
    const seen = { ...calm, ownerPressure: { ...calm.ownerPressure, io: known(0.5) } };
    const decision = decideOn(seen);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]?.rule).toBe('io');
  });

  it('grace_spawn counts from an eviction, and from nothing else', () => {
    const memory = { ...slotsOf('a', 'b', 'c', null), lastEvictionMs: at - 59 * second };
    const seen = seenAt(at, 0, { engine: engineWith(four.slice(0, 3)) });
    expect(decideOn(seen, memory).refusals[0]?.rule).toBe('grace-spawn');
    expect(starts(decideOn(seen, { ...memory, lastEvictionMs: at - 61 * second }))).toHaveLength(1);
    expect(starts(decideOn(seen, { ...memory, lastEvictionMs: null }))).toHaveLength(1);
  });
});

describe('back-off of a slot', () => {
  it('doubles from one second to a minute while starts fail', () => {
    let memory = slotsOf('x');
    const waits: number[] = [];
    let now = at;
    for (let round = 0; round < 9; round++) {
      const name = memory.slots[0]?.pilot ?? '';
      const failed = decideOn(seenAt(now, 0, { results: [failedStart(name)] }), memory, { limit: 1 });
      waits.push((failed.memory.slots[0]?.notBeforeMs ?? 0) - now);
      expect(starts(failed)).toEqual([]);
      now = failed.memory.slots[0]?.notBeforeMs ?? now;
      const again = decideOn(seenAt(now, 0), failed.memory, { limit: 1 });
      expect(starts(again)).toHaveLength(1);
      memory = again.memory;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * second));
  });

  it('counts a pilot that fails within a second, and not one that failed later or finished at once', () => {
    const fate = (exitCode: number, livedMs: number) =>
      decideOn(seenAt(at, 0, { engine: engineWith([ended('x', exitCode, livedMs, at)]) }), slotsOf('x'), {
        limit: 1,
      });
    expect(fate(1, 900).memory.slots[0]?.failures).toBe(1);
    expect(fate(1, 1100).memory.slots[0]?.failures).toBe(0);
    expect(fate(0, 10).memory.slots[0]?.failures).toBe(0);
  });

  it('holds growth back while a slot fails', () => {
    const memory = { ...emptyMemory, slots: [{ pilot: null, failures: 2, notBeforeMs: at + 2000 }] };
    const decision = decideOn(seenAt(at, 0), memory);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]?.rule).toBe('back-off');
  });

  describe('that failed two seconds before its next try', () => {
    const failing = { pilot: null, failures: 2, notBeforeMs: at + 2 * second };
    const memory = { ...slotsOf('y'), slots: [...slotsOf('y').slots, failing] };
    const grown = (...pilots: Pilot[]) =>
      starts(decideOn(seenAt(at + 1.5 * second, 0, { engine: engineWith(pilots) }), memory)).length;

    it('does not hold growth back when another pilot has come to live since, or has ended well', () => {
      expect(grown(running('y', at + 0.4 * second))).toBe(2);
      expect(grown(running('y', at - 0.9 * second))).toBe(2);
      expect(grown(running('y', 0), ended('z', 0, 50, at + second))).toBe(2);
    });

    it('holds growth back when others have lived before only, for too short, of another image or not ours', () => {
      expect(grown(running('y', at - 60 * second))).toBe(0);
      expect(grown(running('y', at + 0.6 * second))).toBe(0);
      expect(grown(running('y', 0), ended('z', 1, 50, at + second))).toBe(0);
      expect(grown(running('y', at, { imageId: 'sha256:0' }))).toBe(0);
      expect(grown(running('y', 0), running('z', at, { managed: false }))).toBe(0);
    });

    it('is the reason that there is none more where its place is the last', () => {
      const engine = engineWith([running('y', at + 0.4 * second)]);
      const decision = decideOn(seenAt(at + 1.5 * second, 0, { engine }), memory, { limit: 2 });
      expect(decision.refusals).toMatchObject([{ rule: 'back-off' }]);
    });
  });

  it('is forgotten once a pilot lives', () => {
    const memory = { ...emptyMemory, slots: [{ pilot: 'x', failures: 5, notBeforeMs: 0 }] };
    const decision = decideOn(seenAt(at, 0, { engine: engineWith([running('x', at - 1500)]) }), memory, {
      limit: 1,
    });
    expect(decision.memory.slots[0]?.failures).toBe(0);
  });
});

describe('relief', () => {
  const equals = { ...policy.means, cpuClass: 'normal' } as const;

  /** Runs the legacy rule over a constant owner for some time, ticking each second. */
  function afterSeconds(seconds: number, ownerCpus: number, rules: Rules = { means: equals }) {
    let memory = slotsOf('a', 'b', 'c', 'd');
    let pilots = four;
    const evicted: string[] = [];
    let firstAt: number | null = null;
    for (let tick = 0; tick <= seconds; tick++) {
      const now = at + tick * second;
      const decision = decideOn(seenAt(now, ownerCpus, { engine: engineWith(pilots) }), memory, rules);
      memory = decision.memory;
      const gone = stops(decision);
      if (gone.length > 0) firstAt ??= tick;
      evicted.push(...gone);
      pilots = pilots.filter((pilot) => !gone.includes(pilot.name));
    }
    return { evicted, firstAt, left: pilots.length, memory };
  }

  it('a full node yields: the original never did', () => {
    const { evicted, firstAt, left } = afterSeconds(150, 2);
    expect(evicted).toHaveLength(2);
    expect(left).toBe(2);
    expect(firstAt).toBe(120);
  });

  it('a time in which no daemon looked is none in which the owner was short', () => {
    const { memory } = afterSeconds(100, 2);
    expect(memory.shortSinceMs).not.toBeNull();
    let after: Memory = { ...memory, cpu: null };
    const hourLater = at + 3700 * second;
    for (let tick = 0; tick < 120; tick++) {
      const now = hourLater + tick * second;
      const decision = decideOn(seenAt(now, 2, { engine: engineWith(four) }), after, { means: equals });
      expect(stops(decision)).toEqual([]);
      after = decision.memory;
    }
  });

  it('an owner within the node leaves pilots alone, however long', () => {
    expect(afterSeconds(600, 0.3).evicted).toEqual([]);
  });

  it('an owner of whom only an upper bound is known evicts nobody', () => {
    let memory = slotsOf('a', 'b', 'c', 'd');
    for (let tick = 0; tick <= 200; tick++) {
      const seen = { ...seenAt(at + tick * second, 4, { engine: engineWith(four) }), ownerIsExact: false };
      const decision = decideOn(seen, memory);
      expect(stops(decision)).toEqual([]);
      memory = decision.memory;
    }
  });

  it('evicts down to what fits and no further', () => {
    expect(afterSeconds(600, 3.9).left).toBe(0);
    expect(afterSeconds(600, 3).left).toBe(1);
  });

  it('lets pilots stay in the idle class while they have a quarter of their CPUs on average', () => {
    const idle = { means: policy.means };
    expect(afterSeconds(600, 3, idle).evicted).toEqual([]);
    expect(afterSeconds(600, 3.4, idle).left).toBe(2);
    expect(afterSeconds(600, 3.9, idle).left).toBe(0);
  });

  it('does not count those that are paused: they use nothing, and only those that run may go', () => {
    const mixed = four.map((pilot, index) =>
      index < 2 ? pilot : { ...pilot, state: 'paused' as const, stateSinceMs: at },
    );
    const idle = { means: policy.means };
    const account = (readMs: number) => ({
      sinceMs: at - 30 * second,
      ownerCpuMs: 3.4 * readMs,
      readMs,
      pilotsCpuMs: 0,
      guestCpus: 0,
      judgedCpus: 3.4,
    });
    const judged = (pilots: readonly Pilot[], ownerCpus: number) =>
      decideOn(
        seenAt(at, ownerCpus, { engine: engineWith(pilots) }),
        { ...slotsOf('a', 'b', 'c', 'd'), shortSinceMs: at - 300 * second, cpu: account(0) },
        idle,
      );
    const shortFor = (pilots: readonly Pilot[], ownerCpus: number) => stops(judged(pilots, ownerCpus));
    // 3.4 CPUs leave room for two guests: of four that run two go, of two that run beside two that are paused none.
    expect(shortFor(four, 3.4)).toHaveLength(2);
    expect(shortFor(mixed, 3.4)).toEqual([]);
    expect([judged(four, 3.4), judged(mixed, 3.4)].map(({ memory }) => memory.shortSinceMs !== null)).toEqual(
      [true, false],
    );
    const running = mixed.filter(({ state }) => state === 'running').map(({ name }) => name);
    expect(running).toContain(shortFor(mixed, 3.7)[0]);
    expect(shortFor(mixed, 3.7)).toHaveLength(1);
  });

  it('lets a first guest start where a third of his CPUs is left, in the idle class alone', () => {
    const one = { cpuCount: 1, guestCpus: 1 };
    const judged = (judgedCpus: number, guestCpus: number) => ({
      ...emptyMemory,
      cpu: { sinceMs: at, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guestCpus, judgedCpus },
    });
    const host = hostAt(at, 0.45, 0, one.cpuCount);
    expect(starts(decideOn(seenAt(at, 0.45, { host }), judged(0.45, 1)))).toHaveLength(1);
    expect(starts(decideOn(seenAt(at, 0.45, { host }), judged(0.45, 0)))).toEqual([]);
    const guestsAfter = (ownerCpus: number, means: Policy['means'] = policy.means) => {
      const readMs = 30 * second;
      const cpu = { ...judged(0, 0).cpu, sinceMs: at - readMs, ownerCpuMs: ownerCpus * readMs, readMs };
      const seen = seenAt(at, ownerCpus, { host: hostAt(at, ownerCpus, 0, 1) });
      return decideOn(seen, { ...emptyMemory, cpu }, { means }).memory.cpu?.guestCpus;
    };
    expect([guestsAfter(0.64), guestsAfter(0.66)]).toEqual([1, 0]);
    expect(guestsAfter(0.5, { ...policy.means, cpuClass: 'low' })).toBe(0);
  });

  it('gives the whole node to small guests, whatever its services use', () => {
    const guestsAfter = (ownerCpus: number, cpuCount: number, kind: Partial<KindPolicy>) => {
      const readMs = 30 * second;
      const cpu = {
        sinceMs: at - readMs,
        ownerCpuMs: ownerCpus * readMs,
        readMs,
        pilotsCpuMs: 0,
        guestCpus: 0,
        judgedCpus: null,
      };
      const seen = seenAt(at, ownerCpus, { host: hostAt(at, ownerCpus, 0, cpuCount) });
      return decideOn(seen, { ...emptyMemory, cpu }, { kind }).memory.cpu?.guestCpus;
    };
    expect(guestsAfter(0.03, 2, { cpus: 0.01 })).toBe(2);
    // An owner at work, however little that is, has what he uses.
    expect(guestsAfter(0.05, 2, { cpus: 0.01 })).toBeCloseTo(1.95, 6);
    expect(guestsAfter(0.7, 64, { cpus: 0.1 })).toBeCloseTo(63.3, 6);
  });

  it('keeps what the owner reserved, in growing and in staying', () => {
    const reserve = { ...policy.reserve, cpus: { share: 0.5, atMost: null } };
    expect(afterSeconds(150, 1, { means: equals, reserve }).left).toBe(1);
    expect(afterSeconds(150, 1.5, { means: policy.means, reserve }).left).toBe(2);
    expect(starts(decideOn(seenAt(at, 0), emptyMemory, { reserve }))).toHaveLength(2);
  });

  it('grows in the idle class when much was left unused on average, however often the owner comes', () => {
    const cpu = { sinceMs: at, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guestCpus: 3, judgedCpus: 2 };
    const burst = seenAt(at, 4, { engine: engineWith([running('a')]) });
    expect(starts(decideOn(burst, { ...slotsOf('a'), cpu }))).toHaveLength(2);
    expect(starts(decideOn(burst, { ...slotsOf('a'), cpu: { ...cpu, guestCpus: 1 } }))).toEqual([]);
    expect(starts(decideOn(burst, { ...slotsOf('a'), cpu }, { means: equals }))).toEqual([]);
  });

  it('lets nothing grow in a lull of an owner who has too little on average', () => {
    const busy = {
      ...slotsOf('a'),
      cpu: { sinceMs: at, ownerCpuMs: 0, readMs: 0, pilotsCpuMs: 0, guestCpus: 1, judgedCpus: 3.5 },
    };
    const lull = seenAt(at, 0, { engine: engineWith([running('a')]) });
    const decision = decideOn(lull, busy);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]?.text).toContain('3.5 CPUs on average');
    expect(starts(decideOn(lull, slotsOf('a')))).toHaveLength(3);
  });

  it('chooses the youngest, whose end loses least', () => {
    const pilots = [running('old', 0), running('young', at - second), running('middle', at - 60 * second)];
    const low = known({ totalBytes: 64e9, availableBytes: 3e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const seen = seenAt(at, 0, { engine: engineWith(pilots), host: { ...hostAt(at), memory: low } });
    expect(stops(decideOn(seen, slotsOf('old', 'young', 'middle')))).toEqual(['young']);
  });

  it('memory short is relieved at once, by as many as it takes, and counts those on their way out', () => {
    const low = known({ totalBytes: 64e9, availableBytes: 2e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const seen = seenAt(at, 0, { engine: engineWith(four), host: { ...hostAt(at), memory: low } });
    const decision = decideOn(seen, slotsOf('a', 'b', 'c', 'd'));
    expect(stops(decision)).toHaveLength(3);
    const next = decideOn(
      seenAt(at + second, 0, {
        engine: engineWith(four),
        host: { ...hostAt(at + second), memory: low },
        inFlight: decision.actions.map((action) => ({ action, sinceMs: at })),
      }),
      decision.memory,
    );
    expect(stops(next)).toEqual([]);
  });

  it('an expired pilot leaves its slot to the next, an evicted one takes it along', () => {
    const old = running('a', at - 50_000 * second);
    const expiredNow = decideOn(seenAt(at, 0, { engine: engineWith([old]) }), slotsOf('a'), { limit: 1 });
    expect(stops(expiredNow)).toEqual(['a']);
    const gone = decideOn(seenAt(at + second, 0), expiredNow.memory, { limit: 1 });
    expect(starts(gone)).toHaveLength(1);
    expect(afterSeconds(150, 2).memory.slots).toHaveLength(2);
  });

  it('asks again for a stop that was lost with a daemon that died', () => {
    const memory = { ...emptyMemory, leaving: [{ pilot: 'a', outcome: 'evicted' as const }] };
    const decision = decideOn(seenAt(at, 0, { engine: engineWith([running('a')]) }), memory);
    expect(stops(decision)).toEqual(['a']);
  });

  it('relieves while the engine is away, and starts nothing', () => {
    const low = known({ totalBytes: 64e9, availableBytes: 2e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const engine = engineWith(four, { state: 'waiting', listed: false, reason: 'gone' });
    const decision = decideOn(
      seenAt(at, 0, { engine, host: { ...hostAt(at), memory: low } }),
      slotsOf('a', 'b', 'c', 'd'),
    );
    expect(stops(decision).length).toBeGreaterThan(0);
    expect(starts(decision)).toEqual([]);
  });

  it('an engine elsewhere is not judged by this node', () => {
    const low = known({ totalBytes: 64e9, availableBytes: 1e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const seen = seenAt(at, 4, {
      engine: engineWith(four.slice(0, 3)),
      host: { ...hostAt(at), memory: low },
    });
    const decision = decideOn(seen, slotsOf('a', 'b', 'c'), { nodeIsEngines: false });
    expect(stops(decision)).toEqual([]);
    expect(starts(decision)).toHaveLength(1);
  });
});

describe('ends', () => {
  it('reaps what has ended or was never started, after the starts', () => {
    const pilots = [
      ended('a', 0, 5000, at),
      running('b', at - 10 * second, { state: 'created', startedAtMs: unknown('') }),
    ];
    const seen = seenAt(at, 0, { engine: engineWith(pilots) });
    const busy = decideOn(seen, slotsOf('a'), { limit: 2, startsPerLoop: 0 });
    expect(busy.actions).toMatchObject([{ do: 'start' }, { do: 'reap', name: 'b' }]);
    const quiet = decideOn(seen, slotsOf(), { limit: 0 });
    expect(quiet.actions).toMatchObject([
      { do: 'reap', name: 'a', outcome: 'finished' },
      { do: 'reap', name: 'b', outcome: 'never-started' },
    ]);
  });

  it('lets no more of them wait than there may be pilots', () => {
    const pilots = [1, 2, 3, 4].map((serial) => ended(`e${serial}`, 0, 10, at - serial));
    const seen = seenAt(at, 0, { engine: engineWith(pilots), inFlight: [startInFlight('x')] });
    const reaped = decideOn(seen, slotsOf('x'), { limit: 2 }).actions.flatMap((action) =>
      action.do === 'reap' ? [action.name] : [],
    );
    expect(reaped).toEqual(['e3', 'e4']);
  });

  it('leaves one alone that was just made, unless its start is known to have failed', () => {
    const made = running('m', at - 9 * second, { state: 'created', startedAtMs: unknown('not started') });
    const engine = engineWith([made]);
    const waiting = decideOn(seenAt(at, 0, { engine }), slotsOf('m'), { limit: 1 });
    expect(waiting.actions).toEqual([]);
    expect(waiting.memory.slots[0]?.pilot).toBe('m');
    const failed = decideOn(seenAt(at, 0, { engine, results: [failedStart('m')] }), slotsOf('m'), {
      limit: 1,
    });
    expect(failed.actions).toMatchObject([{ do: 'reap', name: 'm', outcome: 'never-started' }]);
    expect(failed.memory.slots[0]).toMatchObject({ pilot: null, failures: 1 });
  });

  it('leaves one alone that an engine said was made before it went away', () => {
    const made = running('m', at - 60 * second, { state: 'created', startedAtMs: unknown('not started') });
    const away = engineWith([made], { state: 'waiting', listed: false, reason: 'gone' });
    expect(decideOn(seenAt(at, 0, { engine: away }), slotsOf('m'), { limit: 1 }).actions).toEqual([]);
    const results = [failedStart('m')];
    expect(decideOn(seenAt(at, 0, { engine: away, results }), slotsOf('m'), { limit: 1 }).actions).toEqual(
      [],
    );
  });

  it('does not wait with the reaping for ever', () => {
    const pilots = [ended('a', 0, 5000, at - 11 * second)];
    const decision = decideOn(
      seenAt(at, 0, { engine: engineWith(pilots), inFlight: [startInFlight('x')] }),
      slotsOf('x'),
    );
    expect(decision.actions.map((action) => action.do)).toContain('reap');
  });

  it('gives an evicted pilot its outcome', () => {
    const memory = { ...emptyMemory, leaving: [{ pilot: 'a', outcome: 'evicted' as const }] };
    const decision = decideOn(seenAt(at, 0, { engine: engineWith([ended('a', 143, 5000, at)]) }), memory, {
      limit: 0,
    });
    expect(decision.actions).toMatchObject([{ do: 'reap', name: 'a', outcome: 'evicted' }]);
  });
});

describe('control files and signals', () => {
  const drainStop = { drain: true, stop: true, forceStop: false, renew: [] };

  it('a signal ends the daemon and nothing else', () => {
    const decision = decideOn(
      seenAt(at, 0, { engine: engineWith(four), terminating: true }),
      slotsOf('a', 'b', 'c', 'd'),
    );
    expect(decision).toMatchObject({ exit: 'signal', actions: [] });
  });

  it('drain-stop ends with the last pilot, and removes the stop file only', () => {
    const busy = decideOn(
      seenAt(at, 0, { control: drainStop, engine: engineWith(four) }),
      slotsOf('a', 'b', 'c', 'd'),
    );
    expect(busy.exit).toBeNull();
    const done = decideOn(seenAt(at, 0, { control: drainStop }), slotsOf());
    expect(done).toMatchObject({ exit: 'drained', clear: ['stop'] });
  });

  it('drain-stop does not end on an engine that cannot be asked, nor while a start is on its way', () => {
    const away = seenAt(at, 0, {
      control: drainStop,
      engine: engineWith([], { state: 'waiting', listed: false }),
    });
    expect(decideOn(away).exit).toBeNull();
    expect(decideOn(seenAt(at, 0, { control: drainStop, inFlight: [startInFlight('x')] })).exit).toBeNull();
  });

  it('a stop file without a drain does nothing', () => {
    expect(
      decideOn(seenAt(at, 0, { control: { drain: false, stop: true, forceStop: false, renew: [] } })).exit,
    ).toBeNull();
  });

  it('force-stop removes all of ours, in any state, and nobody else', () => {
    const foreign = running('f', 0, { managed: false });
    const control = { drain: false, stop: false, forceStop: true, renew: [] };
    const seen = seenAt(at, 0, { control, engine: engineWith([...four, ended('e', 0, 1, at), foreign]) });
    const decision = decideOn(seen, slotsOf('a'));
    expect(decision.actions.map((action) => ('name' in action ? action.name : ''))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(decision.clear).toEqual([]);
    const after = decideOn(seenAt(at, 0, { control, engine: engineWith([foreign]) }), decision.memory);
    expect(after).toMatchObject({ clear: ['force-stop'], exit: null });
    const both = decideOn(seenAt(at, 0, { control, terminating: true }), decision.memory);
    expect(both).toMatchObject({ clear: ['force-stop'], exit: 'force-stopped' });
  });

  it('slots that empty during a drain are not refilled in one go after it', () => {
    const control = { drain: true, stop: false, forceStop: false, renew: [] };
    const drained = decideOn(seenAt(at, 0, { control }), slotsOf('a', 'b', 'c', 'd'));
    expect(drained.memory.slots).toEqual([]);
    expect(starts(decideOn(seenAt(at, 0), drained.memory, { startsPerLoop: 1 }))).toHaveLength(1);
  });
});

describe('what is on its way', () => {
  it('a pilot that is made but not started yet takes room', () => {
    const made = running('x', at, { state: 'created', startedAtMs: unknown('not started') });
    const pilots = [running('a'), running('d'), made];
    const memory = { ...slotsOf('a', 'x', null), leaving: [{ pilot: 'd', outcome: 'evicted' as const }] };
    const seen = seenAt(at, 0, { engine: engineWith(pilots), inFlight: [startInFlight('x')] });
    expect(starts(decideOn(seen, memory, { limit: 3 }))).toEqual([]);
    expect(starts(decideOn(seen, memory, { limit: 4 }))).toHaveLength(1);
  });

  it('a pilot that was asked to leave takes room until it is gone', () => {
    const memory = {
      ...slotsOf('a', 'b', 'c', null),
      leaving: [{ pilot: 'd', outcome: 'evicted' as const }],
    };
    const decision = decideOn(seenAt(at, 0, { engine: engineWith(four) }), memory);
    expect(starts(decision)).toEqual([]);
  });
});
