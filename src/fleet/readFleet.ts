import type { FleetAnswer, FleetSource } from '../model/fleet.ts';
import { influxFleet } from './influxFleet.ts';
import { prometheusFleet } from './prometheusFleet.ts';
import type { FleetQuestion } from './question.ts';

/** What a database knows of a fleet. Throws `SourceFault`, one line for people. */
export async function readFleet(
  source: FleetSource,
  question: FleetQuestion,
  signal: AbortSignal,
): Promise<FleetAnswer> {
  return source.type === 'influxdb'
    ? influxFleet(source, question, signal)
    : prometheusFleet(source, question, signal);
}
