import { type Pilot, type PilotActivity, silent } from '../model/pilot.ts';
import type { EngineView } from '../model/view.ts';
import { readActivity, type WordFolder } from '../sample/pilotWord.ts';

/** What a pilot says is read again after this long; so many of them, those who wait longest, at each look. */
const everyMs = 10_000;
const atOnce = 8;

interface Heard {
  readonly pilot: Pilot;
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
  /** In the order of their turn: who was read last, or came last, is at the end. */
  const heard = new Map<string, Heard>();
  let there: EngineView['pilots'] = [];
  let told: ReadonlyMap<string, PilotActivity> = new Map();
  return ({ pilots }, nowMs) => {
    const hasLeft = pilots !== there && follow(heard, pilots);
    there = pilots;
    const due = dueOf(heard, nowMs);
    let isOther = hasLeft;
    for (const { id, pilot, says: before } of due) {
      const word = readActivity(folderOf(pilot.name));
      const says = word.known ? word.value : silent;
      isOther ||= says.activity !== before.activity || says.progress !== before.progress;
      // At the end, from where it was.
      heard.delete(id);
      heard.set(id, { pilot, says, readAtMs: nowMs });
    }
    if (isOther) told = toldBy(heard);
    return told;
  };
}

/** Forgets those that are gone, which it tells, and takes in those that came. */
function follow(heard: Map<string, Heard>, pilots: readonly Pilot[]): boolean {
  const there = new Map(pilots.filter(mayTell).map((pilot) => [pilot.id, pilot]));
  const gone = [...heard.keys()].filter((id) => !there.has(id));
  for (const id of gone) heard.delete(id);
  const came = [...there].filter(([id]) => !heard.has(id));
  // Who has never been read comes first.
  const before = came.length === 0 ? [] : [...heard];
  if (came.length > 0) heard.clear();
  for (const [id, pilot] of came) heard.set(id, { pilot, says: silent, readAtMs: Number.NEGATIVE_INFINITY });
  for (const [id, one] of before) heard.set(id, one);
  return gone.length > 0;
}

/** Those that have waited longest, as many as are read at once. */
function dueOf(
  heard: ReadonlyMap<string, Heard>,
  nowMs: number,
): readonly (Heard & { readonly id: string })[] {
  const due: (Heard & { readonly id: string })[] = [];
  for (const [id, one] of heard) {
    if (due.length >= atOnce || nowMs - one.readAtMs < everyMs) break;
    due.push({ id, ...one });
  }
  return due;
}

function toldBy(heard: ReadonlyMap<string, Heard>): ReadonlyMap<string, PilotActivity> {
  const told = new Map<string, PilotActivity>();
  for (const [id, { says }] of heard) if (says.activity !== null) told.set(id, says);
  return told;
}

/** Those that bear a kind were given a folder. */
function mayTell({ managed, state, kind }: Pilot): boolean {
  return managed && kind !== null && (state === 'running' || state === 'paused');
}
