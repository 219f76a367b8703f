import { mostOwnerCpus } from './cpuRule.ts';
import { foresight, obtainable } from './memoryRelief.ts';
import { memoryReserve, cpuReserve } from './room.ts';
import { bytesText, counted, cpusText, percentText, spanText } from './numbers.ts';
import { pausedSince } from './pauses.ts';
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
  const first = leastLossFirst(policy, seen, staying)[0];
  const here = policy.nodeIsEngines
    ? [
        cpuText(policy, seen, decision, staying.filter(({ state }) => state === 'running').length),
        memoryText(policy, seen),
        budgetText(policy, seen, decision),
      ]
    : [];
  const texts = [
    ...here,
    ...pauseTexts(policy, seen, decision),
    ttlText(policy, seen, decision),
    closingText(policy, seen),
    first === undefined ? null : `the first to go would be ${first.name}`,
  ];
  return [...going, ...texts.filter((text) => text !== null)];
}

/** The CPUs that the owner must use for one pilot too many. */
function cpuText(policy: Policy, seen: Seen, { memory }: Decision, running: number): string {
  if (running === 0) return 'CPU: all pilots are paused: none is evicted for the owner’s CPUs';
  const least = mostOwnerCpus(policy, seen.sample.host.cpuCount - cpuReserve(policy, seen), running);
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
  const { perSecond, takenBytes } = foresight(policy, seen);
  const above = obtainable(seen.memory.value) - reserve - takenBytes;
  const grows =
    takenBytes > 0
      ? ` (the owner takes ${bytesText(perSecond)} more each second, which is reckoned with)`
      : '';
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
      return [`pause: ${pilot.name} is paused${by}, and evicted in ${spanText(leftMs)} (max_pause)`];
    });
}

function ttlText(policy: Policy, seen: Seen, { memory }: Decision): string | null {
  const starts = seen.sample.engine.pilots
    .filter(({ name }) => !memory.leaving.some(({ pilot }) => pilot === name))
    .flatMap((pilot) =>
      pilot.managed && isAlive(pilot) && pilot.startedAtMs.known ? [pilot.startedAtMs.value] : [],
    );
  if (starts.length === 0) return null;
  const leftMs = Math.min(...starts) + policy.ttlMs - seen.sample.atMs;
  return `ttl: the oldest has run for its time in ${spanText(leftMs)} (max_ttl)`;
}

function closingText(policy: Policy, seen: Seen): string | null {
  const { window } = seen.sample.host.signs;
  if (window === null || !window.open || !Number.isFinite(window.changesInMs)) return null;
  return `window: all get notice ${spanText(policy.stopGraceMs)} before the schedule ends, which is in ${spanText(window.changesInMs)}`;
}
