import { setTimeout as wait } from 'node:timers/promises';
import type { ParentClass } from '../act/parentClass.ts';
import type { PilotFolders } from '../act/pilotFolder.ts';
import { loudGraceMs } from '../decide/loudness.ts';
import { ttlOf } from '../decide/outcome.ts';
import {
  type ContainerDetail,
  type Engine,
  EngineError,
  type EngineInfo,
  type PilotSpec,
} from '../model/engine.ts';
import { readLastWord } from '../sample/pilotWord.ts';
import type { Leaving } from './leaving.ts';
import { logRateOf, type Printing, printed } from './tryLog.ts';
import type { TriedEnd } from './tryStory.ts';

/** How often it is looked how the pilot does. */
const lookEveryMs = 1000;
/** The rest of its log is waited for so long after its end. */
const lastWordsMs = 5000;
/** An engine that has not answered for so long is given up. */
const silenceMs = 60_000;
/** So long after its grace the pilot is not waited for any more. */
const lateMs = 30_000;
/** A removal may take this. */
const removalMs = 60_000;
/** An engine that did not answer to a creation in time may make the container all the same, within this. */
const afterthoughtMs = 10_000;

/** What running a pilot once takes. */
export interface TryParts {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly spec: PilotSpec;
  readonly folders: PilotFolders;
  readonly parent: ParentClass;
  readonly leaving: Leaving;
  readonly say: (line: string) => void;
}

/** Runs one pilot, prints what it writes, and removes it whatever comes. Rejects with `EngineError`. */
export async function runOnce(parts: TryParts): Promise<TriedEnd> {
  const { engine, leaving } = parts;
  const id = await created(parts);
  try {
    if (leaving.atOnce.aborted) throw new EngineError('aborted', 'given up on request');
    return await lived(parts, id);
  } finally {
    await engine.remove(id, AbortSignal.timeout(removalMs));
  }
}

/** Never broken off: the container of a creation whose answer is lost has an id that nobody knows. */
async function created({ engine, spec, say }: TryParts): Promise<string> {
  try {
    return await engine.create(spec, new AbortController().signal);
  } catch (error) {
    const isLost =
      error instanceof EngineError && ['timeout', 'unreachable', 'failed', 'aborted'].includes(error.fault);
    if (isLost && !(await removedByName(engine, spec.name)))
      say(`The engine may have made ${spec.name} all the same: the daemon, or the next try, removes it`);
    throw error;
  }
}

/** Whether a container of this name turned up and was removed. */
async function removedByName(engine: Engine, name: string): Promise<boolean> {
  const signal = AbortSignal.timeout(afterthoughtMs);
  while (!signal.aborted) {
    try {
      const [found] = await engine.list({ namePrefix: name }, signal);
      if (found !== undefined) {
        await engine.remove(found.id, signal);
        return true;
      }
    } catch {
      // It is asked again, for as long as there is time.
    }
    await wait(lookEveryMs);
  }
  return false;
}

async function lived(parts: TryParts, id: string): Promise<TriedEnd> {
  const { engine, spec, folders, parent, leaving, say } = parts;
  const { kind, name } = spec;
  const whole = new AbortController();
  let endedBy: TriedEnd['endedBy'] = null;
  let goneByMs = Number.POSITIVE_INFINITY;
  const tell = (error: Error): void => void (whole.signal.aborted || say(error.message));
  const end = (by: 'ttl' | 'us' | 'log', words: string, graceMs = kind.stopGraceMs): void => {
    if (endedBy !== null) return;
    endedBy = by;
    goneByMs = performance.now() + graceMs + lateMs;
    say(words);
    tellFault(folders.announceEnd(name, Date.now() + graceMs), say);
    engine.stop(id, graceMs, whole.signal).catch(tell);
  };
  tellFault(folders.noteStart(name, Date.now()), say);
  await parent.lifted(() => engine.start(id, leaving.atOnce));
  leaving.onAsked(
    () => end('us', 'Giving it notice (again: kills it)'),
    () => void engine.kill(id, whole.signal).catch(tell),
  );
  const sinceMs = performance.now();
  const ttlMs = ttlOf(kind, name);
  const loudness = logRateOf(parts.info, kind, id, say);
  const log = printed(engine, id, whole.signal, say);
  try {
    let heardMs = sinceMs;
    let looksAfterLog = 0;
    for (let looks = 0; ; looks += 1) {
      if (log.isOver) await wait(Math.min(lookEveryMs, 100 * (looksAfterLog += 1)));
      else await within(log.ended, lookEveryMs);
      const nowMs = performance.now();
      const detail = await engine.inspect(id, whole.signal).catch((error: unknown) => {
        if (nowMs - heardMs < silenceMs && isPassing(error)) return null;
        throw error;
      });
      if (detail !== null) heardMs = nowMs;
      if (detail !== null && detail.state !== 'running' && detail.state !== 'paused')
        return await endOf(detail, parts, endedBy, log);
      if (looks === 0 && detail?.pid != null && parts.info.local)
        tellFault(await folders.confirm(name, detail.pid), say);
      if (nowMs > goneByMs)
        throw new EngineError('timeout', `${name} has not ended, ${lateMs / 1000} s after its grace`);
      if (nowMs - sinceMs > ttlMs) end('ttl', 'Its time is over: giving it notice');
      const loud = loudness(nowMs);
      if (loud !== null) end('log', loud, Math.min(kind.stopGraceMs, loudGraceMs));
    }
  } finally {
    whole.abort();
  }
}

async function endOf(
  detail: ContainerDetail,
  { folders, spec, say }: TryParts,
  endedBy: TriedEnd['endedBy'],
  log: Printing,
): Promise<TriedEnd> {
  await within(log.ended, lastWordsMs);
  if (!log.isOver) say(`The engine has not told all of its log, ${lastWordsMs / 1000} s after its end`);
  const word = readLastWord(folders.stateFolder(spec.name));
  if (!word.known) say(`What it said of its end is not read: ${word.reason}`);
  return { detail, said: word.known ? word.value : null, endedBy };
}

/** Waits for something, and no longer than this. */
async function within(awaited: Promise<void>, ms: number): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([awaited, wait(ms, undefined, { signal: over.signal }).catch(() => undefined)]);
  } finally {
    over.abort();
  }
}

/** What may be over in a moment: an engine that is restarted, or is busy. */
function isPassing(error: unknown): boolean {
  return error instanceof EngineError && error.fault !== 'not-found' && error.fault !== 'aborted';
}

function tellFault(trouble: string | null, say: (line: string) => void): void {
  if (trouble !== null) say(trouble);
}
