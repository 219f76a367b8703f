import { cleanUpPatienceMs, engineAwayPatienceMs, forceStopPatienceMs } from '../daemon/forceStopEnd.ts';

const seconds = (ms: number): string => `${ms / 1000} s`;

/** What is to be known of a command beyond what its options say. */
export interface Guide {
  /** Paragraphs. */
  readonly details: readonly string[];
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

const withoutDaemon =
  'Without a daemon that answers it tells from what the last one left, says so, and ends with exit code 1.';

/** A guide for each command of `planctonctl`. */
export const guides: Readonly<Record<string, Guide>> = {
  start: {
    details: [
      'It returns when the daemon is ready. One that runs already is success. Pilots that an earlier daemon left are taken over.',
    ],
    examples: [['planctonctl --user start', 'a daemon of your own, with folders in ~/.plancton']],
  },
  stop: {
    details: [
      'It waits for the daemon to end, for two minutes at most, then kills it. The next daemon takes the pilots over.',
    ],
    examples: [['planctonctl stop && planctonctl start', 'after an upgrade; pilots go on meanwhile']],
  },
  drain: {
    details: [
      'It makes the file drain in the run folder, which a script may do as well. It outlives the daemon and the node.',
    ],
    examples: [['planctonctl drain', 'the node is to be empty by tomorrow']],
  },
  resume: {
    details: ['It removes the files drain and stop from the run folder.'],
    examples: [['planctonctl resume', 'pilots are wanted again']],
  },
  'drain-stop': {
    details: [
      'It makes the files stop and drain in the run folder. Until the last pilot ends, resume takes it back.',
    ],
    examples: [['planctonctl drain-stop', 'the daemon goes with its last pilot']],
  },
  'force-start': {
    details: [],
    examples: [['planctonctl force-start', 'whatever was asked for before']],
  },
  'force-stop': {
    details: [
      'It also removes the pilots of a daemon that does not run. Ctrl-C ends the command, not the order: the daemon goes on.',
      `Unlike the original, which waited without limit, it gives up, with exit code 1, when the engine has not answered for ${seconds(engineAwayPatienceMs)}, when none of the pilots left could be removed for ${seconds(forceStopPatienceMs)}, and, where no daemon runs, when the engine does not answer within ${seconds(cleanUpPatienceMs)}. Pilots may be left then; give the order again when the engine is well.`,
    ],
    examples: [['planctonctl force-stop', 'the node is needed now, and work of pilots may be lost']],
  },
  renew: {
    details: ['Where no daemon runs, the next one finds the order.'],
    examples: [
      ['planctonctl renew', 'each pilot is replaced when it ends, as after a change of its image'],
      ['planctonctl renew grid --now', 'those of the kind "grid" get notice, a few at a time'],
    ],
  },
  nodaemon: {
    details: ['Ctrl-C or SIGTERM ends it; running pilots are left running.'],
    examples: [
      [
        'planctonctl --confdir ./conf --rundir ./run --logdir ./log nodaemon',
        'a try in a folder of your own',
      ],
    ],
  },
  status: {
    details: [
      'Exit code 0: it runs; 1: it does not. A daemon that does not answer within two seconds is said to be silent, with what the kernel tells of it.',
      withoutDaemon,
    ],
    examples: [['planctonctl status --json | jq .pilots.running', 'how many pilots run']],
  },
  fleet: {
    details: [
      'What is known of all nodes is read from the database that they report to: that of fleet in the configuration, else the first of influxdb. No daemon is asked.',
    ],
    examples: [
      ['planctonctl fleet --state silent --sort seen', 'which nodes are silent, and since when'],
      [
        'planctonctl fleet --since 7d --type prometheus --url http://prom:9090',
        'the week of all nodes, day by day',
      ],
    ],
  },
  top: {
    details: [
      'On a terminal it draws in place, and sends only what has changed. Elsewhere, and on a terminal that cannot be drawn on (TERM=dumb), it prints a line for each change. A daemon that ends is waited for until it is back.',
      'Keys: q or Ctrl-C leaves.',
    ],
    examples: [
      ['planctonctl top', 'in a terminal'],
      ['planctonctl top | tee node.txt', 'a line for each thing that happens'],
    ],
  },
  why: {
    details: [withoutDaemon],
    examples: [
      ['planctonctl why', 'what keeps one more pilot from starting?'],
      ['planctonctl why --profile', 'when does the owner usually need the node?'],
    ],
  },
  ps: {
    details: [withoutDaemon],
    examples: [['planctonctl ps', 'what runs']],
  },
  kinds: {
    details: [withoutDaemon],
    examples: [['planctonctl kinds', 'which kind has what part of the node, and why another one waits']],
  },
  logs: {
    details: [
      'A terminal gets no control characters of a pilot; a file or a pipe gets every byte. It needs no daemon: the engine has the logs of those that run, and the log folder those of pilots that have ended.',
    ],
    examples: [
      ['planctonctl logs -f 1t5x82', 'the pilot whose name ends so, until it ends'],
      ['planctonctl logs 1t5x82 > pilot.log', 'byte for byte'],
    ],
  },
  history: {
    details: ['It needs no daemon: it reads the journal in the log folder.'],
    examples: [
      ['planctonctl history --since 7d --outcome failed', 'what went wrong in a week'],
      ['planctonctl history --json --since 2030-01-01 | jq -r .name', 'for a script'],
    ],
  },
  account: {
    details: [
      'It needs no daemon: it reads the journal in the log folder. Wasted is the CPU time of pilots that were evicted or lost.',
    ],
    examples: [
      ['planctonctl account --since 30d --by day,kind --csv > account.csv', 'a month for a spreadsheet'],
    ],
  },
  check: {
    details: [
      'Exit code 0: it could be put in force, perhaps with warnings; 1: it has faults, each of which is named with its place.',
    ],
    examples: [['planctonctl check new.yaml', 'before it is moved into place']],
  },
  config: {
    details: ['Passwords and other secrets are printed as ***.'],
    examples: [['planctonctl config', 'what holds, and which line says so']],
  },
  try: {
    details: [
      'It runs beside the daemon and takes no slot. Ctrl-C gives the pilot notice, a second one kills it. Exit code 0: it finished, or found no work.',
    ],
    examples: [['planctonctl try grid', 'one pilot of the kind "grid"']],
  },
  replay: {
    details: ['It reads files and does nothing else: no engine is asked, no pilot is touched.'],
    examples: [['planctonctl replay --config new.yaml --since 7d', 'would it have harvested more?']],
  },
  completion: {
    details: ['It says at its beginning how it is installed. It needs no other package.'],
    examples: [
      ['source <(planctonctl completion bash)', 'in ~/.bashrc'],
      ['planctonctl completion zsh > "${fpath[1]}/_planctonctl"', 'once, before compinit'],
      ['planctonctl completion fish > ~/.config/fish/completions/planctonctl.fish', 'once'],
    ],
  },
};
