import type { Kind } from '../model/kind.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reading } from '../model/reading.ts';
import type { EngineView } from '../model/view.ts';
import { LogRates, logFileOf } from '../sample/logRate.ts';

/** How fast pilots write their logs, in bytes a second by container id: of those whose rate is bounded, where it is known. */
export type LogWatch = (engine: EngineView, nowMs: number) => ReadonlyMap<string, number>;

/** Watches the logs of pilots that have a `log_rate`, their own or else their kind's; of the others nothing is read. */
export function createLogWatch(kinds: () => readonly Kind[]): LogWatch {
  const rates = new LogRates();
  return ({ info, pilots }, nowMs) => {
    const bounded = new Set(kinds().flatMap((kind) => (kind.logRateBytes === null ? [] : [kind.name])));
    if (info === null) return new Map();
    const logs = new Map<string, Reading<string>>();
    for (const pilot of pilots) if (isWatched(pilot, bounded)) logs.set(pilot.id, logFileOf(info, pilot.id));
    const known = new Map<string, number>();
    for (const [id, rate] of rates.read(logs, nowMs)) if (rate.known) known.set(id, rate.value);
    return known;
  };
}

function isWatched({ managed, state, kind, rules }: Pilot, bounded: ReadonlySet<string>): boolean {
  if (!managed || state !== 'running') return false;
  return rules === undefined ? kind !== null && bounded.has(kind) : Number.isFinite(rules.logRateBytes);
}
