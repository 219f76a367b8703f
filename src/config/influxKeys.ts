import { Secret } from '../model/secret.ts';
import { absolutePath, list, secretText, text, Unfit, yesOrNo } from './fields.ts';
import { type Keys, section } from './key.ts';
import { tags } from './namedTexts.ts';
import { parseServerUrl } from './urls.ts';

/** TLS with a database. */
export const tlsKeys = {
  ca: {
    schema: absolutePath('a file'),
    preset: null,
    type: 'path',
    help: 'Certificates (PEM) that the server’s own must be signed by; by default those that the system trusts.',
    examples: ['/etc/plancton/tls/influx-ca.pem'],
  },
  insecure: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Whether any certificate is accepted: who is in between may then read and change what is sent, the token too.',
    examples: ['true'],
  },
} as const satisfies Keys;

const name = (what: string) =>
  text(what, (raw) => {
    if (raw === '' || raw.includes('\0')) throw new Unfit('it is empty, or has a zero byte');
    return raw;
  });

/** The keys of one entry of `influxdb`. */
export const influxKeys = {
  url: {
    schema: secretText('http[s]://[user:password@]host[:port][/path]', parseServerUrl),
    preset: undefined,
    type: 'URL',
    help: 'Where the server listens: `http[s]://[user:password@]host[:port][/path]`, where user and password are those of InfluxDB 1.x. Without a port it is 80, or 443 for `https`; InfluxDB 1.x and 2.x mostly have 8086, 3.x has 8181.',
    examples: [],
  },
  token: {
    schema: secretText('a token', (raw) => {
      // What would end a header's line ends here.
      if (!/^[\x21-\x7e]+$/.test(raw)) throw new Unfit('a token is of visible ASCII characters');
      return new Secret(raw);
    }),
    preset: null,
    type: 'text',
    help: 'The token that points are written with, in 2.x and 3.x. It is printed nowhere.',
    examples: [],
    asWritten: 'value',
  },
  org: {
    schema: name('the name or id of an organization'),
    preset: null,
    type: 'text',
    help: 'Name or id of the organization that the bucket is of: InfluxDB 2.x wants it.',
    examples: [],
    asWritten: 'value',
  },
  bucket: {
    schema: name('the name of a bucket'),
    preset: null,
    type: 'text',
    help: 'The bucket to write to: InfluxDB 2.x, its cloud, and of 3.x Serverless, Dedicated and Clustered. It must be there.',
    examples: [],
    asWritten: 'value',
  },
  database: {
    schema: name('the name of a database'),
    preset: null,
    type: 'text',
    help: 'The database to write to: with a `token` that of an InfluxDB 3.x (Core, Enterprise), without one that of an InfluxDB 1.x. It is made when it is missing. An entry has either `bucket` or `database`.',
    examples: [],
    asWritten: 'value',
  },
  tls: {
    schema: section('ca, insecure', tlsKeys),
    preset: {},
    type: 'section',
    help: 'TLS for `https://`.',
    examples: ['{ca: /etc/plancton/tls/influx-ca.pem}'],
    children: tlsKeys,
  },
  tags: {
    schema: tags(),
    preset: {},
    type: 'mapping, or list of `name=value`',
    help: 'What every point bears beside its own tags, to tell sites or clusters apart.',
    examples: ['{site: north, cluster: blue}'],
    asWritten: 'entries',
  },
} as const satisfies Keys;

/** Databases of any version. */
export const influxListKeys = {
  influxdb: {
    schema: list('a list of databases', section('url and more', influxKeys)),
    preset: [],
    type: 'list of sections',
    help: 'InfluxDB databases of version 1.x, 2.x and 3.x to report to, beside those of `influxdb_url`. What is sent is in [Metrics](metrics.md). What cannot be sent waits on the disk, up to 16 MB for each of them.',
    examples: [],
    formerly: ['influx'],
    aloneIsList: true,
    entries: influxKeys,
    entryExample: ['url: https://influx.example.org:8086', 'database: plancton'],
  },
} as const satisfies Keys;
