/** What a kind has had, in CPU-milliseconds as of `atMs`: it decays from then on. */
export interface KindUse {
  /** Allocated to pilots that are not in a slot any more. */
  readonly cpuMs: number;
  /** Reckoned as if it had had it, above or below 0, since it came back. */
  readonly creditMs: number;
  readonly atMs: number;
}

/** A kind that waits after fruitless pilots. */
export interface KindBackOff {
  /** Fruitless pilots in a row, where those that started before the wait count once. */
  readonly fruitless: number;
  /** When the last of them had ended. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** That one failed; the others found no work. */
  readonly hasFailed?: true;
}

/** What is remembered of a kind. Times are `Clock.nowMs`. */
export interface KindMemory {
  readonly use: KindUse;
  /** It could not have had the last start: when it can again, it is no further behind than it may be. */
  readonly isAway: boolean;
  readonly backOff: KindBackOff | null;
  /** Pilots that ended within a second, less what time has forgiven by `atMs`; null for none. */
  readonly hasty: { readonly count: number; readonly atMs: number } | null;
  /** How long its last pilots ran that were not evicted, in milliseconds, the newest last. */
  readonly lives: readonly number[];
}

/** A kind that was never seen before. */
export const newKind: KindMemory = {
  use: { cpuMs: 0, creditMs: 0, atMs: 0 },
  isAway: true,
  backOff: null,
  hasty: null,
  lives: [],
};

/** What is remembered of kinds, by name. */
export type KindMemories = Readonly<Record<string, KindMemory>>;

/** What is remembered of this one. */
export function memoryOfKind(kinds: KindMemories, name: string): KindMemory {
  return Object.hasOwn(kinds, name) ? (kinds[name] ?? newKind) : newKind;
}

/** The memories with a change of one; the same where nothing changes. */
export function withKind(kinds: KindMemories, name: string, after: KindMemory): KindMemories {
  return Object.hasOwn(kinds, name) && kinds[name] === after ? kinds : { ...kinds, [name]: after };
}
