import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { believedPilots } from '../daemon/knownPilots.ts';
import { filesOfPid } from '../daemon/onlyOne.ts';
import { counted, spanText } from '../decide/numbers.ts';
import type { KnownPilot } from '../model/history.ts';
import type { Places } from '../model/places.ts';
import { bootId } from '../sample/process.ts';
import { printable } from './printable.ts';
import { readEnded } from './topLook.ts';

/** The pilots that a daemon knew of when it last wrote its memory. */
export interface KnownBefore {
  readonly file: string;
  /** Null where the file is not there, or cannot be read, for which `fault` has the reason; empty for none. */
  readonly pilots: readonly KnownPilot[] | null;
  readonly fault: string;
  /** The node has been started since: no pilot of then runs. */
  readonly isOfAnotherBoot: boolean;
}

/** So much of the end of a log is looked at. */
const tailBytes = 16_384;

/** What the memory in the state folder tells of pilots that had not ended. */
export function knownBefore({ stateFolder }: Places): KnownBefore {
  const file = join(stateFolder, 'memory.json');
  try {
    const memory = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly bootId?: unknown;
      readonly pilots?: unknown;
    };
    const isOfAnotherBoot = memory.bootId !== bootId();
    const pilots = believedPilots(memory.pilots, !isOfAnotherBoot).filter(({ end }) => end === null);
    return { file, pilots: isOfAnotherBoot ? [] : pilots, fault: '', isOfAnotherBoot };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fault = code === 'ENOENT' ? '' : `${file}: ${code === 'EACCES' ? 'it may not be read' : message}`;
    return { file, pilots: null, fault, isOfAnotherBoot: false };
  }
}

/** The last lines of a text file, fit for a terminal; none where it is not there or may not be read. */
export function lastLines(file: string, count: number): readonly string[] {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, tailBytes));
      const had = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      const lines = bytes
        .toString('utf8', 0, had)
        .split('\n')
        .filter((line) => line !== '');
      return lines.slice(-count).map(printable);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return [];
  }
}

/** What can be told of a node whose daemon does not run, from the files that it left; nothing where there never was one. */
export function leftBehind(places: Places, nowMs: number): readonly string[] {
  const { logFolder, runFolder, stateFolder } = places;
  const rows = [
    ...killedRows(places),
    ...controlRows(runFolder),
    ...pilotRows(knownBefore(places)),
    ...endedRows(places, nowMs),
    ...lastLines(join(logFolder, 'plancton.log'), 1).map((line): [string, string] => ['Log', line]),
  ];
  if (rows.length === 0) return [];
  return [
    `The daemon does not run. From what it left in ${[...new Set([logFolder, runFolder, stateFolder])].join(', ')}:`,
    ...rows.map(([name, text]) => `${name.padEnd(9)} ${text}`),
  ];
}

type Rows = readonly (readonly [string, string])[];

/** A daemon that ends takes its files along. */
function killedRows(places: Places): Rows {
  const isLeft = filesOfPid(places).some((file) => existsSync(file));
  return isLeft ? [['Daemon', 'it ended without a word: it was killed, or the node went down']] : [];
}

function controlRows(runFolder: string): Rows {
  const meaning = {
    drain: 'a daemon starts no pilots while it is there (planctonctl resume removes it)',
    'force-stop': 'a daemon that starts removes every pilot and ends',
  };
  return Object.entries(meaning)
    .filter(([name]) => existsSync(join(runFolder, name)))
    .map(([name, what]): [string, string] => ['Control', `${join(runFolder, name)}: ${what}`]);
}

function pilotRows({ pilots, fault, isOfAnotherBoot }: KnownBefore): Rows {
  if (fault !== '') return [['Pilots', fault]];
  if (pilots === null) return [];
  if (isOfAnotherBoot) return [['Pilots', 'the node was started since: none of then runs']];
  if (pilots.length === 0) return [['Pilots', 'none ran']];
  return [
    [
      'Pilots',
      `${counted(pilots.length, 'pilot')} ran, and may go on until the next daemon looks after them (planctonctl ps)`,
    ],
  ];
}

function endedRows(places: Places, nowMs: number): Rows {
  try {
    return readEnded(places, 1).map(({ name, outcome, endedAtWallMs }): [string, string] => [
      'Ended',
      `${printable(name)} ${outcome}, ${spanText(nowMs - endedAtWallMs)} ago (planctonctl history)`,
    ]);
  } catch {
    return [];
  }
}
