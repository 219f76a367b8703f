import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import type { PilotFolders } from '../act/pilotFolder.ts';
import { loadSettings } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { loadIdentity } from '../daemon/identity.ts';
import { ownVariables } from '../daemon/pilotSpecs.ts';
import type { Identity } from '../daemon/ownership.ts';
import { makeFolder } from '../daemon/stateStore.ts';
import { noteTrial, sweepTrials, trialFolders, trialLabels } from '../daemon/trials.ts';
import { ttlOf } from '../decide/outcome.ts';
import { type Engine, EngineError, type EngineInfo, type PilotSpec } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import type { Places } from '../model/places.ts';
import type { Settings } from '../model/settings.ts';
import { UserFault } from './fault.ts';
import { type Leaving, leaveOnSignals } from './leaving.ts';
import { pulled } from './pullProgress.ts';
import { engineOf } from './theEngine.ts';
import { tryParent } from './tryParent.ts';
import { runOnce } from './tryRun.ts';
import { storyOf, type TriedEnd } from './tryStory.ts';

/** What was left behind by others is looked for this long at most. */
const sweepMs = 30_000;

/**
 * Runs one pilot of a kind in the foreground, made as the daemon makes it, where the daemon's pilots run, prints what it
 * writes, and explains its end. Ctrl-C gives it notice, a second one kills it. Gives 0 where it finished or found no work, 1
 * otherwise. Nothing of it is left; when this process is killed, the daemon or the next try removes it. The daemon has no
 * other part in it: it takes no slot, and is not shrunk, paused or evicted for the owner's sake.
 */
export async function tryKind(places: Places, name: string): Promise<number> {
  const settings = settingsOf(places);
  const kind = kindMeant(settings, name);
  const identity = identityOf(places);
  const leaving = leaveOnSignals();
  try {
    const { engine, info } = await engineOf(settings.engine, leaving.atOnce);
    await sweep(engine, identity, places);
    await haveImage(engine, kind, leaving.atOnce);
    const tried = await tryOne(places, settings, kind, identity, engine, info, leaving);
    const { outcome, lines } = storyOf(kind, tried);
    for (const line of lines) say(line);
    return outcome === 'finished' || outcome === 'no-work' ? 0 : 1;
  } catch (error) {
    throw error instanceof EngineError ? new UserFault(error.message) : error;
  } finally {
    leaving.forget();
  }
}

async function tryOne(
  { runFolder }: Places,
  settings: Settings,
  kind: Kind,
  identity: Identity,
  engine: Engine,
  info: EngineInfo,
  leaving: Leaving,
): Promise<TriedEnd> {
  const letters = randomBytes(3).toString('hex');
  const name = `plancton-try-${letters}`;
  const folders = trialFolders(runFolder, settings.hostRunFolder);
  folders.useEngine(info);
  const forget = noteTrial(runFolder, name);
  const place = await tryParent(info, identity.instance, settings, leaving.atOnce);
  try {
    const made = await specOf(name, folders, kind, settings, info);
    const spec: PilotSpec = {
      ...made,
      hostname: `plancton-${hostname().slice(0, 40)}-${letters}`,
      labels: { ...kind.labels, ...trialLabels(identity, name) },
      cgroupParent: place.cgroup,
    };
    say(`Starting ${name}, a pilot of kind ${kind.name}, of image ${kind.image}`);
    say(place.words);
    return await runOnce({ engine, info, spec, folders, parent: place.parent, leaving, say });
  } finally {
    const trouble = await folders.remove(name);
    if (trouble !== null) say(trouble);
    forget();
    place.close();
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

/** The daemon's own, made where it is not there: what is left behind is known by it. */
function identityOf({ runFolder, stateFolder }: Places): Identity {
  try {
    makeFolder(runFolder);
    makeFolder(stateFolder);
    return loadIdentity(stateFolder, runFolder);
  } catch (error) {
    throw new UserFault(`nothing is tried: ${(error as Error).message}`);
  }
}

/** Removes what a try has left behind that was killed; what cannot be removed is no reason not to try. */
async function sweep(engine: Engine, identity: Identity, { runFolder }: Places): Promise<void> {
  try {
    const signal = AbortSignal.timeout(sweepMs);
    const { removed, troubles } = await sweepTrials(engine, identity, runFolder, signal);
    for (const name of removed) say(`Removed ${name}, which a try that was killed had left behind`);
    for (const text of troubles) say(text);
  } catch (error) {
    say((error as Error).message);
  }
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
    await pulled(image, (onProgress) => engine.pull(image, signal, onProgress));
  } catch (error) {
    if (local === null || signal.aborted) throw error;
    say(`${(error as Error).message}: the local image is used`);
  }
}

/** What the daemon would tell a pilot of this kind, and where. */
async function specOf(
  name: string,
  folders: PilotFolders,
  kind: Kind,
  settings: Settings,
  info: EngineInfo,
): Promise<Pick<PilotSpec, 'name' | 'kind' | 'env' | 'binds'>> {
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
    nodeCpus: info.local ? availableParallelism() : info.cpuCount,
    hs06: settings.hs06,
  });
  return { name, kind, env: { ...own, ...env }, binds };
}
