import { kindNameOf, type KindPolicies, ruleFor } from '../decide/kindPolicy.ts';
import type { PilotRecord } from '../model/history.ts';
import type { TapeFrame } from '../model/tape.ts';
import type { Harvest } from './harvest.ts';
import { type Life, lifeOf } from './lives.ts';
import { Natures } from './natures.ts';
import { realityOf } from './reality.ts';
import { relive, type Rules } from './relive.ts';
import { Supply } from './supply.ts';

/** What was recorded of a node. */
export interface Recording {
  /** The part that is lived through again. */
  readonly frames: Iterable<TapeFrame>;
  /** All of it: what pilots are like is told by all that ended in it. */
  readonly allFrames: Iterable<TapeFrame>;
  /** Pilots that have ended, the oldest first. */
  readonly records: readonly PilotRecord[];
  /** Rules about kinds as they were then. */
  readonly kinds: KindPolicies;
}

/** What is asked of a recording. */
export interface Question {
  readonly inForce: Rules;
  readonly proposed: Rules;
  /** Bytes that the configuration in force keeps for the owner of a node with so many. */
  readonly reserveOf: (memoryBytes: number) => number;
  readonly tickMs: number;
  /** Of the chance by which pilots of the model are like which that were recorded. */
  readonly seed: number;
  /** Called now and then: which run it is at, and the time of the recording that it reached. */
  readonly onProgress?: (run: 0 | 1, wallMs: number) => void;
}

/** How much is known of the pilots of a kind: those that ran, and those of them that nobody ended. */
export interface KnownLives {
  readonly lives: number;
  readonly whole: number;
}

/** What was, and what the model says would have been by either configuration. */
export interface Comparison {
  readonly recorded: Harvest;
  readonly inForce: Harvest;
  readonly proposed: Harvest;
  /** By kind. */
  readonly lives: Readonly<Record<string, KnownLives>>;
}

/** More of the newest lives of a kind are not needed to know what its pilots are like. */
const mostLives = 2000;

/** Lives through a recording by the configuration in force and by another one, and sets both beside what really was. */
export function replay(recording: Recording, question: Question): Comparison {
  const { inForce, proposed, tickMs, seed, onProgress, reserveOf } = question;
  const lives = livesOf(recording);
  const { kinds } = recording.kinds;
  const pilotCpus = kinds.reduce((sum, { cpus }) => sum + cpus, 0) / kinds.length;
  const live = (rules: Rules, run: 0 | 1): Harvest =>
    relive({
      frames: recording.frames,
      rules,
      natures: new Natures(lives, seed),
      tickMs,
      pilotCpus,
      onProgress: (wallMs) => onProgress?.(run, wallMs),
    });
  return {
    recorded: realityOf(recording.frames, recording.records, reserveOf),
    inForce: live(inForce, 0),
    proposed: live(proposed, 1),
    lives: Object.fromEntries(
      Array.from(lives, ([kind, all]) => [
        kind,
        { lives: all.length, whole: all.filter(({ isCut }) => !isCut).length },
      ]),
    ),
  };
}

function livesOf({ allFrames, records, kinds }: Recording): ReadonlyMap<string, readonly Life[]> {
  const supply = new Supply(allFrames);
  const found = new Map<string, Life[]>();
  for (const record of records.toReversed()) {
    const name = kindNameOf(kinds, record.kind);
    if (name === null) continue;
    const before = found.get(name) ?? [];
    found.set(name, before);
    const life = before.length < mostLives ? lifeOf(record, ruleFor(kinds, name), supply) : null;
    if (life !== null) before.push(life);
  }
  return found;
}
