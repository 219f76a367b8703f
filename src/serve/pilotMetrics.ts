import type { NodeFacts } from '../record/nodeFacts.ts';
import type { MetricFamily } from './metricsText.ts';
import { counter, gauge, ms, only, sinceBegan } from './metricShapes.ts';

/** Pilots, and the room that they have. */
export function pilotMetrics(facts: NodeFacts): readonly MetricFamily[] {
  const { slots, kinds, starts, ends, refillGaps } = facts;
  return [
    gauge('plancton_pilots_limit', 'Most pilots that there may be.', only(slots.limit)),
    gauge('plancton_slots_taken', 'Pilots that have a slot.', only(slots.taken)),
    gauge(
      'plancton_unmanaged_containers',
      'Containers that take room and are without a proof of being ours.',
      only(slots.unmanaged),
    ),
    gauge(
      'plancton_start_refused',
      '1 for the rule that keeps one more pilot from starting; none at the limit.',
      slots.refusal === null ? [] : only(1, { rule: slots.refusal }),
    ),
    gauge(
      'plancton_pilots',
      'Pilots by what they are doing; prepared: made ahead of time and not started.',
      kinds.flatMap(({ kind, pilots }) =>
        Object.entries(pilots).flatMap(([state, count]) => only(count, { kind, state })),
      ),
    ),
    gauge(
      'plancton_kind_fruitless_pilots',
      'Pilots of the kind in a row that found no work or failed.',
      kinds.flatMap(({ kind, fruitless }) => only(fruitless, { kind })),
    ),
    gauge(
      'plancton_kind_back_off_seconds',
      'How long the kind still waits because of them.',
      kinds.flatMap(({ kind, backOffMs }) => only(ms(backOffMs), { kind })),
    ),
    counter('plancton_pilot_starts', 'Starts of pilots since the daemon began.', startSamples(kinds, starts)),
    counter(
      'plancton_pilot_ends',
      'Ends of pilots since the daemon began, by outcome and by the rule that ended them (none: they ended by themselves).',
      ends.flatMap(({ kind, outcome, reason, count }) =>
        only(count, { kind, outcome, reason: reason ?? 'none' }),
      ),
    ),
    sinceBegan(
      'plancton_refill_gap_seconds',
      'From the end of a pilot to the start of the next one in its room, where nothing held that back.',
      [{ timings: refillGaps }],
    ),
  ];
}

/** A kind that has not started yet is at 0: a series that begins at 1 hides its first start from `increase()`. */
function startSamples(kinds: NodeFacts['kinds'], starts: NodeFacts['starts']): ReturnType<typeof only> {
  const counted = new Set(starts.map(({ kind }) => kind));
  const none = kinds.flatMap(({ kind }) => (counted.has(kind) ? [] : [{ kind, started: 0, failed: 0 }]));
  return [...starts, ...none].flatMap(({ kind, started, failed }) => [
    ...only(started, { kind, result: 'started' }),
    ...only(failed, { kind, result: 'failed' }),
  ]);
}
