import type { Actor } from '../act/actor.ts';
import { openPilotFolders, type PilotFolders, type PilotPlace, type StateBound } from '../act/pilotFolder.ts';
import type { PilotFacts } from '../act/pilotFolderFeatures.ts';
import type { Sample } from '../decide/types.ts';
import type { Action, ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { LastWord } from '../model/pilot.ts';
import { readLastWord, type WordFolder } from '../sample/pilotWord.ts';

/** With nothing that may have left a folder behind, it is looked for one this often: others remove pilots, too. */
const sweepEveryMs = 600_000;

/** What looking after pilots' folders takes. */
export interface CareParts {
  readonly runFolder: string;
  /** Where the run folder is for the engine, when it is elsewhere than for us. */
  readonly hostRunFolder: string | null;
  readonly clock: Clock;
  readonly log: Log;
  /** The first process of a container of ours that has just been started; null where it cannot be told. */
  firstProcessOf(id: string): number | null;
}

/** Keeps what pilots are told, and where they may speak, in step with what is done to them. */
export class PilotCare {
  readonly #folders: PilotFolders;
  readonly #parts: CareParts;
  #notSweptBeforeMs = 0;
  #isConfirmed = false;
  /** Pilots whose end is announced: an order that is repeated moves it no further away. */
  readonly #announced = new Set<string>();

  constructor(parts: CareParts) {
    this.#folders = openPilotFolders(parts.runFolder, parts.hostRunFolder);
    this.#parts = parts;
  }

  useEngine(info: EngineInfo): void {
    this.#folders.useEngine(info);
    this.#isConfirmed = false;
  }

  /** Makes a pilot's folders; rejects with `EngineError`. */
  async place(facts: PilotFacts): Promise<PilotPlace> {
    const place = await this.#folders.make(facts);
    this.#say(this.#folders.noteStart(facts.name, this.#parts.clock.wallMs()));
    return place;
  }

  /** The actor, with pilots told what is begun with them: their start, and the time at which they must be gone. */
  around(actor: Actor): Actor {
    return {
      ...actor,
      begin: (action) => {
        this.#announce(action);
        actor.begin(action);
      },
    };
  }

  /** What the pilot of this name said of its end; what cannot be read is told, and is no word. */
  lastWordOf(name: string): LastWord | null {
    const word = readLastWord(this.#folders.stateFolder(name));
    if (word.known) return word.value;
    this.#say(`what pilot ${name} said of its end is not read: ${word.reason}`);
    return null;
  }

  /** Where the pilot of this name may write what it has to say. */
  stateFolder(name: string): WordFolder {
    return this.#folders.stateFolder(name);
  }

  /** What bounds what pilots may write into their folders. */
  bound(): StateBound {
    return this.#folders.bound();
  }

  /** Takes what became of an action: who is gone needs no folder, and the first that runs shows whether it has its own. */
  noteResult({ action, fact, ok }: ActionResult): void {
    if (fact?.of === 'end') this.#tell(this.#folders.remove(fact.report.name));
    if (action.do === 'discard' && ok) this.#tell(this.#folders.remove(action.name));
    // It may have left a folder, and where its answer was lost a container, too: that is known in a while.
    if ((action.do === 'start' || action.do === 'prepare') && !ok) this.#notSweptBeforeMs = 0;
    if (fact?.of === 'start' && action.do === 'start') this.#confirm(action.name, fact.id);
  }

  /**
   * Announces the end of all pilots that the schedule has in sight; removes, now and then, the folders of pilots that
   * are not there: what a daemon that was killed has left.
   */
  look({ atMs, engine, inFlight, host }: Sample): void {
    const { window } = host.signs;
    if (window?.open !== false) {
      const closesInMs = window?.changesInMs ?? Number.POSITIVE_INFINITY;
      const wallMs = Number.isFinite(closesInMs) ? this.#parts.clock.wallMs() + closesInMs : null;
      this.#say(this.#folders.announceNodeEnd(wallMs));
    }
    const isQuiet = !inFlight.some(({ action }) => action.do === 'start' || action.do === 'prepare');
    if (!engine.listed || !isQuiet || atMs < this.#notSweptBeforeMs) return;
    this.#notSweptBeforeMs = atMs + sweepEveryMs;
    const there = new Set(engine.pilots.map(({ name }) => name));
    for (const name of this.#announced) if (!there.has(name)) this.#announced.delete(name);
    this.#tell(this.#folders.sweep(there));
  }

  #confirm(name: string, id: string): void {
    if (this.#isConfirmed || this.bound().bound !== 'mounted') return;
    const pid = this.#parts.firstProcessOf(id);
    if (pid === null) return;
    this.#isConfirmed = true;
    this.#tell(this.#folders.confirm(name, pid));
  }

  #announce(action: Action): void {
    const wallMs = this.#parts.clock.wallMs();
    if (action.do === 'start' && action.prepared !== undefined)
      this.#say(this.#folders.noteStart(action.name, wallMs));
    if (action.do !== 'stop' || this.#announced.has(action.name)) return;
    this.#announced.add(action.name);
    this.#say(this.#folders.announceEnd(action.name, wallMs + action.graceMs));
  }

  #tell(work: Promise<string | null>): void {
    void work.then((trouble) => this.#say(trouble));
  }

  #say(trouble: string | null): void {
    if (trouble !== null) this.#parts.log.warn(trouble);
  }
}
