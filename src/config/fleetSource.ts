import type { FleetSource } from '../model/fleet.ts';
import type { InfluxTarget } from '../model/settings.ts';
import type { Finding } from './crossCheck.ts';
import type { ParsedFile } from './schema.ts';
import { writeServerUrl } from './urls.ts';

/** Where a fleet is read: as `fleet` says, else where this node's first database is; null for nowhere. */
export function fleetSource({ fleet }: ParsedFile, targets: readonly InfluxTarget[]): FleetSource | null {
  const { url, type, token, bucket, database, tls } = fleet;
  if (url === null) {
    const [first] = targets;
    return first === undefined ? null : sourceOfTarget(first);
  }
  return {
    type,
    ...url,
    database: bucket ?? database ?? '',
    token,
    verifyCertificate: !tls.insecure,
    caFile: tls.ca,
  };
}

function sourceOfTarget(target: InfluxTarget): FleetSource {
  const { protocol, host, port, path, database, username, password, token, verifyCertificate, caFile } =
    target;
  return {
    type: 'influxdb',
    protocol,
    host,
    port,
    path,
    database,
    username,
    password,
    token,
    verifyCertificate,
    caFile,
  };
}

/** What is wrong between the keys of `fleet`. `written` is the file's own values. */
export function fleetFaults({ fleet }: ParsedFile, written: Readonly<Record<string, unknown>>): Finding[] {
  const { url, type, token, bucket, database, tls } = fleet;
  const fault = (key: string, message: string): Finding[] => [{ path: ['fleet', key], message }];
  const [first] = Object.keys(written['fleet'] ?? {});
  if (url === null) return first === undefined ? [] : fault(first, 'url is missing: it says where to ask');
  const where = [bucket, database].filter((name) => name !== null).length;
  return [
    ...(type === 'influxdb' && where === 0
      ? fault('url', 'neither bucket (InfluxDB 2.x) nor database (1.x, 3.x) says what to read')
      : []),
    ...(where === 2 ? fault('database', 'expected either bucket or database, found both') : []),
    ...(type === 'prometheus' && where > 0
      ? fault(bucket === null ? 'database' : 'bucket', 'a Prometheus has none')
      : []),
    ...(token !== null && url.username !== null
      ? fault('token', 'expected either a token or a user in url, found both')
      : []),
    ...(url.protocol === 'http' && (tls.ca !== null || tls.insecure)
      ? fault('tls', 'TLS needs an https:// url')
      : []),
    ...(tls.ca !== null && tls.insecure
      ? fault('tls', 'insecure accepts any certificate: ca has no effect beside it')
      : []),
  ];
}

/** A source as the section `fleet`; secrets are `***`. */
export function fleetInFileTerms(source: FleetSource | null): Record<string, unknown> | null {
  if (source === null) return null;
  const { type, protocol, token, database, verifyCertificate, caFile } = source;
  return {
    url: writeServerUrl(source, protocol),
    type,
    token: token === null ? null : token.toString(),
    bucket: null,
    database: database === '' ? null : database,
    tls: { ca: caFile, insecure: !verifyCertificate },
  };
}
