import { why, type Why } from '../decide/why.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Forecast, Learner } from './learner.ts';
import { kindsAnswer } from './kindsAnswer.ts';
import { psAnswer } from './psAnswer.ts';
import type { RecentWords } from './recentWords.ts';
import { statusOf, type StatusParts } from './statusOf.ts';
import type { Tick } from './tick.ts';
import type { UseRates } from './useRates.ts';

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
}

/** `/decisions`: what was done and decided lately, the newest first. */
export interface DecisionsAnswer {
  readonly decisions: readonly {
    /** ISO 8601. */
    readonly at: string;
    readonly text: string;
  }[];
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
  };
}

/** Null before the first tick: nothing is decided yet. */
function whyAnswer(tick: Tick | null, learner: Learner, { clock }: StatusParts): WhyAnswer | null {
  if (tick === null) return null;
  const at = isoTime(clock.wallMs() - (clock.nowMs() - tick.sample.atMs));
  return { at, ...why(tick.policy, tick.seen, tick.decision), forecast: learner.forecast(tick) };
}

function decisionsAnswer({ words }: Pick<AnswersParts, 'words'>): DecisionsAnswer {
  return { decisions: words.map(({ text, atWallMs }) => ({ at: isoTime(atWallMs), text })).toReversed() };
}
