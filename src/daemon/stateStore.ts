import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKind } from '../decide/kindMemory.ts';
import { emptyMemory, type Memory } from '../decide/types.ts';
import type { KnownPilot } from '../model/history.ts';
import type { Log } from '../model/log.ts';
import { believedPilots, pilotShape } from './knownPilots.ts';
import { believedImages, type ImageMemory, ofAnotherBoot, sameImages } from './imageMemory.ts';
import { putFile } from './wholeFile.ts';

/** What survives a restart of the daemon. */
export interface State {
  readonly memory: Memory;
  readonly images: ImageMemory | null;
  /** Pilots that have no record yet. */
  readonly pilots: readonly KnownPilot[];
}

/** Keeps the daemon's memory in one small file, written whole and renamed, and only when it changed. */
export interface StateStore {
  load(): State;
  saveWhenChanged(memory: Memory, images: ImageMemory, pilots: readonly KnownPilot[]): void;
  /** Saves what was saved last with these pilots: some may have their records since. */
  savePilots(pilots: readonly KnownPilot[]): void;
}

const nothing: State = { memory: emptyMemory, images: null, pilots: [] };

/**
 * A store in `folder`. Times in it are of one boot: after another boot only the images that we brought, and which pilots
 * there were, are believed.
 * A file that cannot be read costs its content, not the start: everything in it can be found out again.
 */
export function createStateStore(folder: string, bootId: string, log: Log): StateStore {
  const file = join(folder, 'memory.json');
  let saved: { memory: Memory; images: ImageMemory; pilots: readonly KnownPilot[] } | null = null;
  let failing = false;

  const write = (memory: Memory, images: ImageMemory, pilots: readonly KnownPilot[]): void => {
    // Means over the last minutes are begun anew by a restart: it may have lasted.
    const text = JSON.stringify({
      version: 1,
      bootId,
      memory: { ...memory, cpu: null, budget: null },
      images,
      pilots: pilots.map(pilotShape),
    });
    putFile(file, text, 0o600);
  };

  const store: StateStore = {
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
    saveWhenChanged(memory, images, pilots) {
      const isSame =
        saved?.pilots === pilots && sameMemory(saved.memory, memory) && sameImages(saved.images, images);
      if (isSame) return;
      try {
        write(memory, images, pilots);
        saved = { memory, images, pilots };
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
    savePilots(pilots) {
      if (saved !== null) store.saveWhenChanged(saved.memory, saved.images, pilots);
    },
  };
  return store;
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
  'signWariness',
  'kinds',
  'renewals',
  'ordersTaken',
] as const satisfies readonly (keyof Memory)[];

function sameMemory(a: Memory, b: Memory): boolean {
  return lasting.every((key) => a[key] === b[key]);
}

/** Believes what has the shape that we write, and times only of this boot. */
function believed(value: unknown, bootId: string): State {
  const state = value as Readonly<
    Record<'version' | 'bootId' | 'memory' | 'images' | 'image' | 'pilots', unknown>
  >;
  if (state.version !== 1 || !isMemory(state.memory)) throw new Error('it has not the expected shape');
  const images = believedImages(state.images, state.image);
  const isThisBoot = state.bootId === bootId;
  const pilots = believedPilots(state.pilots, isThisBoot);
  if (isThisBoot) return { memory: wholeMemory(state.memory), images, pilots };
  return { memory: emptyMemory, images: images === null ? null : ofAnotherBoot(images), pilots };
}

/** What an earlier version wrote of containers that are ready says not of which kind: those are made anew. */
function wholeMemory(memory: Memory): Memory {
  const whole = { ...emptyMemory, ...memory };
  const pilots = whole.spares.pilots.filter(({ kind }) => typeof kind === 'string');
  const kinds = Object.fromEntries(
    Object.entries(whole.kinds).flatMap(([name, kind]) =>
      isKindMemory(kind) ? [[name, { ...newKind, ...kind }]] : [],
    ),
  );
  return { ...whole, kinds, spares: { ...whole.spares, pilots } };
}

function isKindMemory(value: unknown): boolean {
  const kind = value as Partial<Memory['kinds'][string]> | null;
  const use = kind?.use;
  return [use?.cpuMs, use?.creditMs, use?.atMs].every(Number.isFinite) && Array.isArray(kind?.lives);
}

function isRenewal(value: unknown): boolean {
  const renewal = value as Partial<Memory['renewals'][number]> | null;
  return typeof renewal?.beforeMs === 'number' && typeof renewal.now === 'boolean';
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
    (memory.account === undefined || isMapping(memory.account)) &&
    (memory.kinds === undefined || isMapping(memory.kinds)) &&
    (memory.renewals === undefined || (Array.isArray(memory.renewals) && memory.renewals.every(isRenewal))) &&
    (memory.ordersTaken === undefined ||
      (Array.isArray(memory.ordersTaken) && memory.ordersTaken.every((file) => typeof file === 'string')))
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
