import { join, resolve } from 'node:path';
import type { Places } from '../model/places.ts';
import { UserFault } from './fault.ts';

/** What a command line may say about places; each is as the user wrote it. */
export interface PlaceOptions {
  readonly user?: boolean | undefined;
  readonly confdir?: string | undefined;
  readonly logdir?: string | undefined;
  readonly rundir?: string | undefined;
  readonly statedir?: string | undefined;
  readonly pidfile?: string | undefined;
}

/** Who asks: the effective user id, and the home folder that `~` means. */
export interface Person {
  readonly uid: number;
  readonly homeFolder: string;
}

function defaultPlaces(person: Person, asUser: boolean): Places {
  if (person.uid === 0 && !asUser) {
    return {
      configFile: '/etc/plancton/config.yaml',
      logFolder: '/var/log/plancton',
      runFolder: '/var/run/plancton',
      pidFile: '/var/run/plancton.pid',
      stateFolder: '/var/lib/plancton',
    };
  }
  const base = join(person.homeFolder, '.plancton');
  return {
    configFile: join(base, 'conf', 'config.yaml'),
    logFolder: join(base, 'log'),
    runFolder: join(base, 'run'),
    pidFile: join(base, 'run', 'plancton.pid'),
    stateFolder: join(base, 'state'),
  };
}

/** Says which place is named by an empty text, which would be the folder where the user happens to be; null when none is. */
export function emptyPlace(options: PlaceOptions): string | null {
  for (const name of ['confdir', 'logdir', 'rundir', 'statedir', 'pidfile'] as const)
    if (options[name] === '') return `--${name} is empty: name a ${name === 'pidfile' ? 'file' : 'folder'}`;
  return null;
}

/**
 * The places of a daemon: the original's, root's or the user's, each changed by its option. A run folder of one's own
 * takes the PID file and the state with it, so that two daemons never share them by accident. Throws `UserFault` where
 * one is empty.
 */
export function placesFor(person: Person, options: PlaceOptions): Places {
  const empty = emptyPlace(options);
  if (empty !== null) throw new UserFault(empty);
  const places = defaultPlaces(person, options.user ?? false);
  const runFolder = options.rundir === undefined ? places.runFolder : resolve(options.rundir);
  const ownRunFolder = runFolder !== places.runFolder;
  const pidFile = options.pidfile ?? (ownRunFolder ? join(runFolder, 'plancton.pid') : places.pidFile);
  const stateFolder = options.statedir ?? (ownRunFolder ? join(runFolder, 'state') : places.stateFolder);
  return {
    configFile: options.confdir === undefined ? places.configFile : resolve(options.confdir, 'config.yaml'),
    logFolder: options.logdir === undefined ? places.logFolder : resolve(options.logdir),
    runFolder,
    pidFile: resolve(pidFile),
    stateFolder: resolve(stateFolder),
  };
}
