import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { rulesOf } from './kindPolicy.ts';
import { bytesText } from './numbers.ts';
import type { Policy, Seen } from './types.ts';

/**
 * A pilot that writes too much is given this long after its notice at most: the engine does its writing, at the owner's
 * cost (1.1 cores for `yes`, measured), and goes on with it for as long as the pilot lives.
 */
export const loudGraceMs = 1000;

/** Pilots that write to their logs faster than they may (`log_rate`), and why each is to go. */
export function tooLoud(
  policy: Policy,
  { sample }: Seen,
  staying: readonly Pilot[],
): readonly { readonly pilot: Pilot; readonly why: Reason }[] {
  if (sample.logRates.size === 0) return [];
  return staying.flatMap((pilot) => {
    const rate = sample.logRates.get(pilot.id) ?? 0;
    const { logRateBytes } = rulesOf(policy, pilot);
    if (rate <= logRateBytes) return [];
    const text = `it writes ${bytesText(rate)} a second to its log, ${bytesText(logRateBytes)} are allowed (log_rate)`;
    return [{ pilot, why: { rule: 'log', text } }];
  });
}
