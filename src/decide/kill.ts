import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Eviction } from './evictions.ts';
import { shortage } from './memoryRelief.ts';
import { spanText } from './numbers.ts';
import { isAlive, isInFlight } from './slots.ts';
import type { Leaving, Memory, Policy, Sample, Seen } from './types.ts';

/** An engine that has not answered for so long is not waited for when memory is short. */
const patienceMs = 2000;

/** Since when the engine has not answered; null while it does. */
export function engineAwaySince(memory: Memory, sample: Sample): number | null {
  if (sample.engine.state === 'answering') return null;
  return memory.engineAwaySinceMs ?? sample.atMs;
}

/** Those that a kill through their own cgroup has ended. The engine tells their end when it answers again. */
export function withKilled(leaving: readonly Leaving[], sample: Sample): readonly Leaving[] {
  const killed = new Set(
    sample.results.flatMap(({ action, ok }) => (ok && action.do === 'kill' ? [action.name] : [])),
  );
  if (killed.size === 0) return leaving;
  return leaving.map((one) => (killed.has(one.pilot) ? { ...one, killed: true as const } : one));
}

/** Whether the engine has been away for too long to be waited for, and pilots can be ended without it. */
export function goesAround(policy: Policy, seen: Seen, memory: Memory): boolean {
  const sinceMs = memory.engineAwaySinceMs;
  return policy.means.ownKill && sinceMs !== null && seen.sample.atMs - sinceMs >= patienceMs;
}

/**
 * Memory relief without the engine: pilots that were asked to go, still run 2 s after their grace, and are in the way
 * of a node that is short of memory, are ended through their own cgroup. So are those that are chosen while the engine
 * is away, without notice, as nobody could give it.
 */
export function kills(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
  fresh: readonly Eviction[],
): readonly Action[] {
  if (!policy.means.ownKill || shortage(policy, seen, 0) === null) return [];
  const around = goesAround(policy, seen, memory);
  const asked = new Map(memory.leaving.map((one) => [one.pilot, one]));
  const { engine } = seen.sample;
  const away = `memory is short, and the engine does not answer: ${engine.reason}`;
  const overdue = managed.flatMap((pilot) => {
    const one = asked.get(pilot.name);
    if (one === undefined || one.killed === true || !isAlive(pilot)) return [];
    if (isInFlight(seen.sample, 'kill', pilot.name)) return [];
    const text = around && wasChosenAway(one, memory) ? away : overdueText(policy, seen, one);
    return text === null ? [] : [killOf(pilot, text)];
  });
  const unreachable = fresh.filter(({ why }) => around && why.rule === 'memory');
  return [...overdue, ...unreachable.map(({ pilot, why }) => killOf(pilot, `${why.text}; ${away}`))];
}

function killOf({ id, name }: Pilot, text: string): Action {
  return { do: 'kill', id, name, why: { rule: 'memory', text } };
}

/** It was chosen when the engine had been away for too long already: it never had any notice. */
function wasChosenAway({ sinceMs }: Leaving, { engineAwaySinceMs }: Memory): boolean {
  if (sinceMs === undefined || engineAwaySinceMs === null) return false;
  return sinceMs - engineAwaySinceMs >= patienceMs;
}

function overdueText(policy: Policy, seen: Seen, { sinceMs }: Leaving): string | null {
  const forMs = seen.sample.atMs - (sinceMs ?? seen.sample.atMs);
  if (forMs < policy.stopGraceMs + patienceMs) return null;
  const grace = `${spanText(forMs)} after its notice (stop_grace ${spanText(policy.stopGraceMs)})`;
  return `memory is short, and it still runs ${grace}: the engine did not end it`;
}
