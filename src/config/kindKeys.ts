import * as z from 'zod/mini';
import { percent } from './amounts.ts';
import { amount, duration, field, list, text, yesOrNo } from './fields.ts';
import { type Keys, section } from './key.ts';
import { outcomes } from './kindFields.ts';
import { anyLength, day } from './lengths.ts';
import { recipeKeys } from './recipeKeys.ts';
import { signKeys } from './signKeys.ts';
import { parseSignal } from './signals.ts';

const fromASecond = { ...anyLength, least: 1, words: 'of 1 s to 100000 years' };

const backOffKeys = {
  first: {
    schema: duration(fromASecond),
    preset: 60,
    type: 'time',
    help: 'How long after the first fruitless pilot.',
    examples: [],
  },
  max: {
    schema: duration(fromASecond),
    preset: 3600,
    type: 'time',
    help: 'The longest that is waited, however many were fruitless.',
    examples: [],
  },
} as const satisfies Keys;

/** What an entry of `pilots` says of how many there are beside others, for how long, and what their ends mean. */
const lifeKeys = {
  share: {
    schema: amount('a number', { least: 0.001, most: 1e6, words: 'from 0.001 to 1000000' }, false),
    preset: 1,
    type: 'number',
    help: 'Its part of the node in relation to those of other kinds: of two kinds with 3 and 1 that both have work, the first gets three quarters of the CPU time.',
    examples: ['3', '0.5'],
    formerly: ['weight', 'priority'],
  },
  max: {
    schema: amount('a whole number', { least: 0, most: 1e9, words: 'from 0 to 1000000000' }, true),
    preset: null,
    type: 'number of pilots',
    help: 'The most pilots of this kind at a time; by default as many as `max_docks` lets there be.',
    examples: ['2'],
    formerly: ['max_pilots'],
  },
  ttl: {
    schema: duration(fromASecond),
    preset: null,
    type: 'time',
    help: 'How long one pilot may run; then it is stopped, with `stop_grace` between notice and end.',
    examples: ['12h'],
    atTop: 'max_ttl',
  },
  ttl_jitter: {
    schema: percent(),
    preset: '10%',
    type: 'percentage of `ttl`',
    help: 'Each pilot’s own time is shorter by up to so much, so that pilots which began together, on many nodes perhaps, do not end together.',
    examples: ['0%', '25%'],
  },
  stop_signal: {
    schema: text('a signal such as SIGTERM', parseSignal),
    preset: 'SIGTERM',
    type: 'text',
    help: 'The signal that gives notice, by name or number.',
    examples: ['SIGINT', 'SIGRTMIN+3'],
    asWritten: 'value',
  },
  stop_grace: {
    schema: duration({ least: 0, most: day, words: 'of 0 s to 1 day' }),
    preset: null,
    type: 'time',
    help: 'Time between the notice and the end by SIGKILL.',
    examples: ['5m'],
    atTop: 'stop_grace',
  },
  pull: {
    schema: field(
      'auto, always, missing or never',
      (error) => z.enum(['auto', 'always', 'missing', 'never'], { error }),
      (policy) => policy,
    ),
    preset: 'auto',
    type: '`auto`, `always`, `missing` or `never`',
    help: 'When the registry is asked for the image: `auto` as `image_expiration` says, `always` every ten minutes, `missing` where the node has none, `never` not at all.',
    examples: ['missing'],
    formerly: ['pull_policy'],
  },
  enabled: {
    schema: yesOrNo(),
    preset: true,
    type: 'yes or no',
    help: 'Whether its pilots are started; those that run go on either way.',
    examples: ['true'],
  },
  schedule: {
    schema: signKeys.schedule.schema,
    preset: [],
    type: 'text or list of texts',
    help: 'When its pilots may start, within the `schedule` of the node; without it, at any time. See [Windows of time](#windows-of-time).',
    examples: ['mon-fri 18:00-08:00'],
    formerly: ['hours', 'time_window', 'windows'],
    aloneIsList: true,
  },
  outcomes: {
    schema: outcomes(),
    preset: {},
    type: 'mapping of exit codes to `finished`, `failed` or `no-work`',
    help: 'What an exit code stands for. One that is not here is `finished` for 0, `failed` for any other.',
    examples: ['{0: finished, 75: no-work}'],
    formerly: ['exit_codes'],
  },
  fizzle: {
    schema: duration({ least: 0, most: day, words: 'of 0 s to 1 day' }),
    preset: 60,
    type: 'time',
    help: 'A pilot that says nothing of its end and lived for less than this found no work where its exit code is 0, and failed where it is another. `0` takes every end for what it says.',
    examples: ['0', '5m'],
  },
  backoff: {
    schema: section('first or max', backOffKeys),
    preset: {},
    type: 'section',
    help: 'How long the kind waits after a pilot that found no work or failed: twice as long after each, until one succeeds. Other kinds have its room meanwhile.',
    examples: ['{first: 30s, max: 2h}'],
    formerly: ['back_off'],
    children: backOffKeys,
  },
} as const satisfies Keys;

/** The keys of one entry of `pilots`. */
export const kindKeys = { ...recipeKeys, ...lifeKeys } as const satisfies Keys;

/** More kinds than anybody tells apart; each costs memory and a line wherever kinds are listed. */
export const mostKinds = 64;

/** Several kinds of pilots on a node. */
export const kindListKeys = {
  pilots: {
    schema: list('a list of kinds', section('name, image and more', kindKeys)),
    preset: null,
    type: 'list of sections',
    help: `The kinds of pilots of this node, at most ${mostKinds}. Without it there is one, \`default\`, made of the keys above. With it these are the kinds; \`default\` is one of them, the first, only where \`docker_image\` or \`docker_cmd\` is written. An empty list starts nothing.`,
    examples: [],
    formerly: ['kinds', 'pilot_kinds', 'pilot'],
    aloneIsList: true,
    entries: kindKeys,
    entryExample: ['name: short', 'image: registry.example.org/grid/pilot:2.1'],
  },
} as const satisfies Keys;
