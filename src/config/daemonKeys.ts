import * as z from 'zod/mini';
import { amount, duration, field, list, secretText, yesOrNo } from './fields.ts';
import type { Keys } from './key.ts';
import { anyLength } from './lengths.ts';
import { parseInfluxUrl } from './urls.ts';

/** When things happen. */
export const paceKeys = {
  main_sleep: {
    schema: duration(anyLength),
    preset: 30,
    type: 'time',
    help: 'The pace of reporting, of growth (see `docks_per_loop`) and of the judgement on CPU use. Pilots that end are replaced at once, whatever it says.',
    examples: ['30', '1m'],
  },
  docks_per_loop: {
    schema: amount('a whole number', { least: 0, most: 1e9, words: 'from 0 to 1000000000' }, true),
    preset: 4,
    type: 'number',
    help: 'The most slots that were empty to be filled in each `main_sleep`. Replacing a pilot that ended does not count.',
    examples: ['4'],
    noIsZero: true,
  },
  grace_kill: {
    schema: duration(anyLength),
    preset: 120,
    type: 'time',
    help: 'How long the owner must have been short of CPU before the youngest pilot is evicted.',
    examples: ['120', '2m'],
    noIsZero: true,
  },
  grace_spawn: {
    schema: duration(anyLength),
    preset: 60,
    type: 'time',
    help: 'How long nothing is started after a pilot was evicted. A pilot that ends by itself has no such effect.',
    examples: ['60', '1m'],
    noIsZero: true,
  },
  image_expiration: {
    schema: duration(anyLength),
    preset: 43_200,
    type: 'time',
    help: 'How often the image is pulled anew.',
    examples: ['43200', '12h'],
  },
} as const satisfies Keys;

/** What YAML and people make of `on` and `off`. */
const syslogModes = {
  auto: 'auto',
  on: 'on',
  yes: 'on',
  true: 'on',
  off: 'off',
  no: 'off',
  false: 'off',
} as const;

/** What the daemon does beside running pilots. */
export const daemonKeys = {
  updateconfig: {
    schema: duration(anyLength),
    preset: 60,
    type: 'time',
    help: 'How often this file is read again in any case; a change is mostly noticed at once.',
    examples: ['60', '1m'],
  },
  adopt_unlabelled: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Whether pilots of the original Plancton, known by their names only (`plancton-worker-` and six characters of `0-9a-z`), are managed too. In any case they count against `max_docks`.',
    examples: ['false', 'true'],
  },
  cpu_class: {
    schema: field(
      'idle, low or normal',
      (error) => z.enum(['idle', 'low', 'normal'], { error }),
      (cpuClass) => cpuClass,
    ),
    preset: 'idle',
    type: '`idle`, `low` or `normal`',
    help: 'How the kernel shares CPUs between pilots and everybody else: `idle` gives pilots only what nobody else wants, from one microsecond to the next; `low` gives them the smallest weight that there is; `normal` makes them equals of everybody. A kernel without the idle class (Linux before 5.15) falls back to `low`. `planctonctl status` shows what was had.',
    examples: ['idle', 'low'],
  },
  influxdb_url: {
    schema: list(
      'one URL or a list of them',
      secretText('http[s]://[user:password@]host:port#database', parseInfluxUrl),
    ),
    preset: [],
    type: 'URL or list of URLs',
    help: 'InfluxDB 1.x databases to report to (others: `influxdb`): `http[s]://[user:password@]host:port#database`. `insecure_https://` skips the check of the certificate. In a password, `/ ? # @ : %` are written `%2F %3F %23 %40 %3A %25`. An entry without `#database` is left out.',
    examples: ['http://localhost:8086#plancton', '[https://writer:secret@influx.example.org:8086#grid]'],
    formerly: ['influx_url'],
    aloneIsList: true,
  },
  log_format: {
    schema: field(
      'text or json',
      (error) => z.enum(['text', 'json'], { error }),
      (format) => format,
    ),
    preset: 'text',
    type: '`text` or `json`',
    help: 'How lines of the log are written: for people, or for programs that ship logs.',
    examples: ['text', 'json'],
  },
  syslog: {
    schema: field(
      'auto, on or off',
      (error) =>
        z.union([z.boolean(), z.enum(['auto', 'on', 'off', 'yes', 'no', 'true', 'false'])], { error }),
      (raw) => syslogModes[String(raw) as keyof typeof syslogModes],
    ),
    preset: 'auto',
    type: '`auto`, `on` or `off`',
    help: 'Whether the log goes to syslog or the journal as well; `auto`: where there is one.',
    examples: ['auto', 'on', 'off'],
  },
} as const satisfies Keys;
