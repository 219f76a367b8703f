import { type Pilot, type PilotActivity, silent } from '../model/pilot.ts';
import type { EngineView } from '../model/view.ts';
import { readActivity, type WordFolder } from '../sample/pilotWord.ts';

/** What a pilot says is read again after this long; so many of them, those who wait longest, at each look. */
const everyMs = 10_000;
const atOnce = 8;

interface Heard {
  readonly says: PilotActivity;
  readonly readAtMs: number;
}

/** What running pilots say that they do, by container id; those that say nothing, or were not read yet, are not in it. */
export type ActivityWatch = (engine: EngineView, nowMs: number) => ReadonlyMap<string, PilotActivity>;

/**
 * Reads, in turn, what pilots of ours say in their folders. What cannot be read says nothing: it is not known that its
 * work can be spared.
 */
export function createActivityWatch(folderOf: (name: string) => WordFolder): ActivityWatch {
  const heard = new Map<string, Heard>();
  return ({ pilots }, nowMs) => {
    const there = pilots.filter(mayTell);
    const ids = new Set(there.map(({ id }) => id));
    for (const id of heard.keys()) if (!ids.has(id)) heard.delete(id);
    const readAt = ({ id }: Pilot): number => heard.get(id)?.readAtMs ?? Number.NEGATIVE_INFINITY;
    const due = there.filter((pilot) => nowMs - readAt(pilot) >= everyMs);
    for (const pilot of due.toSorted((a, b) => readAt(a) - readAt(b)).slice(0, atOnce)) {
      const word = readActivity(folderOf(pilot.name));
      heard.set(pilot.id, { says: word.known ? word.value : silent, readAtMs: nowMs });
    }
    const told = new Map<string, PilotActivity>();
    for (const [id, { says }] of heard) if (says.activity !== null) told.set(id, says);
    return told;
  };
}

/** Those that bear a kind were given a folder. */
function mayTell({ managed, state, kind }: Pilot): boolean {
  return managed && kind !== null && (state === 'running' || state === 'paused');
}
