import type { KindPolicy } from '../decide/types.ts';
import type { PilotRecord } from '../model/history.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Supply } from './supply.ts';

/** One life that was recorded, as the model needs it. */
export interface Life {
  /** How long it needed where it had what it wanted: what lives are compared by. */
  readonly needsMs: number;
  /** What it took to be done: CPU time, or for what hardly used any, time. */
  readonly work: { readonly cpuMs: number } | { readonly ms: number };
  /** CPUs that it wanted; `Infinity`: all that it may have. */
  readonly wantsCpus: number;
  /** Somebody ended it: it needed more than that, nobody knows how much. */
  readonly isCut: boolean;
  /** Null where it is not known. */
  readonly peakBytes: number | null;
  readonly exitCode: number;
  /** The code that it gave for its end; null for none. */
  readonly says: number | null;
  /** It was given notice and ended by SIGKILL; null where it was given none. */
  readonly ignoredNotice: boolean | null;
}

/** Of its own accord. */
const whole: ReadonlySet<Outcome> = new Set(['finished', 'failed', 'no-work']);
/** With less than this of a CPU a pilot waits for something else: it takes its time, whatever CPUs there are. */
const waitingCpus = 0.02;
const killedCode = 137;

/** The life that a record tells of; null for a pilot that never ran. `kind`: its rules at that time. */
export function lifeOf(record: PilotRecord, kind: Pick<KindPolicy, 'cpus'>, supply: Supply): Life | null {
  const { startedAtWallMs, endedAtWallMs, pausedMs, cpuMs, outcome } = record;
  if (startedAtWallMs === null || outcome === 'never-started') return null;
  const ranMs = endedAtWallMs - startedAtWallMs - pausedMs;
  if (ranMs <= 0) return null;
  const meanCpus = (cpuMs ?? 0) / ranMs;
  const isWaiting = cpuMs === null || meanCpus < waitingCpus;
  const wantsCpus =
    cpuMs === null
      ? Number.POSITIVE_INFINITY
      : supply.wantedBy(startedAtWallMs, endedAtWallMs, meanCpus, kind.cpus);
  return {
    needsMs: isWaiting ? ranMs : (cpuMs ?? 0) / Math.min(wantsCpus, kind.cpus),
    work: isWaiting ? { ms: ranMs } : { cpuMs: cpuMs ?? 0 },
    wantsCpus,
    isCut: !whole.has(outcome),
    peakBytes: record.peakMemoryBytes,
    exitCode: record.exitCode ?? 0,
    says: codeIn(record.said),
    ignoredNotice: outcome === 'evicted' || outcome === 'expired' ? record.exitCode === killedCode : null,
  };
}

/** The code at the beginning of what a pilot said. */
function codeIn(said: string): number | null {
  const code = /^[2-7]\d\d\b/.exec(said)?.[0];
  return code === undefined ? null : Number(code);
}
