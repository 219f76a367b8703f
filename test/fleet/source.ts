import type { FleetSource } from '../../src/model/fleet.ts';
import type { FleetQuestion } from '../../src/fleet/question.ts';

/** An InfluxDB at 127.0.0.1 without users. */
export function influxAt(port: number, more: Partial<FleetSource> = {}): FleetSource {
  return {
    type: 'influxdb',
    protocol: 'http',
    host: '127.0.0.1',
    port,
    path: '',
    database: 'plancton',
    username: null,
    password: null,
    token: null,
    verifyCertificate: true,
    caFile: null,
    ...more,
  };
}

/** A Prometheus there. */
export function prometheusAt(port: number, more: Partial<FleetSource> = {}): FleetSource {
  return influxAt(port, { type: 'prometheus', database: '', ...more });
}

/** All of now, and no day of before. */
export function questionAt(nowMs: number, more: Partial<FleetQuestion> = {}): FleetQuestion {
  return {
    nowMs,
    todayMs: nowMs - 3_600_000,
    forgetMs: 7 * 86_400_000,
    course: true,
    days: [],
    ...more,
  };
}
