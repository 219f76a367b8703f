import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { shortage } from './memoryRelief.ts';
import { spanText } from './numbers.ts';
import { isAlive, isInFlight } from './slots.ts';
import type { Leaving, Memory, Policy, Sample, Seen } from './types.ts';

/** The engine has this long beyond a grace to end those that it was asked to. */
const patienceMs = 2000;

/** Those that were ended through their own cgroup. The engine tells their end when it answers again. */
export function withKilled(leaving: readonly Leaving[], sample: Sample): readonly Leaving[] {
  const killed = new Set(sample.results.flatMap(({ action, ok }) => (ok ? endedByUs(action) : [])));
  if (killed.size === 0) return leaving;
  return leaving.map((one) => (killed.has(one.pilot) ? { ...one, killed: true as const } : one));
}

function endedByUs(action: Action): readonly string[] {
  return action.do === 'kill' || (action.do === 'stop' && action.byUs === true) ? [action.name] : [];
}

/**
 * Memory relief that does not rest on the engine: pilots that were asked to go, still run 2 s after their grace, and are
 * in the way of a node that is short of memory, are ended through their own cgroup. Those that are evicted for memory's
 * sake end that way from the start; these are the ones that were asked for another reason, or by a daemon of before.
 */
export function kills(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
): readonly Action[] {
  if (!policy.means.ownKill || shortage(policy, seen, 0) === null) return [];
  const asked = new Map(memory.leaving.map((one) => [one.pilot, one]));
  return managed.flatMap((pilot): Action[] => {
    const one = asked.get(pilot.name);
    if (one === undefined || one.killed === true || !isAlive(pilot)) return [];
    if (isInFlight(seen.sample, 'kill', pilot.name)) return [];
    const text = overdueText(policy, seen, one);
    const { id, name } = pilot;
    return text === null ? [] : [{ do: 'kill', id, name, why: { rule: 'memory', text } }];
  });
}

function overdueText(policy: Policy, seen: Seen, { sinceMs }: Leaving): string | null {
  const forMs = seen.sample.atMs - (sinceMs ?? seen.sample.atMs);
  if (forMs < policy.stopGraceMs + patienceMs) return null;
  const grace = `${spanText(forMs)} after its notice (stop_grace ${spanText(policy.stopGraceMs)})`;
  return `memory is short, and it still runs ${grace}: nothing ended it`;
}
