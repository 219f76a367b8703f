import type { Action } from '../../src/model/action.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { largestKind } from '../../src/decide/kindPolicy.ts';
import { emptyMemory, type Policy, type Sample } from '../../src/decide/types.ts';
import { plainMachine } from './machine.ts';
import { type Measures, measure } from './measures.ts';
import type { Nature } from '../../src/replay/body.ts';
import { chanceOf } from './seeded.ts';
import type { Decider } from './simulation.ts';
import { quietWorld, type Story } from './world.ts';

/*
 * What a running pilot should count for when the question is whether one more has room in memory. Nothing but that
 * differs between the deciders here: as many pilots as their claims leave room for, and as many of the youngest evicted
 * as it takes when memory is short.
 */

const youngMs = 60_000;
const graceSpawnMs = 60_000;
const startsEach30s = 4;

/** How a pilot's claim follows from its use. `ageMs` is its age, `oldUses` what pilots of more than a minute use. */
export interface ClaimPolicy {
  claim(useBytes: number, ageMs: number, limitBytes: number, oldUses: readonly number[]): number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The ways of reckoning that were compared. */
export const claimPolicies = {
  /** Nothing can go wrong, and most of the memory stays empty. */
  'its limit': { claim: (use, _age, limit) => Math.max(use, limit) },
  /** Room that is there now is given away, though those who run are about to ask for it. */
  'its use': { claim: (use) => use },
  'a quarter, then use + 10 %': {
    claim: (use, age, limit) => (age < youngMs ? Math.max(use, limit / 4) : 1.1 * use),
  },
  /** As before, and a young one is taken for what the others have become. */
  'a quarter or the mean, then use + 10 %': {
    claim: (use, age, limit, oldUses) =>
      age < youngMs ? Math.max(use, limit / 4, Math.min(limit, mean(oldUses))) : 1.1 * use,
  },
} as const satisfies Record<string, ClaimPolicy>;

/** Pilots by what they hold, as far as it has been read. */
interface Known {
  readonly pilot: Pilot;
  readonly ageMs: number;
  readonly useBytes: number;
}

function knownOf(sample: Sample): Known[] {
  return sample.engine.pilots
    .filter((pilot) => pilot.state === 'running')
    .map((pilot) => ({
      pilot,
      ageMs: pilot.startedAtMs.known ? sample.atMs - pilot.startedAtMs.value : 0,
      useBytes: sample.host.pilotUse.get(pilot.id)?.memoryBytes ?? 0,
    }));
}

/** A decider of memory alone. */
export function decideByClaims(claims: ClaimPolicy, reserveBytes: number): Decider {
  let [lastEvictionMs, windowMs, starts] = [Number.NEGATIVE_INFINITY, 0, 0];
  return (policy, { sample }) => {
    const limitBytes = largestKind(policy).memoryBytes;
    const nowMs = sample.atMs;
    const available = sample.host.memory.known ? sample.host.memory.value.availableBytes : 0;
    const known = knownOf(sample);
    const going = new Set(
      sample.inFlight.flatMap(({ action }) => (action.do === 'stop' ? [action.name] : [])),
    );
    const actions: Action[] = sample.engine.pilots
      .filter((pilot) => pilot.state === 'ended')
      .map(({ id, name }) => ({ do: 'reap', id, name, outcome: 'finished' }));

    let missing = reserveBytes - available;
    for (const { pilot, useBytes } of known.filter(({ pilot }) => going.has(pilot.name))) {
      missing -= useBytes;
      going.add(pilot.name);
    }
    for (const { pilot, useBytes } of known.toSorted((a, b) => a.ageMs - b.ageMs)) {
      if (missing <= 0) break;
      if (going.has(pilot.name)) continue;
      missing -= Math.max(useBytes, 1);
      lastEvictionMs = nowMs;
      const why = { rule: 'memory', text: 'short' } as const;
      actions.push({
        do: 'stop',
        id: pilot.id,
        name: pilot.name,
        outcome: 'evicted',
        graceMs: largestKind(policy).stopGraceMs,
        why,
      });
    }

    if (nowMs - windowMs >= 30_000) [windowMs, starts] = [nowMs, 0];
    const oldUses = known.filter(({ ageMs }) => ageMs >= youngMs).map(({ useBytes }) => useBytes);
    const claimOf = (useBytes: number, ageMs: number): number =>
      claims.claim(useBytes, ageMs, limitBytes, oldUses);
    const starting = sample.inFlight.filter(({ action }) => action.do === 'start').length;
    let room = available - reserveBytes - starting * claimOf(0, 0);
    for (const { useBytes, ageMs } of known) room -= claimOf(useBytes, ageMs) - useBytes;
    for (const name of sample.freshNames) {
      if (starts >= startsEach30s || nowMs - lastEvictionMs < graceSpawnMs) break;
      room -= claimOf(0, 0);
      if (room < 0) break;
      starts += 1;
      actions.push({ do: 'start', kind: 'default', name, why: 'growth' });
    }
    return {
      actions,
      withheld: [],
      memory: emptyMemory,
      refusals: [],
      running: known.length,
      unmanaged: 0,
      clear: [],
      exit: null,
    };
  };
}

/** 64 GB, and CPUs for more pilots than memory has room for. */
const machine = { ...plainMachine, cpuCount: 128 };

/** Of ten pilots six use a tenth to a third of their limit, three up to two thirds, one nearly all of it. */
export function mixedNature(index: number): Nature {
  const sort = chanceOf(index);
  const share =
    sort < 0.6
      ? chanceOf(index + 1e6, 0.1, 0.33)
      : sort < 0.9
        ? chanceOf(index + 1e6, 0.33, 0.67)
        : chanceOf(index + 1e6, 0.85, 0.98);
  return {
    workCpuMs: chanceOf(index + 2e6, 1_200_000, 7_200_000),
    firstBytes: 50e6,
    peakBytes: share * 2e9,
    // Most are grown after a minute or two, some take half an hour.
    growCpuMs: chanceOf(index + 3e6) < 0.7 ? chanceOf(index + 4e6, 10_000, 60_000) : 600_000,
    disk: 0,
    noticeMs: 500,
    exitCode: 0,
  };
}

/** An owner who holds 8 GB, and 28 GB for twenty minutes of every hour, taken at 200 MB/s. */
export const heavyOwner: Story = (ms) => {
  const into = (ms % 3_600_000) - 2_000_000;
  const more = into < 0 || into > 1_200_000 ? 0 : Math.min(20e9, (into / 1000) * 200e6);
  return { ...quietWorld, ownerMemoryBytes: 8e9 + more };
};

/** Three hours of a node on which claims are reckoned in this way. */
export function liveByClaims(claims: ClaimPolicy, story: Story, base: Policy): Measures {
  const reserveBytes = 0.05 * machine.memoryBytes;
  const policy: Policy = { ...base, limit: 128 };
  return measure(
    {
      decider: decideByClaims(claims, reserveBytes),
      policy,
      story,
      forMs: 3 * 3_600_000,
      machine,
      nature: mixedNature,
      stepMs: 1000,
    },
    reserveBytes,
  );
}
