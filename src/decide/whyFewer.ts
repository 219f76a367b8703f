import type { Pilot } from '../model/pilot.ts';
import { cpusOf, mostOwnerCpus } from './cpuRule.ts';
import { kindNameOf, rulesOf } from './kindPolicy.ts';
import { censusOf } from './census.ts';
import { foresight, obtainable, paceText } from './foresight.ts';
import { memoryReserve, cpuReserve } from './room.ts';
import { bytesText, counted, cpusText, percentText, spanText } from './numbers.ts';
import { ttlOf } from './outcome.ts';
import { pausedSince } from './pauses.ts';
import { isUnproven } from './proof.ts';
import { ttlWord } from './relieve.ts';
import { isAlive } from './slots.ts';
import type { Decision, Policy, Seen } from './types.ts';
import { leastLossFirst } from './victims.ts';

/** What would have one pilot less: what is decided already, then what would have to change. */
export function whyNotFewer(policy: Policy, seen: Seen, decision: Decision): string[] {
  const pilots = seen.sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot));
  const { leaving } = decision.memory;
  const going = leaving
    .filter(({ pilot }) => pilots.some(({ name }) => name === pilot))
    .map(({ pilot, outcome, sinceMs, failedKills }) => {
      const since = sinceMs === undefined ? '' : ` ${spanText(seen.sample.atMs - sinceMs)} ago`;
      const inVain =
        failedKills === undefined ? '' : `: ${counted(failedKills.times, 'kill')} did not end it`;
      return `${pilot} was asked to go${since} (${outcome})${inVain}`;
    });
  if (pilots.length <= going.length) return going;
  const staying = pilots.filter(({ name }) => !leaving.some(({ pilot }) => pilot === name));
  const first = leastLossFirst(policy, seen, decision.memory, staying)[0];
  const here = policy.nodeIsEngines
    ? [
        cpuText(
          policy,
          seen,
          decision,
          staying.filter(({ state }) => state === 'running'),
        ),
        memoryText(policy, seen),
        budgetText(policy, seen, decision),
      ]
    : [];
  const texts = [
    ...here,
    ...pauseTexts(policy, seen, decision),
    ttlText(policy, seen, decision),
    closingText(policy, seen, staying),
    first === undefined ? null : `the first to go would be ${first.name}`,
  ];
  return [...going, ...texts.filter((text) => text !== null)];
}

/** The CPUs that the owner must use for one pilot too many. */
function cpuText(policy: Policy, seen: Seen, { memory }: Decision, running: readonly Pilot[]): string {
  if (running.length === 0) return 'CPU: all pilots are paused: none is evicted for the owner’s CPUs';
  const cpus = seen.sample.host.cpuCount - cpuReserve(policy, seen);
  const least = mostOwnerCpus(policy, cpus, cpusOf(policy, running));
  const grace = `for ${spanText(policy.graceKillMs)} (grace_kill)`;
  if (!seen.ownerIsExact)
    return 'CPU: pilots cannot be told apart from the owner: none is evicted for his CPUs';
  if (memory.shortSinceMs === null)
    return `CPU: one is evicted when the owner uses more than ${cpusText(Math.max(0, least))} ${grace}`;
  const forMs = seen.sample.atMs - memory.shortSinceMs;
  return `CPU: the owner has used more than ${cpusText(Math.max(0, least))} for ${spanText(forMs)}: one is evicted after ${spanText(policy.graceKillMs)} (grace_kill)`;
}

function memoryText(policy: Policy, seen: Seen): string | null {
  if (!seen.memory.known) return null;
  const reserve = memoryReserve(policy, seen);
  if (reserve === 0) return 'memory: nothing is kept for the owner (reserve), so none is evicted for it';
  const ahead = foresight(policy, seen, censusOf(seen.sample.engine.pilots).alive);
  const above = obtainable(seen.memory.value) - reserve - ahead.takenBytes;
  const grows = ahead.takenBytes > 0 ? ` (${paceText(ahead)}, which is reckoned with)` : '';
  return above < 0
    ? `memory: ${bytesText(-above)} are missing for the owner's reserve of ${bytesText(reserve)}${grows}`
    : `memory: evicted at once when less than ${bytesText(reserve)} is available, ${bytesText(above)} less than now${grows}`;
}

function budgetText(policy: Policy, seen: Seen, { memory }: Decision): string | null {
  if (policy.ownerSlowdown >= 1) return null;
  if (memory.budget === null) {
    const { cpu } = seen.ownerPressure;
    const unseen =
      'pressure: how long the owner waits for CPUs is not told, so nothing is taken from pilots for it';
    return cpu.known ? null : `${unseen}: ${cpu.reason}`;
  }
  const mean = percentText(memory.budget.mean60);
  return `pressure: pilots get less CPU, then are paused, when the owner waits for theirs more than ${percentText(policy.ownerSlowdown)} of the time (owner_slowdown); he waits ${mean}`;
}

function pauseTexts(policy: Policy, seen: Seen, { memory }: Decision): string[] {
  return seen.sample.engine.pilots
    .filter((pilot) => pilot.managed && isAlive(pilot))
    .flatMap((pilot) => {
      const sinceMs = pausedSince(memory, pilot);
      if (sinceMs === null || memory.leaving.some((one) => one.pilot === pilot.name)) return [];
      const leftMs = policy.maxPauseMs - (seen.sample.atMs - sinceMs);
      const by = memory.held.some((one) => one.pilot === pilot.name) ? '' : ', not by Plancton';
      const held = memory.held.find((one) => one.pilot === pilot.name);
      const then = isUnproven(memory.senses.io, held) ? 'let run again' : 'evicted';
      return [`pause: ${pilot.name} is paused${by}, and ${then} in ${spanText(leftMs)} (max_pause)`];
    });
}

function ttlText(policy: Policy, seen: Seen, { memory }: Decision): string | null {
  const alive = seen.sample.engine.pilots
    .filter(({ name }) => !memory.leaving.some(({ pilot }) => pilot === name))
    .filter((pilot) => pilot.managed && isAlive(pilot));
  const ends = alive.flatMap((pilot) => {
    const { name, kind, startedAtMs } = pilot;
    const rules = rulesOf(policy, pilot);
    return startedAtMs.known ? [{ kind, rules, atMs: startedAtMs.value + ttlOf(rules, name) }] : [];
  });
  const first = ends.toSorted((a, b) => a.atMs - b.atMs)[0];
  if (first === undefined) return null;
  const which = policy.kinds.length === 1 && first.rules.ttlJitter === 0 ? 'the oldest' : 'the next';
  return `ttl: ${which} has run for its time in ${spanText(first.atMs - seen.sample.atMs)} (${ttlWord(kindNameOf(policy, first.kind))})`;
}

function closingText(policy: Policy, seen: Seen, pilots: readonly Pilot[]): string | null {
  const { window } = seen.sample.host.signs;
  if (window === null || !window.open || !Number.isFinite(window.changesInMs)) return null;
  const graces = pilots.map((pilot) => spanText(rulesOf(policy, pilot).stopGraceMs));
  const notice = new Set(graces).size === 1 ? graces[0] : 'their stop_grace';
  return `window: all get notice ${notice} before the schedule ends, which is in ${spanText(window.changesInMs)}`;
}
