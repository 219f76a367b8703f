import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, EngineError } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import { errorLine } from './oneLine.ts';
import { PilotLogDraft } from './pilotLogDraft.ts';
import { PilotLogRetention } from './pilotLogRetention.ts';
import { readWhole } from './pilotLogStream.ts';
import { Turns } from './turns.ts';

/** What keeping logs takes. */
export interface PilotLogOptions {
  /** The daemon's own log folder; logs of pilots are in `pilots` below it. */
  readonly logFolder: string;
  readonly log: Log;
  readonly retention: () => Settings['logRetention'];
  readonly wallMs?: () => number;
  readonly nowMs?: () => number;
  /** How long an engine may go without a word of a log, and how long a log may take in all. */
  readonly silenceMs?: number;
  readonly mostMs?: number;
  /** See `PilotLogRetention`. */
  readonly roomIn?: (folder: string) => Promise<number>;
}

/** The logs of pilots that have ended. */
export interface PilotLogs {
  /**
   * Keeps the log of one as `pilots/<name>.log`; one that wrote nothing has none. Never rejects; resolves in seconds,
   * whatever the engine does. Where `signal` aborts nothing is kept: the next daemon will do it.
   */
  keep(
    engine: Engine,
    pilot: { readonly id: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Looks through what is kept, and removes what is too old or too much. */
  tidy(): Promise<void>;
}

/** So many are read at a time: an engine that has hundreds to tell at once is busy enough. */
const atATime = 4;
/** How long one waits for its turn while those before it hang. */
const turnWithinMs = 20_000;
const defaultSilenceMs = 3000;
const defaultMostMs = 10_000;

/** Makes the keeper of logs. Nothing is made on the disk before the first log is kept. */
export function createPilotLogs(options: PilotLogOptions): PilotLogs {
  const { logFolder, log } = options;
  const folder = join(logFolder, 'pilots');
  const turns = new Turns(atATime);
  const bounds = {
    silenceMs: options.silenceMs ?? defaultSilenceMs,
    mostMs: options.mostMs ?? defaultMostMs,
  };
  const retention = new PilotLogRetention({
    folder,
    limits: options.retention,
    wallMs: options.wallMs ?? Date.now,
    nowMs: options.nowMs ?? (() => performance.now()),
    onTrouble: (text) => log.warn(text),
    ...(options.roomIn === undefined ? {} : { roomIn: options.roomIn }),
  });
  let lastTrouble = '';

  /** The same for pilot after pilot, on a disk that is full, is said once. */
  function tell(name: string, why: string): void {
    if (why !== lastTrouble) log.warn(`the log of ${name} is not kept whole: ${why}`);
    lastTrouble = why;
  }

  async function keepOne(
    engine: Engine,
    { id, name }: { readonly id: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o750 });
    if (!(await retention.hasRoom())) return tell(name, `the disk of ${folder} is nearly full`);
    const draft = new PilotLogDraft(join(folder, fileName(name, id)), options.retention().perPilotBytes);
    try {
      const why = await readWhole(engine, id, (bytes) => draft.take(bytes), bounds, signal);
      if (signal.aborted) return;
      if (why !== '') tell(name, why.replaceAll(id, name));
      else lastTrouble = '';
      if (draft.takenBytes === 0) return;
      const bytes = await draft.finish(why === '' ? '' : `the rest is missing: ${why}`);
      void retention.added(bytes);
    } finally {
      draft.discard();
    }
  }

  return {
    async keep(engine, pilot, signal) {
      if (options.retention().perPilotBytes <= 0) return;
      try {
        await turns.take(() => keepOne(engine, pilot, signal), turnWithinMs, signal);
      } catch (error) {
        const isGone = error instanceof EngineError && error.fault === 'not-found';
        if (!isGone && !signal.aborted) tell(pilot.name, errorLine(error).replaceAll(pilot.id, pilot.name));
      }
    },
    tidy: () => retention.look(),
  };
}

/** Containers have names that are fit for files; whatever it is, it must not lead out of the folder. */
function fileName(name: string, id: string): string {
  const isFit = /^[A-Za-z0-9][\w.-]{0,200}$/.test(name);
  return `${isFit ? name : id.replaceAll(/\W/g, '_')}.log`;
}
