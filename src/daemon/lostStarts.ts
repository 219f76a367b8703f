import type { InFlight } from '../decide/types.ts';
import type { ActionResult } from '../model/action.ts';
import type { EngineView } from '../model/view.ts';

/** What an engine took on before it hung it carries out this soon after it answers again, or never. */
const carriedOutMs = 10_000;

/** A start whose answer was lost: the engine may have begun the pilot all the same, or may do so yet. */
export interface LostStart {
  readonly result: ActionResult;
  /** When it was known to be lost. */
  readonly lostMs: number;
  /** When the first listing was asked for that came since and showed a container made and not running; null before. */
  readonly madeMs: number | null;
}

/** What is known of lost starts after one look at the engine. */
export interface LostStarts {
  readonly lost: readonly LostStart[];
  /** They count as under way, so that no other pilot takes their place and nothing is done to their containers. */
  readonly inFlight: readonly InFlight[];
  /** The results that decisions may rest on: those of lost starts come when they are known to have failed. */
  readonly results: readonly ActionResult[];
}

/**
 * Keeps the results of starts back until the engine's own word has told what became of them. What runs, or has run, was
 * started; what is not there was not; a container that is made and does not run is given ten seconds of an engine that
 * answers. `before` are those that were lost before `results` came.
 */
export function followLostStarts(
  before: readonly LostStart[],
  results: readonly ActionResult[],
  engine: EngineView,
  nowMs: number,
): LostStarts {
  const fresh = results.filter(isLost).map((result) => ({ result, lostMs: nowMs, madeMs: null }));
  const lost: LostStart[] = [];
  const failed: ActionResult[] = [];
  for (const one of [...before, ...fresh]) {
    const now = followed(one, engine);
    if (now === 'failed') failed.push(one.result);
    else if (now !== 'started') lost.push(now);
  }
  return {
    lost,
    inFlight: lost.map(({ result, lostMs }) => ({ action: result.action, sinceMs: lostMs - result.tookMs })),
    results: [...results.filter((result) => !isLost(result)), ...failed],
  };
}

/** Whether nobody knows what the engine did: it did not answer, or its answer did not reach us. */
function isLost({ action, ok, fault }: ActionResult): boolean {
  const isSilence = fault === 'timeout' || fault === 'unreachable' || fault === 'aborted';
  return action.do === 'start' && !ok && isSilence;
}

function followed(one: LostStart, engine: EngineView): LostStart | 'started' | 'failed' {
  const { action } = one.result;
  const pilot = engine.pilots.find(({ name }) => 'name' in action && name === action.name);
  if (pilot !== undefined && pilot.state !== 'created') return 'started';
  const { listingAskedMs } = engine;
  // An outage begins the wait anew: what the engine took on it may not have come to.
  if (listingAskedMs === null) return { ...one, madeMs: null };
  if (listingAskedMs <= one.lostMs) return one;
  if (pilot === undefined) return 'failed';
  const madeMs = one.madeMs ?? listingAskedMs;
  return listingAskedMs - madeMs >= carriedOutMs ? 'failed' : { ...one, madeMs };
}
