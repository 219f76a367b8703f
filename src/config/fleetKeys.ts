import * as z from 'zod/mini';
import { field, secretText } from './fields.ts';
import { influxKeys, tlsKeys } from './influxKeys.ts';
import { type Keys, section } from './key.ts';
import { parseServerUrl } from './urls.ts';

const { database, bucket, tls } = influxKeys;
// Alone none of them says anything: the section has the example.
const sourceTlsKeys = {
  ca: { ...tlsKeys.ca, examples: [] },
  insecure: { ...tlsKeys.insecure, examples: [] },
} as const satisfies Keys;

/** The keys of `fleet`. */
const sourceKeys = {
  url: {
    schema: secretText('http[s]://[user:password@]host[:port][/path]', parseServerUrl),
    preset: null,
    type: 'URL',
    help: 'Where the database listens: `http[s]://[user:password@]host[:port][/path]`. Without a port it is 80, or 443 for `https`; InfluxDB 1.x and 2.x mostly have 8086, 3.x has 8181, Prometheus 9090.',
    examples: [],
  },
  type: {
    schema: field(
      'influxdb or prometheus',
      (error) => z.enum(['influxdb', 'prometheus'], { error }),
      (type) => type,
    ),
    preset: 'influxdb',
    type: '`influxdb` or `prometheus`',
    help: 'What it is: an InfluxDB of any version that nodes write to, or a Prometheus that scrapes them.',
    examples: [],
  },
  token: {
    ...influxKeys.token,
    help: 'The token to read with. It is printed nowhere. One that may only read is enough, and best.',
  },
  bucket: { ...bucket, help: 'The bucket to read, of an InfluxDB 2.x.' },
  database: { ...database, help: 'The database to read, of an InfluxDB 1.x or 3.x.' },
  tls: {
    ...tls,
    schema: section('ca, insecure', sourceTlsKeys),
    examples: [],
    children: sourceTlsKeys,
  },
} as const satisfies Keys;

/** Where what is known of all nodes is read. */
export const fleetKeys = {
  fleet: {
    schema: section('url, type, token, bucket, database or tls', sourceKeys),
    preset: {},
    type: 'section',
    help: 'The database that `planctonctl fleet` and the page’s view of the fleet ask what is known of all nodes. Without it that is the first one of `influxdb_url` and `influxdb`, asked with what it is written to with; a token or user that may only write needs another one here. See [The fleet](fleet.md).',
    examples: [
      '{type: prometheus, url: "http://prometheus.example.org:9090"}',
      '{url: "https://influx.example.org:8086", token: secret, bucket: plancton}',
    ],
    children: sourceKeys,
  },
} as const satisfies Keys;
