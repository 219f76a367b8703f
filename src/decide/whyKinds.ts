import { type KindStanding, kindStandings } from './kindStandings.ts';
import { counted, percentText, spanText } from './numbers.ts';
import type { Memory, Policy, Seen } from './types.ts';
import { usualLifeMs } from './lives.ts';

/**
 * The kinds, a sentence for each: what keeps it from its next start, and where there are several, what it has had of what
 * it is to have. Of a single kind nothing is said that the rest does not say.
 */
export function whyKinds(policy: Policy, seen: Seen, memory: Memory): readonly string[] {
  if (policy.kinds.length < 2) return [];
  return kindStandings(policy, seen, { memory }).map((one) => {
    const got =
      one.gotShare === null ? 'nothing was allocated yet' : `it has had ${percentText(one.gotShare)}`;
    const lifeMs = usualLifeMs(memory, one.name);
    const parts = [
      counted(one.running, 'pilot'),
      ...(one.wantedShare > 0
        ? [`share ${percentText(one.wantedShare)}, ${got}${behindText(one.deficitSeconds)}`]
        : []),
      ...(lifeMs === null ? [] : [`they usually run for ${spanText(lifeMs)}`]),
    ];
    return `kind ${one.name}${reasonText(one)} ${parts.join(', ')}`;
  });
}

function reasonText({ state, reason }: KindStanding): string {
  if (reason === '') return ':';
  return state === 'backing-off' ? ` ${reason};` : `: ${reason};`;
}

function behindText(deficitSeconds: number): string {
  const seconds = Math.round(Math.abs(deficitSeconds));
  if (seconds === 0) return '';
  return ` (${seconds} CPU-seconds ${deficitSeconds > 0 ? 'behind' : 'ahead'})`;
}
