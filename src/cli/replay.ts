import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { explainCheck } from '../config/explain.ts';
import { loadSettings } from '../config/load.ts';
import { createProfileStore } from '../daemon/profileStore.ts';
import { reservedOf } from '../decide/reserve.ts';
import type { PilotRecord } from '../model/history.ts';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import type { Settings } from '../model/settings.ts';
import { queryHistory } from '../record/history.ts';
import { readTape, type TapeReading, type TapeRange, tapeFolder } from '../record/tapeFiles.ts';
import { kindPolicyOf } from '../daemon/policy.ts';
import { type Comparison, replay as compare } from '../replay/replay.ts';
import { UserFault } from './fault.ts';
import { instantOf, localTime } from './historyOptions.ts';
import { Output, writeOut } from './output.ts';
import { notesOf } from './replayNotes.ts';
import { ProgressLine } from './progressLine.ts';
import { Progress } from './replayProgress.ts';
import { rulesOf } from './replayRules.ts';
import { jsonOf, tableOf } from './replayText.ts';

/** What `planctonctl replay` is told, as the user wrote it. */
export interface ReplayOptions {
  readonly config: string;
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
}

/** What a replay tells. */
export interface ReplayTold extends Comparison {
  readonly file: string;
  /** Of the recording: Unix milliseconds. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** What the reader has to know of it. */
  readonly notes: readonly string[];
}

/** The rules are asked each second, as the daemon asks them. */
const tickMs = 1000;
/** Two replays of the same are the same. */
const seed = 1;
const quiet: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * Lives through what was recorded of this node once more by another configuration and by the one in force, and prints
 * what either would have harvested beside what was. Reads files, and does nothing else: no engine is asked or told. Gives
 * the exit code: 1 where the configuration has faults. Throws `UserFault` where nothing is recorded. `write` is standard output.
 */
export function replay(places: Places, options: ReplayOptions, write = writeOut): number {
  const proposed = settingsOf(options.config);
  const inForce = settingsInForce(places);
  if (proposed === null) return 1;
  const folder = tapeFolder(places.stateFolder);
  const tape = readTape(folder);
  const range = rangeOf(tape, options, folder);
  const told = tellOf(places, tape, range, inForce, proposed, options);
  const output = new Output(write);
  const lines = options.json === true ? [jsonOf(told)] : tableOf(told);
  for (const line of lines) output.line(line);
  output.end();
  return 0;
}

function tellOf(
  places: Places,
  tape: TapeReading,
  range: TapeRange,
  inForce: Settings,
  proposed: Settings,
  { config }: ReplayOptions,
): ReplayTold {
  const whole = tape.frames(allTime);
  const profile = createProfileStore(places.stateFolder, quiet).load();
  const around = { inForce, profile, seed };
  const kinds = {
    kinds: inForce.kinds.map((kind) => kindPolicyOf(kind, inForce.signs.zones, range.untilMs)),
  };
  const progress = new Progress(new ProgressLine(), range, () => performance.now());
  const comparison = compare(
    { frames: tape.frames(range), allFrames: whole, records: recordsIn(places, tape), kinds },
    {
      inForce: rulesOf(inForce, around),
      proposed: rulesOf(proposed, around),
      reserveOf: (bytes) => reservedOf(inForce.reserve.memory, bytes),
      tickMs,
      seed,
      onProgress: (run, wallMs) => progress.reached(run, wallMs),
    },
  );
  progress.end();
  const { sinceMs, untilMs } = range;
  const notes = notesOf({ comparison, inForce, proposed, frames: tape.frames(range) });
  return { ...comparison, file: config, sinceMs, untilMs, notes };
}

/** Pilots that ended while it was recorded; what they were like tells what pilots are like. */
function recordsIn(places: Places, tape: TapeReading): readonly PilotRecord[] {
  const records: PilotRecord[] = [];
  const filter = {
    sinceMs: tape.extent(allTime)?.sinceMs ?? null,
    untilMs: null,
    kind: null,
    outcome: null,
    name: null,
  };
  queryHistory(places.logFolder, { ...filter, order: 'oldest', limit: Number.POSITIVE_INFINITY }, (match) => {
    const record = match.record();
    if (record !== null) records.push(record);
  });
  return records;
}

const allTime: TapeRange = { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

/** What of the tape is meant: all of it unless something else is asked for. */
function rangeOf(tape: TapeReading, { since, until }: ReplayOptions, folder: string): TapeRange {
  const nowMs = Date.now();
  const wanted: TapeRange = {
    sinceMs: since === undefined ? allTime.sinceMs : instantOf('--since', since, nowMs),
    untilMs: until === undefined ? allTime.untilMs : instantOf('--until', until, nowMs),
  };
  const all = tape.extent(allTime);
  if (all === null)
    throw new UserFault(
      `${folder}: nothing is recorded yet; a daemon records from its first minutes on: come back when it has seen what you want to replay`,
    );
  const there = tape.extent(wanted);
  if (there !== null) return { sinceMs: there.sinceMs, untilMs: there.untilMs + 1 };
  throw new UserFault(
    `${folder}: nothing is recorded of that time; there is ${localTime(all.sinceMs)} to ${localTime(all.untilMs)}`,
  );
}

/** Null, and every fault told as `check` tells it, where the file cannot be put in force. */
function settingsOf(file: string): Settings | null {
  if (!existsSync(file)) throw new UserFault(`${file}: there is no such file`);
  const result = loadSettings(file);
  if (result.ok) return result.settings;
  process.stderr.write(`${explainCheck(file, result).trimEnd()}\n`);
  return null;
}

/** What a daemon has in force: the last good one where the file has faults. */
function settingsInForce({ configFile, stateFolder }: Places): Settings {
  for (const file of [configFile, join(stateFolder, 'last-good.yaml')]) {
    const result = loadSettings(file);
    if (result.ok) return result.settings;
  }
  throw new UserFault(`${configFile} has faults (planctonctl check tells which): nothing to compare with`);
}

function nothing(): void {
  // What a daemon would log of a file of its own is no concern of a replay's.
}
