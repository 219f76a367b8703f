import { type LastWord, type PilotActivity, silent } from '../model/pilot.ts';
import { known, mapReading, type Reading, unknown } from '../model/reading.ts';
import { isAbsent } from './kernelFile.ts';
import { beyondBounds, firstLine, readForeignFile } from './pilotWordFile.ts';

/** A pilot's folder of words; `bounded` when it cannot outgrow its bound, so that nobody need look. */
export interface WordFolder {
  readonly path: string;
  readonly bounded: boolean;
}

/**
 * What a pilot said of its own end, in its file `shutdown_message`: a code of the convention's (3xx no work, 4xx banned,
 * 5xx site, 6xx grid-wide, 7xx transient) and a text; null where it said nothing. To be read when it has ended, before
 * its folder goes. Unknown where its file or its folder is not to be read, with the reason. Never throws.
 */
export function readLastWord(folder: WordFolder): Reading<LastWord | null> {
  return mapReading(readWord(folder, 'shutdown_message'), lastWordIn);
}

/** What a running pilot says that it does, in its file `activity`. Unknown as above. Never throws. */
export function readActivity(folder: WordFolder): Reading<PilotActivity> {
  return mapReading(readWord(folder, 'activity'), activityIn);
}

function readWord({ path, bounded }: WordFolder, name: string): Reading<string> {
  const excess = bounded ? null : beyondBounds(path);
  if (excess !== null) return unknown(excess);
  const word = readForeignFile(`${path}/${name}`);
  return isAbsent(word) ? known('') : word;
}

/** The first line of a `shutdown_message`: three digits and a text, or a text alone; null for an empty one. */
export function lastWordIn(text: string): LastWord | null {
  const line = firstLine(text);
  if (line === '') return null;
  const match = /^([1-9]\d\d)(?: (.*))?$/u.exec(line);
  return match === null ? { code: null, text: line } : { code: Number(match[1]), text: match[2] ?? '' };
}

/** The first line of an `activity`: `idle`, `busy`, `busy 45%`, `busy 0.45`, or the progress alone, which is busy. */
export function activityIn(text: string): PilotActivity {
  const [first = '', second = ''] = firstLine(text).toLowerCase().split(' ');
  if (first === 'idle') return { activity: 'idle', progress: null };
  if (first === 'busy') return { activity: 'busy', progress: progressIn(second) };
  const progress = progressIn(first);
  return progress === null ? silent : { activity: 'busy', progress };
}

function progressIn(word: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(word);
  if (match === null) return null;
  const share = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return share <= 1 ? share : null;
}
