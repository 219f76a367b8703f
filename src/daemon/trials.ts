import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPilotFolders, type PilotFolders } from '../act/pilotFolder.ts';
import type { Engine } from '../model/engine.ts';
import { bootId, startTicksOf } from '../sample/process.ts';
import type { Identity } from './ownership.ts';
import { writeWhole } from './wholeFile.ts';

/*
 * Pilots that somebody tries (`planctonctl try`) are nobody's slots and no daemon manages them. Their labels differ from
 * those of pilots, and tell which process looks after each: what such a process leaves behind when it is killed is removed
 * by whoever comes next, a daemon or another `try`.
 */

/** The label that says of which instance a tried pilot is, the one that names its process, and the one that proves both. */
const [tryLabel, processLabel, proofLabel] = [
  'io.plancton.try',
  'io.plancton.try.process',
  'io.plancton.try.proof',
];

/** The folders of tried pilots, which are not among those of the daemon's: it removes what it does not know there. */
export function trialFolders(runFolder: string, hostRunFolder: string | null): PilotFolders {
  return openPilotFolders(ownFolder(runFolder), hostRunFolder === null ? null : ownFolder(hostRunFolder));
}

const ownFolder = (runFolder: string): string => join(runFolder, 'try');
const marksFolder = (runFolder: string): string => join(ownFolder(runFolder), 'processes');

/** The labels of a tried pilot of this name that a process looks after: this very one. */
export function trialLabels(identity: Identity, name: string, process = ownMark()): Record<string, string> {
  return {
    [tryLabel]: identity.instance,
    [processLabel]: process,
    [proofLabel]: proofOf(identity, name, process),
  };
}

/** Notes in the run folder that a process, this one, looks after a pilot of this name; gives what takes that back. */
export function noteTrial(runFolder: string, name: string, process = ownMark()): () => void {
  const folder = marksFolder(runFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  writeWhole(file, process, 0o600);
  return () => rmSync(file, { force: true });
}

/** Names of tried pilots whose process is gone, as far as the run folder tells; costs next to nothing where there are none. */
export function orphansNoted(runFolder: string): readonly string[] {
  return marks(runFolder).flatMap(({ name, mark }) => (isGone(mark) ? [name] : []));
}

/**
 * Removes tried pilots of this instance whose process is gone, with their folders. Gives their names, and what could not be
 * removed; rejects with `EngineError` where the engine lists nothing.
 */
export async function sweepTrials(
  engine: Pick<Engine, 'list' | 'remove'>,
  identity: Identity,
  runFolder: string,
  signal: AbortSignal,
): Promise<{ readonly removed: readonly string[]; readonly troubles: readonly string[] }> {
  const listed = await engine.list({ labels: [`${tryLabel}=${identity.instance}`] }, signal);
  const removed: string[] = [];
  const troubles: string[] = [];
  const kept = new Set<string>();
  for (const { id, name, labels } of listed) {
    const mark = labels[processLabel] ?? '';
    const proof = Buffer.from(labels[proofLabel] ?? '');
    const expected = Buffer.from(proofOf(identity, name, mark));
    const isProven = proof.length === expected.length && timingSafeEqual(proof, expected);
    if (!isProven || !isGone(mark)) {
      kept.add(name);
      continue;
    }
    try {
      await engine.remove(id, signal);
      removed.push(name);
    } catch (error) {
      kept.add(name);
      troubles.push((error as Error).message);
    }
  }
  const trouble = await sweepFolders(runFolder, kept);
  return { removed, troubles: trouble === null ? troubles : [...troubles, trouble] };
}

/** Removes the folders of all but these, and of those that are only being made. */
async function sweepFolders(runFolder: string, kept: ReadonlySet<string>): Promise<string | null> {
  const noted = marks(runFolder);
  const dead = noted.filter(({ name, mark }) => isGone(mark) && !kept.has(name));
  const living = noted.filter((one) => !dead.includes(one)).map(({ name }) => name);
  const trouble = await trialFolders(runFolder, null).sweep(new Set([...kept, ...living]));
  if (trouble === null)
    for (const { name } of dead) rmSync(join(marksFolder(runFolder), name), { force: true });
  return trouble;
}

function marks(runFolder: string): readonly { readonly name: string; readonly mark: string }[] {
  const folder = marksFolder(runFolder);
  try {
    return readdirSync(folder).map((name) => ({ name, mark: readFileSync(join(folder, name), 'utf8') }));
  } catch {
    return [];
  }
}

function proofOf({ instance, secret }: Identity, name: string, process: string): string {
  return createHmac('sha256', secret.reveal()).update(`try\n${instance}\n${name}\n${process}`).digest('hex');
}

/** Names this process for good: the life of the node, where process numbers count, its number, and its start. */
export function ownMark(): string {
  const start = startTicksOf(process.pid);
  return [bootId(), pidNamespace(), process.pid, start.known ? start.value : 0].join(' ');
}

/** Whether this process is gone. Of another container's, whose numbers are not ours, nothing is known, nor of a mark that is being written. */
function isGone(mark: string): boolean {
  const [boot, space, pid, start] = mark.split(' ');
  if (start === undefined) return false;
  if (boot !== bootId()) return true;
  if (space !== pidNamespace()) return false;
  const found = startTicksOf(Number(pid));
  return !found.known || String(found.value) !== start;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
