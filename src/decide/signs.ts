import type { Reading } from '../model/reading.ts';
import { crowdSignal } from './crowd.ts';
import { isHolding } from './ladder.ts';
import { percentText, spanText } from './numbers.ts';
import { isOwnWork, isOwnWriting } from './ownWork.ts';
import type { Sense, Signal } from './senses.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** Storage: above this share of time the owner counts as disturbed, below half of it as calm. */
export const ioStallLimit = 0.4;
/** A node has cooled down when it is this much below the limit. */
const coolerC = 5;
/** Pressure that was not told for so long is not told any more: it is not acted on. */
const longestUnseenMs = 60_000;

const off: Signal = { is: 'off' };
const justBegun: Signal = { is: 'between', text: 'what the owner waits for is not known yet' };
const ourWork: Signal = { is: 'unseen', text: 'the engine works for us, which counts as the owner’s work' };

/** What each sense says of the owner now. An engine elsewhere is not judged by this node. */
export function signalOf(sense: Sense, policy: Policy, seen: Seen, memory: Memory): Signal {
  if (!policy.nodeIsEngines) return off;
  const { signs } = seen.sample.host;
  switch (sense) {
    case 'cpu':
      return cpuSignal(policy, seen, memory);
    case 'io':
      return ioSignal(seen);
    case 'user':
      return asked(signs.userIdleMs, 'whether somebody is at the node', (idleMs) =>
        idleMs < policy.userAwayMs
          ? {
              is: 'over',
              text: `somebody used the node ${spanText(idleMs)} ago (user_away ${spanText(policy.userAwayMs)})`,
            }
          : { is: 'under', text: 'nobody is at the node' },
      );
    case 'battery':
      return asked(signs.onBattery, 'the source of power', (onBattery) =>
        onBattery
          ? { is: 'over', text: 'the node runs on its battery' }
          : { is: 'under', text: 'the node has power' },
      );
    case 'program':
      return asked(signs.programs, 'which programs run', (programs) =>
        programs.length > 0
          ? { is: 'over', text: `${programs.join(', ')} runs (yield_to_programs)` }
          : { is: 'under', text: 'no program of yield_to_programs runs' },
      );
    case 'temperature':
      return asked(signs.temperatureC, 'the temperature', (degrees) => {
        const limit = policy.maxTemperatureC;
        const text = `the hottest sensor shows ${Math.round(degrees)} °C (max_temperature ${limit} °C)`;
        return { is: degrees > limit ? 'over' : degrees <= limit - coolerC ? 'under' : 'between', text };
      });
  }
}

/** A sign that nobody asked for is off; one that cannot be seen is no calm. */
function asked<T>(reading: Reading<T> | null, what: string, judge: (value: T) => Signal): Signal {
  if (reading === null) return off;
  return reading.known
    ? judge(reading.value)
    : { is: 'unknown', text: `${what} cannot be seen: ${reading.reason}` };
}

function ioSignal(seen: Seen): Signal {
  const { io } = seen.ownerPressure;
  if (isOwnWriting(seen.ownWork, seen.sample.atMs)) return ourWork;
  if (!io.known) return { is: 'unknown', text: `what the owner waits for cannot be seen: ${io.reason}` };
  const text = `the owner waits for storage ${percentText(io.value)} of the time (limit ${percentText(ioStallLimit)})`;
  const is = io.value >= ioStallLimit ? 'over' : io.value < ioStallLimit / 2 ? 'under' : 'between';
  return { is, text, level: io.value };
}

/**
 * Contention: the budget `owner_slowdown`, where the kernel tells pressure; and, where pilots are the owner's equals for
 * the kernel, a full node on which he is active and more tasks want a CPU than there are. In the idle class a full node
 * disturbs nobody. Without any of the two nothing is acted on.
 */
function cpuSignal(policy: Policy, seen: Seen, memory: Memory): Signal {
  // A full node first: there his waiting does not tell whose doing it is.
  const signals = [crowdSignal(policy, seen), budgetSignal(policy, seen, memory)].filter(
    (signal) => signal.is !== 'off',
  );
  if (signals.length > 0 && isOwnWork(seen.ownWork, seen.sample.atMs)) return ourWork;
  const worst = (['over', 'unknown', 'between', 'under'] as const)
    .map((level) => signals.find((signal) => signal.is === level))
    .find((signal) => signal !== undefined);
  return worst ?? off;
}

/** A daemon that was just started has not looked for long enough to give back what the one before it took, or to forget why. */
function isNewlyBlind(seen: Seen, { held, senses }: Memory): boolean {
  const isRemembered = isHolding(held, 'cpu') || senses.cpu !== undefined;
  return isRemembered && seen.sample.atMs - seen.sinceMs < longestUnseenMs;
}

function budgetSignal({ ownerSlowdown }: Policy, seen: Seen, memory: Memory): Signal {
  const { budget } = memory;
  if (ownerSlowdown >= 1) return off;
  if (budget === null) return isNewlyBlind(seen, memory) ? justBegun : off;
  const { mean60, mean5, readAtMs, waits5 } = budget;
  const unseenMs = seen.sample.atMs - readAtMs;
  // While the engine works for us nothing is told, however long that takes.
  const silentMs = seen.sample.atMs - Math.max(readAtMs, seen.ownWork?.lastMs ?? readAtMs);
  if (silentMs > longestUnseenMs) return off;
  const text = `the owner waits for CPUs that pilots have ${percentText(mean60)} of the time (owner_slowdown ${percentText(ownerSlowdown)})`;
  // A moment that could not be read changes nothing: neither more is taken on an old mean, nor anything given back.
  if (unseenMs > 0) return { is: 'between', text };
  const level = waits5 === undefined ? {} : { level: waits5 };
  if (mean60 > ownerSlowdown && mean5 > ownerSlowdown) return { is: 'over', text, ...level };
  return { is: mean60 <= ownerSlowdown / 2 ? 'under' : 'between', text, ...level };
}
