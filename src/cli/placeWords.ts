import { dirname } from 'node:path';
import type { Places } from '../model/places.ts';

/** The options that give a command exactly these places, whoever runs it and wherever. */
export function placeWords(places: Places): string[] {
  return [
    `--confdir=${dirname(places.configFile)}`,
    `--logdir=${places.logFolder}`,
    `--rundir=${places.runFolder}`,
    `--statedir=${places.stateFolder}`,
    `--pidfile=${places.pidFile}`,
  ];
}
