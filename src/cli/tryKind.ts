import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPilotFolders, type PilotFolders } from '../act/pilotFolder.ts';
import { loadSettings } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { ownVariables } from '../daemon/pilotSpecs.ts';
import { ttlOf } from '../decide/outcome.ts';
import { type ContainerDetail, type Engine, EngineError, type PilotSpec } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import type { Places } from '../model/places.ts';
import type { Settings } from '../model/settings.ts';
import { readLastWord } from '../sample/pilotWord.ts';
import { UserFault } from './fault.ts';
import { openOutput } from './logOutput.ts';
import { engineOf } from './theEngine.ts';
import { storyOf, type TriedEnd } from './tryStory.ts';

/** Marks a container as one that somebody tries: no daemon looks at it. */
const tryLabel = 'io.plancton.try';
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs one pilot of a kind in the foreground, made as the daemon makes it, prints what it writes, and explains its end.
 * Ctrl-C gives it notice, a second one kills it. Gives 0 where it finished or found no work, 1 otherwise. Nothing of it
 * is left, and the daemon has no part in it: it takes no slot, and for the daemon it is the owner's.
 */
export async function tryKind(places: Places, name: string): Promise<number> {
  const settings = settingsOf(places);
  const kind = kindMeant(settings, name);
  const folder = mkdtempSync(join(tmpdir(), 'plancton-try-'));
  const leaving = leaveOnSignals();
  try {
    const { engine, info } = await engineOf(settings.engine, leaving.atOnce);
    await haveImage(engine, kind, leaving.atOnce);
    const folders = openPilotFolders(folder, settings.hostRunFolder);
    folders.useEngine(info);
    const spec = await specOf(folders, kind, settings);
    try {
      const tried = await runOnce(engine, spec, folders, leaving);
      const { outcome, lines } = storyOf(kind, tried);
      for (const line of lines) say(line);
      return outcome === 'finished' || outcome === 'no-work' ? 0 : 1;
    } finally {
      const trouble = await folders.remove(spec.name);
      if (trouble !== null) say(trouble);
    }
  } catch (error) {
    throw error instanceof EngineError ? new UserFault(error.message) : error;
  } finally {
    leaving.forget();
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function settingsOf(places: Places): Settings {
  const result = loadSettings(places.configFile);
  if (result.ok) return result.settings;
  throw new UserFault(`${places.configFile} has faults, and nothing is tried: planctonctl check tells which`);
}

function kindMeant({ kinds }: Settings, name: string): Kind {
  const kind = kinds.find((one) => one.name === name);
  if (kind !== undefined) return kind;
  const names = kinds.map((one) => one.name);
  const near = nearest(name, names);
  const hint = near === null ? `; there are ${names.join(', ')}` : `; did you mean ${near}?`;
  throw new UserFault(`there is no kind ${name}${hint}`);
}

/** An image as the kind's `pull` has it: asked for anew, unless that is not wanted; what is there does where it fails. */
async function haveImage(engine: Engine, { image, pull }: Kind, signal: AbortSignal): Promise<void> {
  const local = await engine.findImage(image, signal);
  if (pull === 'never' || (pull === 'missing' && local !== null)) return;
  say(`Pulling image ${image}`);
  try {
    await engine.pull(image, signal);
  } catch (error) {
    if (local === null || signal.aborted) throw error;
    say(`${(error as Error).message}: the local image is used`);
  }
}

async function specOf(folders: PilotFolders, kind: Kind, settings: Settings): Promise<PilotSpec> {
  const name = `plancton-try-${randomBytes(3).toString('hex')}`;
  const own = ownVariables(kind);
  const { env, binds } = await folders.make({
    name,
    kind: kind.name,
    node: hostname(),
    cpus: kind.cpus,
    memoryBytes: kind.memoryBytes,
    swapBytes: kind.swapBytes,
    ttlMs: ttlOf(kind, name),
    stopGraceMs: kind.stopGraceMs,
    nodeCpus: availableParallelism(),
    hs06: settings.hs06,
  });
  return {
    name,
    hostname: name,
    kind,
    labels: { [tryLabel]: kind.name },
    cgroupParent: null,
    env: { ...own, ...env },
    binds,
  };
}

async function runOnce(
  engine: Engine,
  spec: PilotSpec,
  folders: PilotFolders,
  leaving: Leaving,
): Promise<TriedEnd> {
  const whole = new AbortController();
  const id = await engine.create(spec, leaving.atOnce);
  try {
    say(`Starting ${spec.name}, a pilot of kind ${spec.kind.name}, of image ${spec.kind.image}`);
    folders.noteStart(spec.name, Date.now());
    await engine.start(id, leaving.atOnce);
    let endedBy: TriedEnd['endedBy'] = null;
    const end = (by: 'ttl' | 'us'): void => {
      endedBy ??= by;
      say(by === 'us' ? 'Giving it notice (again: kills it)' : 'Its time is over: giving it notice');
      folders.announceEnd(spec.name, Date.now() + spec.kind.stopGraceMs);
      engine.stop(id, spec.kind.stopGraceMs, whole.signal).catch((error: Error) => say(error.message));
    };
    leaving.onAsked(() => end('us'));
    leaving.onUrged(() => void engine.kill(id, whole.signal).catch((error: Error) => say(error.message)));
    const timer = setTimeout(() => end('ttl'), Math.min(ttlOf(spec.kind, spec.name), 2 ** 31 - 1));
    await printed(engine, id, whole.signal);
    clearTimeout(timer);
    const detail = await ended(engine, id, whole.signal);
    const word = readLastWord(folders.stateFolder(spec.name));
    return { detail, said: word.known ? word.value : null, endedBy };
  } finally {
    whole.abort();
    await engine.remove(id, AbortSignal.timeout(30_000));
  }
}

/** Prints what it writes until its end; without a log that can be read, its end is waited for all the same. */
async function printed(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  const output = openOutput(() => undefined);
  try {
    const all = { follow: true, tailBytes: null };
    await engine.logs(id, all, (stream, bytes) => output.take(stream, bytes), signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault !== 'rejected') throw error;
    say(error.message);
  }
}

const lookEveryMs = 200;

/** The engine may tell of the end a moment after the log's. */
async function ended(engine: Engine, id: string, signal: AbortSignal): Promise<ContainerDetail> {
  for (;;) {
    const detail = await engine.inspect(id, signal);
    if (detail.state === 'ended' || detail.state === 'created') return detail;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

interface Leaving {
  /** Aborts at the first signal, while there is no pilot yet that could be asked to go. */
  readonly atOnce: AbortSignal;
  onAsked(ask: () => void): void;
  onUrged(urge: () => void): void;
  forget(): void;
}

function leaveOnSignals(): Leaving {
  const abort = new AbortController();
  let asked: (() => void) | null = null;
  let urged: (() => void) | null = null;
  let times = 0;
  const take = (): void => {
    times += 1;
    if (asked === null) abort.abort();
    else if (times === 1) asked();
    else urged?.();
  };
  for (const signal of signals) process.on(signal, take);
  return {
    atOnce: abort.signal,
    onAsked: (ask) => {
      asked = ask;
    },
    onUrged: (urge) => {
      urged = urge;
    },
    forget: () => {
      for (const signal of signals) process.removeListener(signal, take);
    },
  };
}
