import type { Action } from '../../src/model/action.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { noPaces } from '../../src/decide/pilotsGrowth.ts';
import { pausedSince } from '../../src/decide/pauses.ts';
import type { Sense } from '../../src/decide/senses.ts';
import { signalOf } from '../../src/decide/signs.ts';
import { isAlive, isEnding, isInFlight } from '../../src/decide/slots.ts';
import type { Decision, Memory, Seen } from '../../src/decide/types.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known } from '../../src/model/reading.ts';
import { missingBytes, takenByNextLook } from './memoryOracle.ts';
import { at, type Moment, moments } from './moments.ts';
import {
  decideOn,
  engineWith,
  hostAt,
  noSigns,
  policy,
  running,
  seenAt,
  slotsOf,
  starts,
  withRules,
} from './world.ts';

type Decider = (moment: Moment) => Decision;
const real: Decider = ({ policy, seen, memory }) => decide(policy, seen, memory, seen.sample.atMs - 1000);

const ours = ({ seen }: Moment): Pilot[] => seen.sample.engine.pilots.filter((pilot) => pilot.managed);
const isComplete = ({ seen }: Moment): boolean => seen.sample.engine.state === 'answering';
const leavers = (memory: Memory): Set<string> => new Set(memory.leaving.map((one) => one.pilot));
/** Pilots that run or are paused and were not asked to go before. */
const staying = (moment: Moment): Pilot[] =>
  ours(moment).filter(
    (pilot) =>
      isAlive(pilot) && !leavers(moment.memory).has(pilot.name) && !isEnding(moment.seen.sample, pilot.name),
  );
/** Pilots that are ended at this moment, or asked to end. */
const ending = ({ actions }: Decision): Set<string> =>
  new Set(actions.flatMap((one) => (one.do === 'stop' || one.do === 'kill' ? [one.name] : [])));

/** Those who stayed until now and are asked to go for one of these reasons. */
function goingFor(moment: Moment, { actions }: Decision, ...rules: readonly string[]): Pilot[] {
  const named = actions.flatMap((one) =>
    one.do === 'stop' && rules.includes(one.why.rule) ? [one.name] : [],
  );
  return staying(moment).filter(({ name }) => named.includes(name));
}
/** What has pilots go before memory is looked at. */
const otherRules = ['window', 'pause', 'user', 'battery', 'program', 'temperature'];

function changed(moment: Moment, host: Partial<Seen['sample']['host']>): Moment {
  const { seen } = moment;
  return { ...moment, seen: { ...seen, sample: { ...seen.sample, host: { ...seen.sample.host, ...host } } } };
}

/** What memory lacks although somebody stays; null when it lacks nothing. */
function tooLittleRelief(moment: Moment, decision: Decision): string | null {
  if (!isComplete(moment) || moment.seen.sample.terminating) return null;
  const stay = staying(moment);
  const others = goingFor(moment, decision, ...otherRules);
  const gone = stay.filter(({ name }) => ending(decision).has(name)).filter((one) => !others.includes(one));
  const missing = missingBytes(moment, stay, gone, others);
  const left = stay.length - gone.length - others.length;
  return left > 0 && missing > 1 ? `${left} stay, and ${missing} bytes are missing` : null;
}

/** Each rule tells what is wrong with a decision; each is shown a decider that it catches. */
const rules: {
  name: string;
  fault(moment: Moment, decision: Decision): string | null;
  broken: Decider;
}[] = [
  {
    name: 'never more pilots than the limit',
    fault: (moment, decision) => {
      const { pilots } = moment.seen.sample.engine;
      const alive = pilots.filter(isAlive).length;
      const begun = starts(decision).length;
      return begun > 0 && alive + begun > moment.policy.limit ? `${alive} alive and ${begun} started` : null;
    },
    broken: (moment) => real({ ...moment, policy: { ...moment.policy, limit: 7 } }),
  },
  {
    name: 'never a start while something cannot be seen that was to be looked at',
    fault: ({ seen, policy: { nodeIsEngines } }, decision) => {
      const { host, engine } = seen.sample;
      const { userIdleMs, onBattery, temperatureC, programs } = host.signs;
      const ofNode = [seen.memory, host.cpu, host.disk, userIdleMs, onBattery, temperatureC, programs];
      const readings = nodeIsEngines ? ofNode : [];
      const isBlind = readings.some((one) => one !== null && !one.known) || engine.state !== 'answering';
      return isBlind && starts(decision).length > 0 ? 'a start in spite of it' : null;
    },
    broken: (moment) =>
      real(
        changed(moment, {
          signs: { ...hostAt(0).signs },
          disk: known({ totalBytes: 1e12, freeBytes: 1e12 }),
        }),
      ),
  },
  {
    name: 'never a start while memory or the disk is short',
    fault: ({ seen, policy: { nodeIsEngines } }, decision) => {
      const { disk } = seen.sample.host;
      if (!nodeIsEngines) return null;
      const isShort =
        (seen.memory.known && seen.memory.value.availableBytes < 0.05 * 64e9) ||
        (disk.known && disk.value.freeBytes < 1e9);
      return isShort && starts(decision).length > 0 ? 'a start in spite of it' : null;
    },
    broken: (moment) => {
      const nothing = { share: 0, atMost: null };
      return real({
        ...moment,
        policy: { ...moment.policy, reserve: { cpus: nothing, memory: nothing, disk: nothing } },
      });
    },
  },
  {
    name: 'never a start while the owner is there by any sign',
    fault: ({ seen, policy: { nodeIsEngines } }, decision) => {
      const { userIdleMs, onBattery, temperatureC, programs, window } = seen.sample.host.signs;
      if (!nodeIsEngines)
        return window?.open === false && starts(decision).length > 0 ? 'at closed hours' : null;
      const isThere =
        (programs?.known === true && programs.value.length > 0) ||
        (userIdleMs?.known === true && userIdleMs.value < policy.userAwayMs) ||
        (onBattery?.known === true && onBattery.value) ||
        (temperatureC?.known === true && temperatureC.value > policy.maxTemperatureC) ||
        window?.open === false;
      return isThere && starts(decision).length > 0 ? 'a start in spite of it' : null;
    },
    broken: (moment) => real(changed(moment, { signs: noSigns })),
  },
  {
    name: 'memory that is short is relieved: whoever stays is asked to go, as many as it takes',
    fault: tooLittleRelief,
    broken: (moment) => {
      const decision = real(moment);
      const last = decision.actions.findLast((one) => one.do === 'stop');
      return { ...decision, actions: decision.actions.filter((one) => one !== last) };
    },
  },
  {
    name: 'what pilots are about to take themselves is relieved as well',
    fault: tooLittleRelief,
    broken: (moment) => real({ ...moment, seen: { ...moment.seen, paces: noPaces(moment.seen.sample) } }),
  },
  {
    name: 'no more relief for memory than it takes',
    fault: (moment, decision) => {
      const others = goingFor(moment, decision, ...otherRules);
      const chosen = goingFor(moment, decision, 'memory');
      const spare = chosen.find((pilot) => {
        const rest = chosen.filter((one) => one !== pilot);
        return missingBytes(moment, staying(moment), rest, others) === 0;
      });
      return spare === undefined ? null : `${spare.name} need not go`;
    },
    broken: (moment) => {
      const { seen } = moment;
      const poor = { ...seen, ownerMemoryGrowth: known(3e9) };
      return real({ ...moment, seen: poor });
    },
  },
  {
    name: 'nobody is killed without any notice, nor in his grace while half of the reserve can be had, or all of it where he goes on growing',
    fault: (moment, { actions }) => {
      const { seen, memory } = moment;
      const asked = new Map(memory.leaving.map(({ pilot, sinceMs = at }) => [pilot, at - sinceMs]));
      const early = actions.find((one) => {
        if (one.do !== 'kill') return false;
        const forMs = asked.get(one.name) ?? 0;
        const isThere = (pilot: Pilot): boolean =>
          isAlive(pilot) && !memory.leaving.some(({ pilot: name, killed }) => name === pilot.name && killed);
        const { bytes, by } = takenByNextLook(moment, ours(moment).filter(isThere));
        const left = seen.memory.known ? seen.memory.value.availableBytes - bytes : 64e9;
        const goesOn = ours(moment).some((pilot) => pilot.name === one.name && by(pilot) >= 0.01 * 3.2e9);
        return forMs < (left < (goesOn ? 0.05 : 0.025) * 64e9 ? 500 : 12_000);
      });
      return early === undefined ? null : `${early.do} too soon`;
    },
    broken: (moment) => real({ ...moment, policy: withRules(moment.policy, { kind: { stopGraceMs: 0 } }) }),
  },
  {
    name: 'a pilot is cut to a half or a quarter of its own limit, where that is known, or given it back',
    fault: ({ memory }, { actions }) => {
      const wrong = actions.find((one) => {
        if (one.do !== 'shrink') return false;
        const own =
          memory.held.find(({ pilot }) => pilot === one.name)?.ownCpus ??
          memory.slots.find(({ pilot }) => pilot === one.name)?.cpus;
        return own === undefined ? one.cpus !== null : ![own, own / 2, own / 4].includes(one.cpus ?? 0);
      });
      return wrong === undefined ? null : JSON.stringify(wrong);
    },
    broken: (moment) => {
      const slots = moment.memory.slots.map((slot) => ({ ...slot, cpus: 16 }));
      return real({ ...moment, memory: { ...moment.memory, slots } });
    },
  },
  {
    name: 'no container that is not ours is ever named in an action, but to give back what we took of it',
    fault: ({ seen, memory }, { actions }) => {
      const foreign = new Set(
        seen.sample.engine.pilots.filter((pilot) => !pilot.managed).map((pilot) => pilot.id),
      );
      const owed = new Set(memory.held.map((one) => one.id));
      const isGivenBack = (one: Action): boolean =>
        (one.do === 'thaw' || (one.do === 'shrink' && one.why.rule === 'pause')) && owed.has(one.id);
      const named = actions.find((one) => 'id' in one && foreign.has(one.id) && !isGivenBack(one));
      return named === undefined ? null : `${named.do} of somebody else's`;
    },
    broken: (moment) => {
      const { sample } = moment.seen;
      const pilots = sample.engine.pilots.map((pilot) => ({ ...pilot, managed: true }));
      const seen = { ...moment.seen, sample: { ...sample, engine: { ...sample.engine, pilots } } };
      return real({ ...moment, seen });
    },
  },
  {
    name: 'nobody is paused for longer than max_pause without being asked to go',
    fault: (moment, decision) => {
      if (moment.seen.sample.terminating) return null;
      const late = staying(moment).find((pilot) => {
        const sinceMs = pausedSince(moment.memory, pilot);
        // Half a minute more is for a pause that may turn out to be of no use.
        const isLate =
          sinceMs !== null && moment.seen.sample.atMs - sinceMs >= moment.policy.maxPauseMs + 30_000;
        return isLate && pilot.state === 'paused' && !ending(decision).has(pilot.name);
      });
      return late === undefined ? null : `${late.name} stays paused`;
    },
    broken: (moment) => real({ ...moment, policy: { ...moment.policy, maxPauseMs: 1e12 } }),
  },
  {
    name: 'nobody is thawed while a cause of its pause holds, or may hold',
    fault: ({ policy: rules, seen, memory }, { actions, memory: after }) => {
      if (seen.sample.terminating) return null;
      const thawed = actions.flatMap((one) => (one.do === 'thaw' ? [one.name] : []));
      const early = memory.held.find(
        (one) =>
          thawed.includes(one.pilot) &&
          seen.sample.engine.pilots.some(({ name, managed }) => managed && name === one.pilot) &&
          (['user', 'battery', 'program', 'io', 'cpu'] as const).some((sense) => {
            const { is } = signalOf(sense, rules, seen, after);
            return one.rungs[sense] === 'paused' && is !== 'under' && is !== 'off' && !isDeaf(after, sense);
          }),
      );
      return early === undefined ? null : `${early.pilot} is thawed too soon`;
    },
    // To it no sense says anything of this node.
    broken: (moment) => real({ ...moment, policy: { ...moment.policy, nodeIsEngines: false } }),
  },
  {
    name: 'nobody who was asked to go is paused, cut or asked for while that is under way',
    fault: (moment, { actions }) => {
      const { sample } = moment.seen;
      const leaving = leavers(moment.memory);
      const ourLeavers = new Set(ours(moment).flatMap(({ name }) => (leaving.has(name) ? [name] : [])));
      const wrong = actions.find(
        (one) =>
          (one.do === 'stop' && isInFlight(sample, 'stop', one.name)) ||
          (one.do === 'kill' && isInFlight(sample, 'kill', one.name)) ||
          ((one.do === 'pause' || (one.do === 'shrink' && isCut(moment, one))) && ourLeavers.has(one.name)),
      );
      return wrong === undefined ? null : `${wrong.do} ${'name' in wrong ? wrong.name : ''}`;
    },
    broken: (moment) => {
      const sample = { ...moment.seen.sample, inFlight: [] };
      return real({ ...moment, seen: { ...moment.seen, sample } });
    },
  },
  {
    name: 'what the engine has not told is not forgotten',
    fault: (moment, { memory }) => {
      if (isComplete(moment)) return null;
      const lost = moment.memory.held.find(
        (one) =>
          !moment.seen.sample.engine.pilots.some(({ name }) => name === one.pilot) &&
          !memory.held.some(({ pilot }) => pilot === one.pilot),
      );
      return lost === undefined ? null : `${lost.pilot} is forgotten`;
    },
    broken: (moment) => {
      const decision = real(moment);
      return { ...decision, memory: { ...decision.memory, held: [] } };
    },
  },
  {
    name: 'in a dry run nothing is started, stopped, paused or cut',
    fault: (moment, { actions }) => {
      const done = actions.find((one) => one.do !== 'thaw' && (one.do !== 'shrink' || isCut(moment, one)));
      return done === undefined ? null : done.do;
    },
    broken: (moment) => real({ ...moment, policy: { ...moment.policy, dryRun: false } }),
  },
];

/** Whether it takes CPU from a pilot: another limit than its own is set. */
function isCut({ memory }: Moment, action: Action): boolean {
  if (action.do !== 'shrink' || action.cpus === null) return false;
  return memory.held.find(({ pilot }) => pilot === action.name)?.ownCpus !== action.cpus;
}

function isDeaf(memory: Memory, sense: Sense): boolean {
  return (memory.senses[sense]?.deafUntilMs ?? null) !== null;
}

const isDry = (name: string): boolean => name.startsWith('in a dry run');

/** The first moment in which a decider breaks a rule; null when none is found. */
function search(rule: (typeof rules)[number], decider: Decider): string | null {
  const result = fc.check(
    fc.property(moments, (moment) => {
      const one = isDry(rule.name) ? { ...moment, policy: { ...moment.policy, dryRun: true } } : moment;
      return rule.fault(one, decider(one)) === null;
    }),
    { numRuns: decider === real ? 600 : 4000, seed: 7, endOnFailure: decider !== real },
  );
  return result.failed ? JSON.stringify(result.counterexample) : null;
}

describe.each(rules)('at any moment: $name', (rule) => {
  it('holds', () => {
    expect(search(rule, real)).toBeNull();
  });

  it('is seen to fail with a decider that breaks it', () => {
    expect(search(rule, rule.broken)).not.toBeNull();
  });
});

describe('a decision', () => {
  it('is the same for the same moment, which it leaves as it was', () => {
    const result = fc.check(
      fc.property(moments, (moment) => {
        const before = JSON.stringify(moment);
        const [one, other] = [real(moment), real(moment)];
        return JSON.stringify(one) === JSON.stringify(other) && JSON.stringify(moment) === before;
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(result.counterexample).toBeNull();
  });

  it('changes no part of the memory that is saved when nothing happens', () => {
    const full = ['a', 'b', 'c', 'd'].map((name) => running(name, 0));
    const seen = seenAt(1_000_000, 0, { engine: engineWith(full) });
    const before = decideOn(seen, slotsOf('a', 'b', 'c', 'd')).memory;
    const after = decideOn(seen, before).memory;
    for (const key of ['slots', 'leaving', 'held', 'senses', 'wariness', 'spares', 'growth'] as const) {
      expect(after[key]).toBe(before[key]);
    }
  });
});
