import type { NodeFacts, RingSeries, Rule } from './told.ts';

/** One thing that a chart shows. */
export interface Line<T> {
  readonly label: string;
  readonly colour: string;
  /** Stacked on those before it, or a line of its own. */
  readonly as: 'area' | 'line';
  /** Of lengths in pixels; tells lines apart where colours do not. */
  readonly dash?: readonly number[];
  /** Its value at a moment; null is unknown. */
  readonly at: (moment: T) => number | null;
}

/** The values of a chart: times in seconds since 1970, and for each line its value at each of them. */
export interface Values {
  readonly seconds: readonly number[];
  readonly of: readonly (readonly (number | null)[])[];
}

/** Numbers of the last 24 hours that charts show. */
const levels = [
  'cpus',
  'ownerCpus',
  'pilotsCpus',
  'memoryTotalBytes',
  'ownerMemoryBytes',
  'pilotsMemoryBytes',
  'waitCpu',
  'waitMemory',
  'waitIo',
  'running',
  'paused',
  'limit',
] as const satisfies readonly (keyof RingSeries['numbers'])[];

/** The numbers of a node at one moment. */
export type Moment = Readonly<Record<(typeof levels)[number], number | null>>;

/** Takes the values of lines out of moments that lie at these times. */
export function valuesOf<T>(
  lines: readonly Line<T>[],
  seconds: readonly number[],
  moments: readonly T[],
): Values {
  return { seconds, of: lines.map(({ at }) => moments.map(at)) };
}

/** Moments, each at its time. */
export interface Moments {
  readonly seconds: readonly number[];
  readonly moments: readonly Moment[];
}

/** A record is written a little after its time: so many steps at the end may not be there yet. */
const mostLate = 2;

/** The moments of a series, each at the end of its step, and this one behind them. */
export function momentsOf(
  { fromSeconds, stepSeconds, numbers, away }: RingSeries,
  facts: NodeFacts | null,
): Moments {
  const known = away.findLastIndex((isAway) => isAway !== null) + 1;
  const count = facts !== null && away.length - known <= mostLate ? known : away.length;
  const indices = Array.from({ length: count }, (_, index) => index);
  const now = facts === null ? [] : [facts];
  const lastSeconds = facts === null ? Infinity : facts.atWallMs / 1000 - 1;
  return {
    seconds: [
      ...indices.map((index) => Math.min(lastSeconds, fromSeconds + (index + 1) * stepSeconds)),
      ...now.map(({ atWallMs }) => atWallMs / 1000),
    ],
    moments: [
      ...indices.map(
        (index) => Object.fromEntries(levels.map((name) => [name, numbers[name][index] ?? null])) as Moment,
      ),
      ...now.map(momentNow),
    ],
  };
}

function momentNow({ node, pressure, kinds, slots }: NodeFacts): Moment {
  const sum = (state: 'running' | 'paused'): number =>
    kinds.reduce((all, { pilots }) => all + pilots[state], 0);
  return {
    ...node,
    waitCpu: pressure.cpu,
    waitMemory: pressure.memory,
    waitIo: pressure.io,
    running: sum('running'),
    paused: sum('paused'),
    limit: slots.limit,
  };
}

/** What is drawn of values: areas lie on each other, so that each has the sum of those up to it. Unknown is a gap. */
export function drawn<T>(lines: readonly Line<T>[], { of }: Values): (number | null)[][] {
  let below: (number | null)[] | null = null;
  return lines.map(({ as }, index) => {
    const own = [...(of[index] ?? [])];
    if (as === 'line') return own;
    const lower: (number | null)[] | null = below;
    const sum = own.map((value, at) => {
      const base = lower === null ? 0 : (lower[at] ?? null);
      return value === null || base === null ? null : base + value;
    });
    below = sum;
    return sum;
  });
}

/** The mean and the most of what is known; null where nothing is. */
export function meanAndMost(values: readonly (number | null)[]): { mean: number; most: number } | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const sum = known.reduce((all, value) => all + value, 0);
  return { mean: sum / known.length, most: known.reduce((most, value) => Math.max(most, value), -Infinity) };
}

/** At most so many indices of a list, evenly spread, the last one among them. */
export function spread(length: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / every) }, (_, at) => length - 1 - at * every).toReversed();
}

/** A stretch of time in which one thing kept one more pilot from starting. */
export interface Stretch {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** `away`: the engine did not answer; null: nothing kept it. */
  readonly rule: Rule | 'away' | null;
}

/** What kept one more pilot from starting, stretch by stretch; times of which nothing is known are left out. */
export function stretches({ fromSeconds, stepSeconds, refusal, away, draining }: RingSeries): Stretch[] {
  const found: Stretch[] = [];
  for (let index = 0; index < refusal.length; index += 1) {
    const isAway = away[index] ?? null;
    if (isAway === null) continue;
    const rule = isAway ? 'away' : draining[index] === true ? 'drain' : (refusal[index] ?? null);
    const from = fromSeconds + index * stepSeconds;
    const last = found.at(-1);
    if (last !== undefined && last.rule === rule && last.untilSeconds === from)
      found[found.length - 1] = { ...last, untilSeconds: from + stepSeconds };
    else found.push({ fromSeconds: from, untilSeconds: from + stepSeconds, rule });
  }
  return found;
}

/** CPU time that pilots had in a series, in hours of one CPU; null where nothing is known. */
export function harvestedHours({ stepSeconds, numbers }: RingSeries): number | null {
  const known = numbers.pilotsCpus.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((all, cpus) => all + (cpus * stepSeconds) / 3600, 0);
}

/** How many ended how in a series. */
export function endedCounts({ numbers }: RingSeries): Readonly<Record<string, number>> {
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((all, one) => all + (one ?? 0), 0);
  return {
    finished: sum(numbers.finished),
    'no-work': sum(numbers.noWork),
    failed: sum(numbers.failed),
    expired: sum(numbers.expired),
    evicted: sum(numbers.evicted),
    'never-started': sum(numbers.neverStarted),
    lost: sum(numbers.lost),
  };
}

/** How many pilots have ended since the daemon began: when it changes, there is more to be told of them. */
export function endsOf({ ends }: NodeFacts): number {
  return ends.reduce((all, { count }) => all + count, 0);
}
