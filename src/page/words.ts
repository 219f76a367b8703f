import { counted } from '../decide/numbers.ts';
import type { NodeFacts, Rule } from './told.ts';

/** Colours by name: each is a variable `--<name>` of the style, with a value for light and one for dark. */
export type Colour =
  | 'owner'
  | 'pilots'
  | 'idle'
  | 'paused'
  | 'limit'
  | 'memory'
  | 'storage'
  | 'finished'
  | 'no-work'
  | 'failed'
  | 'expired'
  | 'evicted'
  | 'never-started'
  | 'lost'
  | 'running'
  | 'off'
  | 'trouble';

/** How lives of pilots end, in the order in which they are told, with the word for it. */
export const outcomes = [
  ['finished', 'finished'],
  ['no-work', 'no work'],
  ['failed', 'failed'],
  ['expired', 'time was over'],
  ['evicted', 'evicted'],
  ['never-started', 'never started'],
  ['lost', 'lost'],
] as const satisfies readonly (readonly [Colour, string])[];

/** The word for an outcome; one of a later version is told as it is. */
export function outcomeWord(outcome: string): string {
  return outcomes.find(([name]) => name === outcome)?.[1] ?? outcome;
}

/** What kept one more pilot from starting, in few words, and its colour. */
export const obstacles: Readonly<
  Record<'none' | 'full' | 'owner' | 'off' | 'trouble' | 'work' | 'soon', readonly [Colour, string]>
> = {
  full: ['pilots', 'full, as many as may run'],
  owner: ['owner', 'the owner'],
  work: ['no-work', 'no work, or kinds that wait'],
  off: ['off', 'drained, or outside its hours'],
  trouble: ['trouble', 'engine or image'],
  soon: ['finished', 'starting'],
  none: ['idle', 'nothing'],
};

const obstacleOf: Readonly<Partial<Record<Rule, keyof typeof obstacles>>> = {
  limit: 'full',
  engine: 'trouble',
  'engine-restart': 'trouble',
  image: 'trouble',
  drain: 'off',
  'force-stop': 'off',
  window: 'off',
  'back-off': 'work',
  kind: 'work',
  'starting-up': 'soon',
  growth: 'soon',
  'in-flight': 'soon',
  renew: 'soon',
};

/** Which sort of obstacle a rule is; what is not named here is for the owner’s sake. */
export function obstacle(rule: Rule | null): keyof typeof obstacles {
  return rule === null ? 'none' : (obstacleOf[rule] ?? 'owner');
}

/** What a node does, in a sentence. */
export function sentence({ status, dryRun, kinds, slots, engine }: NodeFacts): string {
  const sum = (state: 'running' | 'paused'): number =>
    kinds.reduce((all, { pilots }) => all + pilots[state], 0);
  const paused = sum('paused');
  const alive = sum('running') + paused;
  const isOne = alive === 1;
  const rest = paused === 0 ? '' : `, ${paused} of them paused for the owner`;
  const start = dryRun ? 'Dry run: ' : '';
  if (!engine.answering)
    return `${start}The container engine does not answer; ${counted(alive, 'pilot')} ${isOne ? 'was' : 'were'} last seen`;
  if (status === 'draining') {
    if (alive === 0) return `${start}Drained: no pilot runs, and none is started`;
    return `${start}Draining: ${counted(alive, 'pilot')} still ${isOne ? 'runs' : 'run'}${rest}, none is started`;
  }
  if (slots.limit === 0) return `${start}No pilot may run here: the limit is 0`;
  return `${start}${alive} of ${counted(slots.limit, 'pilot')} ${isOne ? 'runs' : 'run'}${rest}`;
}

/** A number for a reader: as many digits as matter. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Bytes beside an axis, where they are round. */
export function roundBytesText(bytes: number): string {
  return bytes >= 1e9 ? `${numberText(bytes / 1e9)} GB` : `${numberText(bytes / 1e6)} MB`;
}

/** A text for what may be unknown, or not there, as it is told in a table. */
export function orDash<T>(value: T | null | undefined, text: (value: T) => string): string {
  return value === null || value === undefined ? '–' : text(value);
}

/** A text for what may be unknown. */
export function orUnknown<T>(value: T | null | undefined, text: (value: T) => string): string {
  return value === null || value === undefined ? 'unknown' : text(value);
}

/** A time of the day, in the reader’s own zone; with its day where that is not today’s. */
export function clockText(ms: number, nowMs: number, withSeconds = false): string {
  const time = new Date(ms);
  const clock = time.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
  });
  if (time.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}
