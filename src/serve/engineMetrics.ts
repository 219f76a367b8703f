import type { NodeFacts } from '../record/nodeFacts.ts';
import type { MetricFamily } from './metricsText.ts';
import { counter, flag, gauge, info, only, sinceBegan } from './metricShapes.ts';

/** The container engine: whether it answers, and how long it takes. */
export function engineMetrics({ engine, engineCalls }: NodeFacts): readonly MetricFamily[] {
  const { product, version } = engine;
  return [
    gauge('plancton_engine_up', '1 while the container engine answers.', only(flag(engine.answering))),
    ...(product === null
      ? []
      : [info('plancton_engine', 'The container engine.', { product, version: version ?? 'unknown' })]),
    sinceBegan(
      'plancton_engine_call_duration_seconds',
      'How long calls of the engine took, those that failed included.',
      engineCalls.map(({ verb, timings }) => ({ labels: { verb }, timings })),
    ),
    counter(
      'plancton_engine_call_failures',
      'Calls of the engine that failed.',
      engineCalls.flatMap(({ verb, failed }) => only(failed, { verb })),
    ),
  ];
}
