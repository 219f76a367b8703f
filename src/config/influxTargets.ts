import type { InfluxTarget } from '../model/settings.ts';
import type { Finding } from './crossCheck.ts';
import type { ParsedFile } from './schema.ts';
import { writeServerUrl } from './urls.ts';

type Entry = ParsedFile['influxdb'][number];

/** All databases of a file, those of `influxdb_url` first. */
export function influxTargets(file: ParsedFile): InfluxTarget[] {
  return [...file.influxdb_url.filter((target) => target !== null), ...file.influxdb.map(targetOf)];
}

function targetOf({ url, token, org, bucket, database, tls, tags }: Entry): InfluxTarget {
  return {
    key: 'influxdb',
    api: bucket !== null ? 2 : token !== null ? 3 : 1,
    ...url,
    database: bucket ?? database ?? '',
    org,
    token,
    verifyCertificate: !tls.insecure,
    caFile: tls.ca,
    tags,
  };
}

/** What is wrong between the keys of an entry of `influxdb`. */
export function influxFaults({ influxdb }: ParsedFile): Finding[] {
  return influxdb.flatMap((entry, index) =>
    faultsOf(entry).map(([key, message]) => ({ path: ['influxdb', index, key], message })),
  );
}

/** Entries of `influxdb` for whose database there is one before: they are put up with, and have no effect. */
export function influxRemarks(targets: readonly InfluxTarget[]): Finding[] {
  const place = ({ host, port, path, database, org }: InfluxTarget): string =>
    JSON.stringify([host, port, path, database, org]);
  const before = targets.length - targets.filter(({ key }) => key === 'influxdb').length;
  return targets.flatMap((target, index) => {
    const isRepeated = targets.findIndex((one) => place(one) === place(target)) < index;
    const message = 'another entry is of the same database: this one has no effect';
    return isRepeated && target.key === 'influxdb' ? [{ path: ['influxdb', index - before], message }] : [];
  });
}

function faultsOf({ url, token, org, bucket, database, tls }: Entry): [key: string, message: string][] {
  const found: [string, string][] = [];
  if (bucket === null && database === null)
    found.push(['url', 'neither bucket (InfluxDB 2.x) nor database (1.x, 3.x) says where to write']);
  if (bucket !== null && database !== null)
    found.push(['database', 'expected either bucket or database, found both']);
  if (org !== null && bucket === null) found.push(['org', 'an organization has buckets: bucket is missing']);
  if (token !== null && url.username !== null)
    found.push(['token', 'expected either a token or a user in url, found both']);
  if (url.protocol === 'http' && (tls.ca !== null || tls.insecure))
    found.push(['tls', 'TLS needs an https:// url']);
  if (tls.ca !== null && tls.insecure)
    found.push(['tls', 'insecure accepts any certificate: ca has no effect beside it']);
  return found;
}

/** A target of `influxdb` as an entry of it; secrets are `***`. */
export function influxInFileTerms(target: InfluxTarget): Record<string, unknown> {
  const { api, database, org, token, verifyCertificate, caFile, tags } = target;
  return {
    url: writeServerUrl(target, target.protocol),
    token: token === null ? null : token.toString(),
    org,
    bucket: api === 2 ? database : null,
    database: api === 2 ? null : database,
    tls: { ca: caFile, insecure: !verifyCertificate },
    tags,
  };
}

/** A target of `influxdb_url` as an entry of it; the password is `***`. */
export function writeInfluxUrl(target: InfluxTarget): string {
  const scheme = target.verifyCertificate ? target.protocol : 'insecure_https';
  return `${writeServerUrl(target, scheme)}#${encodeURIComponent(target.database)}`;
}
