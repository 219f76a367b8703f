import { isWorkLost } from '../model/history.ts';
import { type HistoryFilter, type HistoryTold, type OnRead, queryHistory } from './history.ts';
import type { Head } from './historyHead.ts';

/** What an account may be told by. */
export const accountKeys = ['kind', 'outcome', 'day'] as const;
export type AccountKey = (typeof accountKeys)[number];

/**
 * Sums over pilots. `wasted` is the CPU time of those that somebody else ended in their work (`isWorkLost`): nothing of what
 * they were at can be taken for done. All other is `delivered`: what their community asked the node to run, also where
 * they failed, found no work, had their time, or broke a rule of their own kind.
 */
export interface AccountSums {
  readonly pilots: number;
  readonly wallMs: number;
  readonly deliveredCpuMs: number;
  readonly wastedCpuMs: number;
  /** Pilots that ran and whose CPU time was never read: theirs is missing in the sums. */
  readonly unknownCpu: number;
}

/** The sums of the pilots that have these in common; null where the account is not told by it, and a kind of none is ''. */
export interface AccountRow extends AccountSums {
  readonly kind: string | null;
  readonly outcome: string | null;
  /** `2030-12-31`: the day on which the pilots ended, by the node's own clock. */
  readonly day: string | null;
}

/** An account, and what could not be read for it. */
export interface Account {
  readonly rows: readonly AccountRow[];
  readonly total: AccountSums;
  readonly told: HistoryTold;
}

type Sums = { -readonly [Key in keyof AccountSums]: AccountSums[Key] };
type Row = Sums & Pick<AccountRow, 'kind' | 'outcome' | 'day'>;

/** Adds up the records of the journal in `folder` that fit. Throws what the file system throws. */
export function accountOf(
  folder: string,
  filter: HistoryFilter,
  by: readonly AccountKey[],
  onRead?: OnRead,
): Account {
  const rows = new Map<string, Row>();
  const total: Sums = emptySums();
  const dayOf = dayTeller();
  const [byKind, byOutcome, byDay] = accountKeys.map((key) => by.includes(key));
  const told = queryHistory(
    folder,
    { ...filter, order: 'oldest', limit: Number.POSITIVE_INFINITY },
    (match) => {
      const { head } = match;
      const kind = byKind === true ? (head.kind ?? '') : null;
      const outcome = byOutcome === true ? head.outcome : null;
      const day = byDay === true ? dayOf(head.endMs) : null;
      const key = `${kind}\n${outcome}\n${day}`;
      let row = rows.get(key);
      if (row === undefined) {
        row = { kind, outcome, day, ...emptySums() };
        rows.set(key, row);
      }
      add(row, head);
      add(total, head);
    },
    onRead,
  );
  return { rows: [...rows.values()].toSorted(inOrder), total, told };
}

function emptySums(): Sums {
  return { pilots: 0, wallMs: 0, deliveredCpuMs: 0, wastedCpuMs: 0, unknownCpu: 0 };
}

function add(sums: Sums, { startMs, endMs, cpuMs, outcome, rule }: Readonly<Head>): void {
  sums.pilots += 1;
  if (Number.isNaN(startMs)) return;
  sums.wallMs += Math.max(0, endMs - startMs);
  if (Number.isNaN(cpuMs)) sums.unknownCpu += 1;
  else if (isWorkLost(outcome, rule)) sums.wastedCpuMs += cpuMs;
  else sums.deliveredCpuMs += cpuMs;
}

function inOrder(a: Row, b: Row): number {
  const [first, second] = [a, b].map(({ day, kind, outcome }) => [day ?? '', kind ?? '', outcome ?? '']);
  for (const [index, text] of (first ?? []).entries()) {
    const other = second?.[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

/** Tells the day of an instant by this node's clock. Records come nearly in order, so that the day before mostly holds. */
function dayTeller(): (wallMs: number) => string {
  let [fromMs, toMs, text] = [0, 0, ''];
  return (wallMs) => {
    if (wallMs >= fromMs && wallMs < toMs) return text;
    const at = new Date(wallMs);
    const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
    fromMs = new Date(year, month, day).getTime();
    toMs = new Date(year, month, day + 1).getTime();
    text = [year, month + 1, day].map((part) => String(part).padStart(2, '0')).join('-');
    return text;
  };
}
