import type { FleetSource } from '../model/fleet.ts';
import { oneLine } from '../record/oneLine.ts';

/** A database that cannot be asked, or does not tell what was asked for: one line, without anything secret. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
}

/** The source as it may be printed: no user, no password, no token. */
export function printableSource({ type, protocol, host, port, path, database }: FleetSource): string {
  const address = host.includes(':') ? `[${host}]` : host;
  const product = type === 'influxdb' ? 'InfluxDB' : 'Prometheus';
  return oneLine(
    `${product} ${protocol}://${address}:${port}${path}${database === '' ? '' : `#${database}`}`,
  );
}

/** A fault of this source; what somebody else said in `why` may hold its secrets, which are taken out. */
export function faultOf(source: FleetSource, why: string): SourceFault {
  const { password, token } = source;
  const hidden = password?.hideIn(why) ?? why;
  return new SourceFault(`${printableSource(source)}: ${oneLine(token?.hideIn(hidden) ?? hidden)}`);
}
