import { statSync } from 'node:fs';
import type { TopAnswer } from '../daemon/answers.ts';
import type { Places } from '../model/places.ts';
import type { PilotRecord } from '../model/history.ts';
import { queryHistory } from '../record/history.ts';
import { historyPath } from '../record/historyFiles.ts';
import { askAny, askStatus } from './statusClient.ts';

/** What `top` shows. */
export interface Look extends TopAnswer {
  /** The pilots that ended last, the newest first. */
  readonly ended: readonly PilotRecord[];
}

/** A terminal has no room for more. */
const mostEnded = 30;

/** Asks the daemon for all that is shown; null when it does not answer. One that knows less tells its status. */
export async function askTop(places: Places, signal: AbortSignal): Promise<TopAnswer | null> {
  const { isAnswered, body } = await askAny(places, '/top', { signal });
  if (body !== null || !isAnswered) return body as TopAnswer | null;
  const status = await askStatus(places, { signal });
  return status === null
    ? null
    : { status, pilots: null, kinds: null, node: null, pressure: null, decisions: [] };
}

/** The pilots that ended last, by the journal; it is read anew when it has grown only. */
export class LastEnded {
  readonly #places: Places;
  #mark = '';
  #ended: readonly PilotRecord[] = [];

  constructor(places: Places) {
    this.#places = places;
  }

  read(): readonly PilotRecord[] {
    const mark = markOf(historyPath(this.#places.logFolder, 0));
    if (mark === this.#mark) return this.#ended;
    this.#mark = mark;
    try {
      this.#ended = readEnded(this.#places, mostEnded);
    } catch {
      // A journal that may not be read tells nothing here: `history` says why.
      this.#ended = [];
    }
    return this.#ended;
  }
}

/** The last records of the journal, the newest first. Throws what the file system throws. */
export function readEnded({ logFolder }: Places, limit: number): readonly PilotRecord[] {
  const ended: PilotRecord[] = [];
  const all = { sinceMs: null, untilMs: null, kind: null, outcome: null, name: null } as const;
  queryHistory(logFolder, { ...all, order: 'newest', limit }, (match) => {
    const record = match.record();
    if (record !== null) ended.push(record);
  });
  return ended;
}

/** Another one when the file is another, or has grown. */
function markOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.size}`;
}
