import { describe, expect, it } from 'vitest';
import { untouched } from '../../src/decide/ladder.ts';
import type { Memory, Sample } from '../../src/decide/types.ts';
import { why, type Why } from '../../src/decide/why.ts';
import type { HostSample } from '../../src/model/host.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import {
  decideOn,
  engineWith,
  hostAt,
  noSigns,
  policy,
  type Rules,
  running,
  seenAt,
  slotsOf,
  withRules,
} from './world.ts';

const at = 100_000_000;
const two = [running('a', at - 3_600_000), running('b', at - 30_000)];

interface Given {
  readonly ownerCpus?: number;
  readonly host?: Partial<HostSample>;
  readonly pilots?: readonly Pilot[];
  readonly memory?: Memory;
  readonly rules?: Rules;
  readonly sample?: Partial<Sample>;
}
function explained({
  ownerCpus = 0,
  host = {},
  pilots = two,
  memory = slotsOf('a', 'b'),
  rules = {},
  sample = {},
}: Given): Why {
  const seen = seenAt(at, ownerCpus, {
    host: { ...hostAt(at, ownerCpus), ...host },
    engine: engineWith(pilots),
    ...sample,
  });
  return why(withRules(policy, rules), seen, decideOn(seen, memory, rules));
}
/** An account whose last window was judged just now. */
const judgedAt = (judgedCpus: number): Memory['cpu'] => ({
  sinceMs: at,
  ownerCpuMs: 0,
  readMs: 0,
  pilotsCpuMs: 0,
  guestCpus: 0,
  judgedCpus,
});
const all = (texts: readonly string[]): string => texts.join('\n');

describe('why there are so many', () => {
  it('counts them', () => {
    expect(explained({}).now).toBe('2 pilots of at most 4');
    const held = [{ ...untouched('a'), rungs: { user: 'paused' as const }, pausedSinceMs: at }];
    const signs = { ...noSigns, userIdleMs: known(0) };
    const paused = explained({
      host: { signs },
      memory: { ...slotsOf('a', 'b'), held },
      rules: { dryRun: true },
    });
    expect(paused.now).toContain('dry_run');
    expect(explained({ host: { signs }, memory: { ...slotsOf('a', 'b'), held } }).now).toBe(
      '2 pilots of at most 4: 2 paused',
    );
  });
});

describe('why not one more', () => {
  it('tells the room of each resource, with numbers', () => {
    expect(explained({ rules: { startsPerLoop: 0 } }).more).toEqual([
      'growth: 0 slots newly filled (docks_per_loop), the next in 30 s',
      'limit: 2 pilots of at most 4 (max_docks): room for 2 more',
      'CPU: the owner uses 0 CPUs of 4: room for 2 more pilots',
      'memory: 60.0 GB available, 3.2 GB kept for the owner, 500 MB claimed by pilots beyond what they use: a new pilot claims 500 MB, room for 112 more',
      'disk: 400.0 GB free where the engine keeps its data, 1.0 GB kept for the owner',
    ]);
  });

  it('tells how little the owner would have to use', () => {
    const texts = all(explained({ ownerCpus: 2.2 }).more);
    expect(texts).toContain('cpu: the owner uses 2.2 CPUs of 4, which leaves room for 2 pilots');
    expect(texts).toContain('room for 0 more pilots; one more fits when he uses at most 1.4 CPUs');
    // What is told is what is decided: at that use one more starts, and a little above it does not.
    const starts = (ownerCpus: number) =>
      decideOn(seenAt(at, ownerCpus, { engine: engineWith(two) }), slotsOf('a', 'b')).actions.filter(
        (one) => one.do === 'start',
      ).length;
    expect([starts(1.4), starts(1.41)]).toEqual([1, 0]);
    expect(all(explained({ rules: { kind: { cpus: 2 } } }).more)).toContain(
      '3 pilots would not fit even without him',
    );
  });

  it('tells what stands in the way on average, where that does', () => {
    const lull = { memory: { ...slotsOf('a', 'b'), cpu: judgedAt(3.5) } };
    expect(all(explained(lull).more)).toContain('one more fits when he uses at most 3.15 CPUs on average');
    expect(all(explained({ ...lull, ownerCpus: 2.2 }).more)).toContain(
      'one more fits when he uses at most 1.4 CPUs, and at most 3.15 CPUs on average',
    );
  });

  it('counts what is not ours, and knows more than one of it', () => {
    const foreign = ['x', 'y'].map((name) => running(name, 0, { managed: false }));
    expect(all(explained({ pilots: [...two, ...foreign] }).more)).toContain('2 containers that are not ours');
    expect(all(explained({ pilots: [...two, ...foreign.slice(1)] }).more)).toContain(
      '1 container that is not ours',
    );
  });

  it('tells when a first guest fits', () => {
    const texts = all(explained({ ownerCpus: 3.9, pilots: [], memory: slotsOf() }).more);
    expect(texts).toContain('a first one fits when he uses at most 3.65 CPUs on average');
  });

  it('tells how much memory is missing', () => {
    const memory = known({ totalBytes: 64e9, availableBytes: 3.9e9, swapTotalBytes: 0, swapFreeBytes: 0 });
    const texts = all(explained({ host: { memory } }).more);
    expect(texts).toContain('memory: 200 MB of memory to spare');
    expect(texts).toContain('300 MB are missing for one more');
  });

  it('tells what cannot be seen', () => {
    const blind = unknown('no such file');
    const texts = all(explained({ host: { cpu: blind, memory: blind, disk: blind } }).more);
    expect(texts).toMatch(/memory: cannot be seen: no such file/);
    expect(texts).toMatch(/disk: cannot be seen: no such file/);
    expect(all(explained({ rules: { nodeIsEngines: false } }).more)).toContain(
      'the engine runs on another machine',
    );
  });
});

describe('why not one less', () => {
  it('reckons with what the owner takes each second, and with what single CPUs keep at hand', () => {
    const levels = { totalBytes: 64e9, availableBytes: 4e9, swapTotalBytes: 0, swapFreeBytes: 0 };
    const memory = known({ ...levels, atHandBytes: 1e9 });
    const seen = seenAt(at, 0, { host: { ...hostAt(at), memory }, engine: engineWith(two) });
    const growing = { ...seen, ownerMemoryGrowth: known(2e8) };
    const textOf = (now: typeof seen) => why(policy, now, decideOn(now, slotsOf('a', 'b'))).fewer[1];
    expect(textOf(seen)).toBe(
      'memory: evicted at once when less than 3.2 GB is available, 1.8 GB less than now',
    );
    expect(textOf(growing)).toBe(
      'memory: evicted at once when less than 3.2 GB is available, 1.2 GB less than now (the owner takes 200 MB more each second, which is reckoned with)',
    );
  });

  it('tells what comes after a pause for storage: without proof of any harm it is no eviction', () => {
    const seen = seenAt(at, 0, {
      engine: engineWith(two.map((pilot) => ({ ...pilot, state: 'paused' as const, stateSinceMs: at }))),
    });
    const held = two.map(({ name }) => ({
      ...untouched(name),
      rungs: { io: 'paused' as const },
      pausedSinceMs: at,
    }));
    const textOf = (relapses: number): string | undefined => {
      const io = {
        overSinceMs: at,
        calmSinceMs: null,
        lastStep: null,
        patienceMs: 15_000,
        deafUntilMs: null,
      };
      const memory = { ...slotsOf('a', 'b'), held, senses: { io: { ...io, relapses } } };
      return why(policy, seen, { ...decideOn(seen, memory), memory }).fewer.find((text) =>
        text.startsWith('pause'),
      );
    };
    expect(textOf(2)).toBe('pause: a is paused, and let run again in 10 min (max_pause)');
    expect(textOf(3)).toBe('pause: a is paused, and evicted in 10 min (max_pause)');
  });

  it('tells that pilots which are paused are not evicted for CPUs', () => {
    const frozen = two.map((pilot) => ({ ...pilot, state: 'paused' as const, stateSinceMs: at }));
    expect(explained({ pilots: frozen }).fewer[0]).toContain('all pilots are paused');
  });

  it('tells what would have to change', () => {
    expect(explained({}).fewer).toEqual([
      'CPU: one is evicted when the owner uses more than 3.5 CPUs for 2 min (grace_kill)',
      'memory: evicted at once when less than 3.2 GB is available, 56.8 GB less than now',
      'pressure: how long the owner waits for CPUs is not told, so nothing is taken from pilots for it: the kernel counts nothing of the owner alone here',
      'ttl: the oldest has run for its time in 11.0 h (max_ttl)',
      'the first to go would be b',
    ]);
    const equals = { means: { ...policy.means, cpuClass: 'normal' as const } };
    const beside = explained({ rules: equals }).fewer;
    expect(beside[0]).toContain('more than 2.5 CPUs');
    expect(beside[2]).toBe(
      'pressure: pilots get less CPU, then are paused, when the owner waits for theirs more than 1 % of the time (owner_slowdown); he waits 0 %',
    );
  });

  it('tells of no eviction for memory of which nothing is kept', () => {
    const reserve = { ...policy.reserve, memory: { share: 0, atMost: null } };
    const texts = all(explained({ rules: { reserve } }).fewer);
    expect(texts).toContain('memory: nothing is kept for the owner');
    expect(texts).not.toContain('0 B');
  });

  it('tells what is decided already', () => {
    const memory: Memory = {
      ...slotsOf('a'),
      leaving: [{ pilot: 'b', outcome: 'evicted', sinceMs: at - 5000 }],
      shortSinceMs: at - 40_000,
      cpu: judgedAt(4),
    };
    const texts = explained({ memory, ownerCpus: 4 }).fewer;
    expect(texts[0]).toBe('b was asked to go 5 s ago (evicted)');
    expect(texts[1]).toContain('the owner has used more than 3.75 CPUs for 40 s: one is evicted after 2 min');
  });

  it('tells when a paused one goes, and who paused it', () => {
    const pilots = [running('a', at - 600_000, { state: 'paused', stateSinceMs: at - 60_000 })];
    expect(all(explained({ pilots, memory: slotsOf('a') }).fewer)).toContain(
      'pause: a is paused, not by Plancton, and evicted in 9 min (max_pause)',
    );
  });

  it('tells when the schedule ends', () => {
    const signs = { ...noSigns, window: { open: true, changesInMs: 3_600_000 } };
    expect(all(explained({ host: { signs } }).fewer)).toContain(
      'window: all get notice 10 s before the schedule ends, which is in 60 min',
    );
  });

  it('has nothing to tell without pilots', () => {
    expect(explained({ pilots: [], memory: slotsOf() }).fewer).toEqual([]);
  });
});

describe('the ladder', () => {
  it('is told with what was taken and since when', () => {
    const signs = { ...noSigns, userIdleMs: known(0) };
    expect(explained({}).ladder).toEqual([]);
    expect(explained({ host: { signs } }).ladder).toEqual([
      'user: somebody used the node 0 s ago (user_away 15 min); for 0 s; 2 pilots paused',
    ]);
  });

  it('is told while it waits for calm', () => {
    const memory: Memory = {
      ...slotsOf('a', 'b'),
      held: [{ ...untouched('a'), rungs: { cpu: 'half' }, cpus: 0.5 }],
      budget: { mean60: 0.001, mean5: 0, readAtMs: at },
      senses: {
        cpu: {
          overSinceMs: null,
          calmSinceMs: at - 5000,
          lastStep: { way: 'down', atMs: at - 9000 },
          patienceMs: 30_000,
          deafUntilMs: null,
        },
      },
    };
    expect(explained({ memory }).ladder).toEqual([
      'cpu: the owner waits for CPUs that pilots have 0.1 % of the time (owner_slowdown 1 %); calm for 5 s, which must last 30 s; 1 pilot with less CPU',
    ]);
  });

  it('is told where it was of no use', () => {
    const io = {
      overSinceMs: at - 60_000,
      calmSinceMs: null,
      lastStep: { way: 'up' as const, atMs: at - 9000 },
      patienceMs: 15_000,
      deafUntilMs: at + 300_000,
    };
    expect(all(explained({ memory: { ...slotsOf('a', 'b'), senses: { io } } }).ladder)).toContain(
      'taking from all pilots did not help, not tried again for 5 min',
    );
  });
});

describe('the account', () => {
  it('is told in time and shares', () => {
    const account = {
      sinceMs: at - 3_600_000,
      harvestedMs: 7_200_000,
      wastedMs: 720_000,
      ownerDelayMs: 36_000,
    };
    const had = 'in 60 min pilots had 2.0 h of CPU time, 10 % of it lost with evicted ones';
    const told = (toldMs?: number): string => {
      const one = toldMs === undefined ? account : { ...account, toldMs };
      return explained({ memory: { ...slotsOf('a', 'b'), account: one } }).account;
    };
    expect(told(3_600_000)).toBe(`${had}; the owner waited for CPUs of theirs 36 s (1 %)`);
    // What could be told of a tenth of the time only is a share of that.
    expect(told(360_000)).toBe(`${had}; the owner waited for CPUs of theirs 36 s (10 %)`);
    expect(told()).toBe(`${had}; how long the owner waited for CPUs of theirs is not told on this node`);
  });
});
