import type { Kind, ToldOutcome } from '../model/kind.ts';
import type { PilotRules } from '../model/pilotRules.ts';

/** A label of ours is shorter, with an outcome for every exit code. */
const longestText = 8192;
/** What a file may say of each, and more: a hundred thousand years in milliseconds, bytes that numbers count exactly. */
const [mostMs, mostBytes] = [4e15, 2 ** 53];
const dayMs = 86_400_000;
const signalName = /^SIG[A-Z0-9+-]{2,9}$/;
const exitCode = /^\d{1,3}$/;
const letters: Readonly<Record<string, ToldOutcome>> = { f: 'finished', x: 'failed', n: 'no-work' };

/** What the rules are called in a label, which each listing of the engine repeats for each pilot. CPUs have a label of their own. */
interface Written {
  readonly mem: number;
  readonly swap: number;
  readonly ttl: number;
  readonly jitter: number;
  readonly grace: number;
  readonly signal: string;
  /** Null for no bound. */
  readonly log: number | null;
  readonly fizzle: number;
  readonly outcomes: Readonly<Record<string, string>>;
}

/** The rules of pilots that are started now, for a label of theirs. */
export function rulesText(kind: Kind): string {
  const letterOf = new Map(Object.entries(letters).map(([letter, outcome]) => [outcome, letter]));
  const written: Written = {
    mem: kind.memoryBytes,
    swap: kind.swapBytes,
    ttl: kind.ttlMs,
    jitter: kind.ttlJitter,
    grace: kind.stopGraceMs,
    signal: kind.stopSignal,
    log: kind.logRateBytes,
    fizzle: kind.fizzleMs,
    outcomes: Object.fromEntries(
      Object.entries(kind.outcomes).map(([code, outcome]) => [code, letterOf.get(outcome) ?? '']),
    ),
  };
  return JSON.stringify(written);
}

/** Pilots of a kind have the same text, each listing repeats it, and their rules may as well be the same object. */
const known = new Map<string, PilotRules | null>();
/** More kinds and versions of them than that do not run at a time. */
const mostKnown = 64;

/** The rules that are in a label of a pilot with so many CPUs; null where it is none that we write. */
export function rulesIn(text: string, cpus: number): PilotRules | null {
  if (text.length > longestText) return null;
  const key = `${cpus} ${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const rules = parsed(text, cpus);
  if (known.size >= mostKnown) known.clear();
  known.set(key, rules);
  return rules;
}

function parsed(text: string, cpus: number): PilotRules | null {
  const found = mappingIn(text);
  const { mem, swap, ttl, jitter, grace, signal, log, fizzle, outcomes } = found ?? {};
  const fits =
    isWithin(mem, mostBytes) &&
    isWithin(swap, mostBytes) &&
    isWithin(ttl, mostMs) &&
    isWithin(jitter, 1) &&
    isWithin(grace, dayMs) &&
    isWithin(fizzle, mostMs) &&
    (log === null || isWithin(log, mostBytes)) &&
    typeof signal === 'string' &&
    signalName.test(signal);
  const told = outcomesIn(outcomes);
  if (!fits || told === null) return null;
  return {
    cpus,
    memoryBytes: mem,
    swapBytes: swap,
    ttlMs: ttl,
    ttlJitter: jitter,
    stopGraceMs: grace,
    stopSignal: signal,
    logRateBytes: log ?? Number.POSITIVE_INFINITY,
    fizzleMs: fizzle,
    outcomes: told,
  };
}

function mappingIn(text: string): Readonly<Partial<Record<keyof Written, unknown>>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}

function outcomesIn(value: unknown): PilotRules['outcomes'] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const told: Record<string, ToldOutcome> = {};
  for (const [code, letter] of Object.entries(value)) {
    const outcome =
      typeof letter === 'string' && Object.hasOwn(letters, letter) ? letters[letter] : undefined;
    if (!exitCode.test(code) || outcome === undefined) return null;
    told[code] = outcome;
  }
  return told;
}
