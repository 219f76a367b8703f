import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyMemory, type Memory } from '../decide/types.ts';
import type { Log } from '../model/log.ts';
import { type ImageMemory, ofAnotherBoot } from './imageKeeper.ts';
import { putFile } from './wholeFile.ts';

/** What survives a restart of the daemon. */
export interface State {
  readonly memory: Memory;
  readonly image: ImageMemory | null;
}

/** Keeps the daemon's memory in one small file, written whole and renamed, and only when it changed. */
export interface StateStore {
  load(): State;
  saveWhenChanged(memory: Memory, image: ImageMemory): void;
}

const nothing: State = { memory: emptyMemory, image: null };

/**
 * A store in `folder`. Times in it are of one boot: after another boot only the images that we brought are believed.
 * A file that cannot be read costs its content, not the start: everything in it can be found out again.
 */
export function createStateStore(folder: string, bootId: string, log: Log): StateStore {
  const file = join(folder, 'memory.json');
  let saved: { memory: Memory; image: ImageMemory } | null = null;
  let failing = false;

  const write = (memory: Memory, image: ImageMemory): void => {
    // Means over the last minutes are begun anew by a restart: it may have lasted.
    const text = JSON.stringify({
      version: 1,
      bootId,
      memory: { ...memory, cpu: null, budget: null },
      image,
    });
    putFile(file, text, 0o600);
  };

  return {
    load() {
      try {
        return believed(JSON.parse(readFileSync(file, 'utf8')), bootId);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          log.warn(
            `memory of the last run ${file} cannot be read (${(error as Error).message}): beginning anew`,
          );
        }
        return nothing;
      }
    },
    saveWhenChanged(memory, image) {
      if (saved !== null && sameMemory(saved.memory, memory) && sameImage(saved.image, image)) return;
      try {
        write(memory, image);
        saved = { memory, image };
        if (failing) log.info(`memory is saved again to ${file}`);
        failing = false;
      } catch (error) {
        if (!failing)
          log.error(
            `cannot save the daemon's memory to ${file}: ${(error as Error).message}; going on without`,
          );
        failing = true;
      }
    },
  };
}

/** Makes a folder of ours when it is missing, for us alone; never changes one that is there. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/**
 * What is worth a write of its own. The running sums (the CPU accounts, the budget's means, the account of all time)
 * change at each tick: they are written along with the rest.
 */
const lasting = [
  'slots',
  'leaving',
  'spares',
  'shortSinceMs',
  'lastEvictionMs',
  'growth',
  'held',
  'senses',
  'wariness',
] as const satisfies readonly (keyof Memory)[];

function sameMemory(a: Memory, b: Memory): boolean {
  return lasting.every((key) => a[key] === b[key]);
}

function sameImage(a: ImageMemory, b: ImageMemory): boolean {
  return (
    a.reference === b.reference &&
    a.pulledAtMs === b.pulledAtMs &&
    a.refusal === b.refusal &&
    a.brought === b.brought &&
    a.superseded === b.superseded
  );
}

/** Believes what has the shape that we write, and times only of this boot. */
function believed(value: unknown, bootId: string): State {
  const state = value as { version?: unknown; bootId?: unknown; memory?: Memory; image?: ImageMemory };
  if (state.version !== 1 || !isMemory(state.memory)) throw new Error('it has not the expected shape');
  const image = isImage(state.image) ? state.image : null;
  if (state.bootId === bootId) return { memory: { ...emptyMemory, ...state.memory }, image };
  return { memory: emptyMemory, image: image === null ? null : ofAnotherBoot(image) };
}

function isMemory(value: unknown): value is Memory {
  const memory = value as Memory | undefined;
  return (
    Array.isArray(memory?.slots) &&
    memory.slots.every((slot) => typeof slot.failures === 'number' && typeof slot.notBeforeMs === 'number') &&
    Array.isArray(memory.leaving) &&
    (memory.spares === undefined || Array.isArray(memory.spares.pilots)) &&
    (memory.held === undefined || (Array.isArray(memory.held) && memory.held.every(isHeld))) &&
    (memory.senses === undefined || isMapping(memory.senses)) &&
    (memory.account === undefined || isMapping(memory.account))
  );
}

/** A record of what was taken from a pilot, whole enough to give it back. */
function isHeld(value: unknown): boolean {
  const held = value as Partial<Memory['held'][number]> | null;
  return typeof held?.pilot === 'string' && isMapping(held.rungs);
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isImage(value: unknown): value is ImageMemory {
  const image = value as ImageMemory | undefined;
  return (
    typeof image?.reference === 'string' && Array.isArray(image.brought) && Array.isArray(image.superseded)
  );
}
