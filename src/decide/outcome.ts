import type { LifeFacts } from '../model/action.ts';
import type { ToldOutcome } from '../model/kind.ts';
import type { LastWord, Outcome, Pilot, PilotEnd } from '../model/pilot.ts';
import { hashShare } from './hash.ts';
import type { KindPolicy } from './kindPolicy.ts';
import type { Leaving } from './types.ts';

/** A pilot that lived for less than this did nothing, whatever its kind. */
export const atOnceMs = 1000;

/** So much of what a pilot said is kept. */
const mostSaid = 200;

type Ends = Pick<KindPolicy, 'outcomes' | 'fizzleMs'>;

/**
 * How a pilot's life went that ended by itself. What it said of its end comes first, then what its kind has its exit
 * code stand for; one that says nothing and lived for less than its kind's `fizzle` found no work, or failed. An end
 * with the engine, and one of which nothing is known, is `lost`.
 */
export function outcomeOf(kind: Ends, end: PilotEnd | null): Outcome {
  if (end === null || end.engineRestart === true) return 'lost';
  const told = toldOutcome(kind, end);
  if (told !== null) return told;
  if (end.exitCode === null) return 'lost';
  if (end.exitCode !== 0) return 'failed';
  return end.livedMs < kind.fizzleMs ? 'no-work' : 'finished';
}

/** What the pilot itself, or its exit code by the kind's own word, says of its end; null for nothing. */
export function toldOutcome({ outcomes }: Ends, { said, exitCode }: PilotEnd): ToldOutcome | null {
  return outcomeSaid(said ?? null) ?? (exitCode === null ? null : (outcomes[String(exitCode)] ?? null));
}

/** The classes of codes of the machine/job features convention; 1xx is somebody else's wish, and says nothing of it. */
function outcomeSaid(said: LastWord | null): ToldOutcome | null {
  const code = said?.code ?? null;
  if (code === null || code < 200 || code >= 800) return null;
  if (code < 300) return 'finished';
  return code < 400 ? 'no-work' : 'failed';
}

/**
 * Whether a pilot that ended by itself found no work, or failed as its kind has it. One that lived for as long as a
 * `fizzle`, said nothing and ended with an error did something: that is a failure of its own.
 */
export function isFruitless(kind: Ends, end: PilotEnd): boolean {
  const outcome = outcomeOf(kind, end);
  if (outcome === 'no-work') return true;
  return outcome === 'failed' && (toldOutcome(kind, end) === 'failed' || end.livedMs < kind.fizzleMs);
}

/**
 * Whether a pilot never did anything, so that its slot backs off by itself: it never started, or failed within a second.
 * A kind that has a `fizzle` backs off as a whole instead.
 */
export function failedAtOnce(kind: Ends, pilot: Pilot): boolean {
  const { end } = pilot;
  if (end === null) return true;
  if (end.engineRestart === true || kind.fizzleMs > 0) return false;
  return end.livedMs < atOnceMs && outcomeOf(kind, end) === 'failed';
}

/** How long the pilot of this name may run. */
export function ttlOf({ ttlMs, ttlJitter }: Pick<KindPolicy, 'ttlMs' | 'ttlJitter'>, name: string): number {
  return ttlJitter === 0 ? ttlMs : ttlMs * (1 - ttlJitter * hashShare(name));
}

/** What only decisions know of a pilot, for its record. */
export function lifeFactsOf(pilot: Pilot, leaving: Leaving | undefined): LifeFacts {
  const { kind, end, state } = pilot;
  const ran = hasRun(pilot);
  const withEngine = end?.engineRestart === true ? restarted : state === 'created' && ran ? forgotten : null;
  return {
    kind: kind ?? null,
    why: leaving?.why ?? withEngine,
    said: saidText(end?.said ?? null),
    end,
    ...(leaving === undefined ? {} : { asked: leaving.outcome }),
    ran,
  };
}

/** Why a pilot is lost that ended with its engine, and one whose engine has gone back to before its start. */
export const restarted = { rule: 'engine-restart', text: 'the engine ended, and it ended with it' } as const;
const forgotten = { rule: 'engine-restart', text: 'the engine does not know any more that it ran' } as const;

/** Whether a pilot was seen to run: an engine that was killed may have forgotten that it started it. */
export function hasRun({ state, end, startedAtMs }: Pilot): boolean {
  return state === 'running' || state === 'paused' || end !== null || startedAtMs.known;
}

/** What a pilot said, in one bounded line; empty for nothing. */
export function saidText(said: LastWord | null): string {
  if (said === null) return '';
  const text = said.text.replaceAll(/\s+/gu, ' ').trim();
  const whole =
    said.code === null || text.startsWith(String(said.code)) ? text : `${said.code} ${text}`.trim();
  return whole.slice(0, mostSaid);
}
