import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../model/log.ts';
import type { Tape, TapeFrame } from '../model/tape.ts';
import { errorLine } from './oneLine.ts';
import { TapeEncoder } from './tapeCodec.ts';
import { tapeFile, tapeFiles } from './tapeFiles.ts';

/** The file calls that it makes; a test lets some of them fail. */
export type TapeCalls = Pick<
  typeof fs,
  'openSync' | 'closeSync' | 'writeSync' | 'fstatSync' | 'rmSync' | 'mkdirSync'
>;

/** What a tape is made of. */
export interface TapeOptions {
  readonly folder: string;
  readonly log: Log;
  /** How long frames wait until they are written together; a daemon that is killed loses so much. */
  readonly waitMs?: number;
  /** Days that are kept, the one that goes on included: a whole week, and the beginning of the eighth day. */
  readonly keepDays?: number;
  readonly calls?: TapeCalls;
}

const defaultWaitMs = 60_000;
const defaultKeepDays = 8;
const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = fs.constants;

/**
 * The tape as the daemon writes it: one write a minute, at the end of the day's file, which is not held open. What cannot
 * be written is lost, and that is told once: a tape with a gap is as good as one of a daemon that did not run.
 */
export function createTape(options: TapeOptions): Tape {
  const { folder, log, waitMs = defaultWaitMs, keepDays = defaultKeepDays, calls = fs } = options;
  const encoder = new TapeEncoder();
  let waiting: number[] = [];
  let [file, sinceMs, lastMs] = ['', 0, 0];
  let tidied = '';
  let isFailing = false;

  function write(): void {
    if (waiting.length === 0) return;
    const bytes = Uint8Array.from(waiting);
    waiting = [];
    encoder.startBlock();
    try {
      append(file, bytes, calls);
      if (tidied !== file) removeOld(folder, keepDays, file, calls);
      tidied = file;
      if (isFailing) log.info(`what the node does is recorded again in ${folder}`);
      isFailing = false;
    } catch (error) {
      if (!isFailing)
        log.warn(
          `cannot record what the node does in ${folder}: ${errorLine(error)}; a replay will not know of it`,
        );
      isFailing = true;
    }
  }

  return {
    add(frame: TapeFrame): void {
      const name = tapeFile(folder, frame.wallMs);
      // A clock that goes back, as after a boot, begins anew, too.
      if (name !== file || frame.atMs < lastMs) write();
      if (waiting.length === 0) [file, sinceMs] = [name, frame.atMs];
      lastMs = frame.atMs;
      waiting.push(...encoder.encode(frame));
      if (frame.atMs - sinceMs >= waitMs) write();
    },
    close: write,
  };
}

function append(file: string, bytes: Uint8Array, calls: TapeCalls): void {
  calls.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Without O_NONBLOCK, a FIFO in its place would hold up the daemon for ever.
  const fd = calls.openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    if (!calls.fstatSync(fd).isFile()) throw new Error(`${file} is not a regular file`);
    for (let written = 0; written < bytes.length; ) written += calls.writeSync(fd, bytes, written);
  } finally {
    calls.closeSync(fd);
  }
}

/**
 * By their names and not by their age: a clock that is wrong after a boot must not cost the node its week. Files of later
 * days than the one that goes on are another clock's: they are no part of the week, and go when this clock has a whole one.
 */
function removeOld(folder: string, keepDays: number, current: string, calls: TapeCalls): void {
  const files = tapeFiles(folder);
  const past = files.filter((file) => file <= current);
  const later = files.filter((file) => file > current);
  const tooMany = past.slice(0, Math.max(0, past.length - keepDays));
  const useless = past.length >= keepDays ? later : later.slice(0, Math.max(0, later.length - keepDays));
  for (const file of [...tooMany, ...useless]) calls.rmSync(file, { force: true });
}
