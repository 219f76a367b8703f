import { absolutePath, amount, duration, size } from './fields.ts';
import { type Keys, section } from './key.ts';
import { anyLength } from './lengths.ts';

const anySize = { least: 0, most: 2 ** 60, words: 'of 0 to 1 EiB' };

const logKeys = {
  per_pilot: {
    schema: size(anySize),
    preset: '10MB',
    type: 'size',
    help: 'The most that is kept of one pilot’s log: its end. `0` keeps none.',
    examples: ['1MB'],
  },
  all: {
    schema: size(anySize),
    preset: '1GB',
    type: 'size',
    help: 'The most that all of them take; the oldest go first.',
    examples: ['10GB'],
  },
  age: {
    schema: duration(anyLength),
    preset: '30d',
    type: 'time',
    help: 'How long one is kept.',
    examples: ['7d'],
  },
} as const satisfies Keys;

/** What pilots are told of the node, and what is kept of them. */
export const tellingKeys = {
  hs06: {
    schema: amount('a number', { least: 0.001, most: 1e9, words: 'from 0.001 to 1000000000' }, false),
    preset: null,
    type: 'number',
    help: 'The HS06 (or HEPscore) of the whole node, as somebody measured it; pilots find it in their `$MACHINEFEATURES`.',
    examples: ['512.5'],
    formerly: ['hepscore'],
  },
  host_rundir: {
    schema: absolutePath('a folder'),
    preset: null,
    type: 'path',
    help: 'Where Plancton’s run folder is on the node, when Plancton itself runs in a container: folders in it are bound into pilots, by the engine, which does not see them where Plancton does.',
    examples: ['/run/plancton'],
  },
  pilot_logs: {
    schema: section('per_pilot, all or age', logKeys),
    preset: {},
    type: 'section',
    help: 'How much is kept of what pilots wrote to their standard output and error, once they have ended: `pilots/<name>.log` in the folder of logs.',
    examples: ['{per_pilot: 1MB, all: 10GB, age: 90d}'],
    formerly: ['logs', 'log_retention'],
    children: logKeys,
  },
} as const satisfies Keys;
