import { amount, duration, list, text, Unfit, yesOrNo } from './fields.ts';
import type { Keys } from './key.ts';
import { anyLength } from './lengths.ts';
import { parseTimeWindow } from './schedule.ts';

/** The longest name of a file on Linux (`NAME_MAX`). */
const longestName = 255;

/** Signs of the owner's presence and wishes. */
export const signKeys = {
  yield_to_user: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Whether pilots leave the node to somebody at it: at its keyboard and screen, at a terminal, or logged in over the network with one. See [Somebody at the node](#somebody-at-the-node) for what it does not see.',
    examples: ['true'],
    formerly: ['keyboard', 'idle_only', 'when_idle'],
  },
  user_away: {
    schema: duration(anyLength),
    preset: 900,
    type: 'time',
    help: 'How long nobody must have touched the node before it counts as left, for `yield_to_user`.',
    examples: ['900', '15m'],
    formerly: ['idle_time', 'user_idle'],
  },
  yield_on_battery: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Whether pilots yield while the node runs on its battery or on a UPS.',
    examples: ['true'],
    formerly: ['battery', 'run_on_batteries'],
  },
  yield_to_programs: {
    schema: list(
      'one name of a program or a list of them',
      text('the name of a program, without its folder', (raw) => {
        const name = raw.trim();
        if (name.includes('/')) throw new Unfit('it is a path: only the last part of it counts');
        if (name === '' || name.length > longestName) throw new Unfit();
        return name;
      }),
    ),
    preset: [],
    type: 'name or list of names',
    help: 'Programs beside which no pilot runs, by the names of their files; those that run in pilots do not count.',
    examples: ['blender', '[steam, FahCore_a8]'],
    formerly: ['exclusive_programs', 'exclusive_app'],
    aloneIsList: true,
    asWritten: 'entries',
  },
  schedule: {
    schema: list(
      'one window of time or a list of them',
      text('days, hours or both as in "mon-fri 18:00-08:00 Europe/Zurich"', parseTimeWindow),
    ),
    preset: [],
    type: 'text or list of texts',
    help: 'When pilots may run; without it, at any time. See [Windows of time](#windows-of-time).',
    examples: ['sat,sun', '[mon-fri 18:00-08:00, "sat,sun"]', 'mon-fri 18:00-08:00 Europe/Zurich'],
    formerly: ['hours', 'time_window', 'windows'],
    aloneIsList: true,
  },
  max_temperature: {
    schema: amount('a number of degrees Celsius', { least: 20, most: 150, words: 'from 20 to 150' }, false),
    preset: null,
    type: 'number of degrees Celsius',
    help: 'The temperature of the hottest sensor of the node above which pilots yield.',
    examples: ['85'],
    formerly: ['temperature', 'max_temp'],
  },
} as const satisfies Keys;
