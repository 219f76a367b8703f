import type { Clock } from '../../src/model/clock.ts';
import type { Log, LogFacts } from '../../src/model/log.ts';
import type { Point } from '../../src/model/point.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';

/** What was logged, in order. */
export interface Told {
  readonly level: string;
  readonly message: string;
  readonly facts: LogFacts;
}

/** A log that remembers. */
export function rememberingLog(): { log: Log; told: Told[] } {
  const told: Told[] = [];
  const at =
    (level: string) =>
    (message: string, facts: LogFacts = {}) =>
      void told.push({ level, message, facts });
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, told };
}

/** The real clock. */
export const realClock: Clock = { nowMs: () => performance.now(), wallMs: () => Date.now() };

/** A database at 127.0.0.1 without users. */
export function targetAt(port: number, more: Partial<InfluxTarget> = {}): InfluxTarget {
  return {
    key: 'influxdb_url',
    api: 1,
    protocol: 'http',
    host: '127.0.0.1',
    port,
    path: '',
    database: 'plancton',
    org: null,
    username: null,
    password: null,
    token: null,
    verifyCertificate: true,
    caFile: null,
    tags: {},
    ...more,
  };
}

/** A point that is told apart by its number. */
export function numbered(value: number): Point {
  return {
    measurement: 'm',
    tags: { hostname: 'n' },
    fields: { value },
    atWallMs: 1_700_000_000_000 + value,
  };
}
