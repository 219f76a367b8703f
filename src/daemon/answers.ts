import { why, type Why } from '../decide/why.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Forecast, Learner } from './learner.ts';
import type { Status } from '../model/status.ts';
import type { NodeFacts } from '../record/nodeFacts.ts';
import { kindsAnswer, type KindsAnswer } from './kindsAnswer.ts';
import { psAnswer, type PsAnswer } from './psAnswer.ts';
import type { RecentWords } from './recentWords.ts';
import { statusOf, type StatusParts } from './statusOf.ts';
import type { Tick } from './tick.ts';
import type { UseRates } from './useRates.ts';

/** A terminal has no room for more. */
const mostDecisions = 30;

/** What `planctonctl why` is told. */
export interface WhyAnswer extends Why {
  /** ISO 8601. */
  readonly at: string;
  readonly forecast: Forecast | null;
}

/** What answers are made of, beside the last tick. */
export interface AnswersParts extends StatusParts {
  /** What was done and decided lately, the oldest first. */
  readonly words: RecentWords['all'];
  /** Null before the first tick. */
  readonly facts: () => NodeFacts | null;
}

/** `/decisions`: what was done and decided lately, the newest first. */
export interface DecisionsAnswer {
  readonly decisions: readonly {
    /** ISO 8601. */
    readonly at: string;
    readonly text: string;
  }[];
}

/** What `planctonctl top` is told, all in one answer. */
export interface TopAnswer {
  readonly status: Status;
  /** Null before the first tick, as are kinds, node and pressure. */
  readonly pilots: PsAnswer['pilots'] | null;
  readonly kinds: KindsAnswer['kinds'] | null;
  readonly node: NodeFacts['node'] | null;
  readonly pressure: NodeFacts['pressure'] | null;
  readonly decisions: DecisionsAnswer['decisions'];
}

/** What the status socket is asked for, and what it answers; reckoned when somebody asks. */
export function answers(
  tick: () => Tick | null,
  learner: Learner,
  rates: UseRates,
  parts: () => AnswersParts,
): Readonly<Record<string, () => unknown>> {
  return {
    '/status': () => statusOf(tick(), parts()),
    '/why': () => whyAnswer(tick(), learner, parts()),
    '/ps': () => psAnswer(tick(), rates, parts()),
    '/kinds': () => kindsAnswer(tick(), parts()),
    '/decisions': () => decisionsAnswer(parts()),
    '/top': () => topAnswer(tick(), rates, parts()),
  };
}

/** Null before the first tick: nothing is decided yet. */
function whyAnswer(tick: Tick | null, learner: Learner, { clock }: StatusParts): WhyAnswer | null {
  if (tick === null) return null;
  const at = isoTime(clock.wallMs() - (clock.nowMs() - tick.sample.atMs));
  return { at, ...why(tick.policy, tick.seen, tick.decision), forecast: learner.forecast(tick) };
}

function topAnswer(tick: Tick | null, rates: UseRates, parts: AnswersParts): TopAnswer {
  const facts = parts.facts();
  return {
    status: statusOf(tick, parts),
    pilots: psAnswer(tick, rates, parts)?.pilots ?? null,
    kinds: kindsAnswer(tick, parts)?.kinds ?? null,
    node: facts?.node ?? null,
    pressure: facts?.pressure ?? null,
    decisions: decisionsAnswer(parts).decisions.slice(0, mostDecisions),
  };
}

function decisionsAnswer({ words }: Pick<AnswersParts, 'words'>): DecisionsAnswer {
  return { decisions: words.map(({ text, atWallMs }) => ({ at: isoTime(atWallMs), text })).toReversed() };
}
