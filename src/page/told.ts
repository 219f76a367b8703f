import type { PsAnswer } from '../daemon/psAnswer.ts';
import type { NodeFacts } from '../record/nodeFacts.ts';

/** What the daemon tells, as the page reads it: the types of `docs/page-data.md`. Nothing of the daemon itself comes along. */
export type { DecisionsAnswer, WhyAnswer } from '../daemon/answers.ts';
export type { GoneKind, KindsAnswer } from '../daemon/kindsAnswer.ts';
export type { PilotAnswer, PsAnswer } from '../daemon/psAnswer.ts';
export type { KindStanding } from '../decide/kindStandings.ts';
export type { FleetAnswer, FleetNode } from '../model/fleet.ts';
export type { PilotRecord } from '../model/history.ts';
export type { Rule } from '../model/reason.ts';
export type { NodeFacts } from '../record/nodeFacts.ts';
export type { RingSeries } from '../record/ring.ts';
export type { EndedPilot, PilotsAnswer } from '../serve/api.ts';

/** `/api/now`, and each of the news. */
export interface Now {
  /** Null before the daemon’s first look at the node. */
  readonly facts: NodeFacts | null;
  readonly pilots: PsAnswer | null;
}

/** How far back the page looks, in hours, and the longest step of what it draws then. */
export const spans = [
  { hours: 1, steps: 240 },
  { hours: 6, steps: 360 },
  { hours: 24, steps: 480 },
] as const;
