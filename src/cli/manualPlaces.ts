import { mdocText, words } from './mdoc.ts';

/** What is to be known of files, the environment and exit codes; each entry is what and its meaning. */
const variables: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'Set to anything but an empty text: nothing is coloured, whatever `FORCE_COLOR` says.'],
  [
    'FORCE_COLOR',
    'Set to anything but an empty text, `0` or `false`: what would be coloured on a terminal is so elsewhere, too, as for `less -R`. With `0` or `false` nothing is.',
  ],
  [
    'LC_ALL, LC_CTYPE, LANG',
    'The first of them that is set says whether the terminal knows UTF-8. Where it does not, `top` draws with ASCII.',
  ],
  [
    'TERM',
    'With `dumb`, or without it, nothing is coloured or drawn in place: `top` prints lines, and nothing tells how far it is.',
  ],
  ['PLANCTON_NODE', 'The Node.js to run with, where it is not in `PATH`.'],
  ['DOCKER_HOST, DOCKER_CONTEXT', 'The container engine, unless the configuration names one.'],
];

const places: readonly (readonly [string, string])[] = [
  ['/etc/plancton/config.yaml', 'The configuration; of any user but root `~/.plancton/conf/config.yaml`.'],
  [
    '/var/log/plancton',
    'The log, the journal of pilots that have ended (`history.jsonl`), and their logs; `~/.plancton/log`.',
  ],
  [
    '/var/run/plancton',
    'The files `drain`, `stop` and `force-stop`, which scripts may make and remove, and the socket that the daemon answers on, which only its own user and root may use; `~/.plancton/run`.',
  ],
  ['/var/run/plancton.pid', 'The PID of the daemon; `~/.plancton/run/plancton.pid`.'],
  ['/var/lib/plancton', 'What the daemon remembers over restarts; `~/.plancton/state`.'],
];

export const environment = section('ENVIRONMENT', 'Ev', variables);

export const files = section('FILES', 'Pa', places);

export const exitCodes = [
  '.Sh EXIT STATUS',
  mdocText(
    '0 when it was done, 1 when it was refused or failed, or when there is no daemon to ask. 130 and the like when a signal ended it. A word about what went wrong is on the standard error.',
  ),
];

function section(
  title: string,
  macro: string,
  entries: readonly (readonly [string, string])[],
): readonly string[] {
  return [
    `.Sh ${title}`,
    '.Bl -tag -width Ds',
    ...entries.map(
      ([name, what]) =>
        `.It ${macro} ${name
          .split(', ')
          .map((one) => words(one))
          .join(' , ')}\n${mdocText(what)}`,
    ),
    '.El',
  ];
}
