import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { imageOf } from '../model/view.ts';
import { kindNameOf, type KindPolicies, type KindPolicy } from './kindPolicy.ts';
import { isAlive } from './slots.ts';
import type { Memory, Policy, Sample } from './types.ts';

/** Of those that are to be replaced now, this part of the limit is on its way out at a time; at least one. */
const batchShare = 0.1;
/** Empty slots are waited for before the next ones get notice, but for this long at most: perhaps nothing can be started. */
const patienceMs = 60_000;

/** An order to replace pilots that was taken. Times are `Clock.nowMs`. */
export interface Renewal {
  /** Whose pilots; null: those of all kinds. */
  readonly kind: string | null;
  /** Those that began before this time. */
  readonly beforeMs: number;
  /** They are given notice, a few at a time; otherwise they go as they end. */
  readonly now: boolean;
  /** When the last of them got notice; absent before. */
  readonly lastMs?: number;
}

/** Whether this pilot is to be replaced: a kind's pilots that began before it was asked for. */
export function isToRenew(memory: Pick<Memory, 'renewals'>, policy: KindPolicies, pilot: Pilot): boolean {
  return memory.renewals.some((renewal) => isMeant(renewal, policy, pilot));
}

function isMeant({ kind, beforeMs }: Renewal, policy: KindPolicies, pilot: Pilot): boolean {
  const beganMs = pilot.startedAtMs.known ? pilot.startedAtMs.value : pilot.stateSinceMs;
  const isOfKind = kind === null || kind === kindNameOf(policy, pilot.kind ?? null);
  return pilot.managed && isAlive(pilot) && isOfKind && beganMs < beforeMs;
}

/** Whether the registry has to be asked for this kind's image again, because its pilots are to be renewed. */
export function wantsPull(
  { renewals }: Pick<Memory, 'renewals'>,
  { name, pull, image }: KindPolicy,
  { engine }: Sample,
): boolean {
  const { pulledAtMs, lastFailureAtMs } = imageOf(engine, image);
  const askedMs = Math.max(pulledAtMs ?? -1, lastFailureAtMs ?? -1);
  return (
    pull !== 'never' &&
    renewals.some(({ kind, beforeMs }) => (kind === null || kind === name) && beforeMs > askedMs)
  );
}

/** The orders with those of this sample; orders that have nothing left to do are forgotten. */
export function followRenewals(policy: Policy, memory: Memory, sample: Sample): readonly Renewal[] {
  const fresh = (sample.control.renew ?? [])
    .filter(({ file }) => !memory.ordersTaken.includes(file))
    .map(({ kind, now }) => ({ kind, now, beforeMs: sample.atMs }));
  const all = fresh.length === 0 ? memory.renewals : [...memory.renewals, ...fresh];
  if (!sample.engine.listed || sample.engine.state !== 'answering') return all;
  const left = all.filter((renewal) => !isDone(policy, renewal, sample));
  return left.length === all.length ? all : left;
}

/** Files of orders that are remembered as taken: those that are there. A daemon that is killed before one is gone knows it again. */
export function followOrders(memory: Memory, { control }: Sample): readonly string[] {
  const there = (control.renew ?? []).map(({ file }) => file);
  const before = memory.ordersTaken;
  const isSame = there.length === before.length && there.every((file, index) => file === before[index]);
  return isSame ? before : there;
}

/** Nobody is left to be replaced, and the registry was asked. */
function isDone(policy: Policy, renewal: Renewal, sample: Sample): boolean {
  if (sample.engine.pilots.some((pilot) => isMeant(renewal, policy, pilot))) return false;
  return !policy.kinds.some((kind) => kind.enabled && wantsPull({ renewals: [renewal] }, kind, sample));
}

/**
 * Pilots that get notice now because they are to be replaced, and why: a few at a time, after their image was asked for.
 * A drain lets pilots finish, and nobody would be put in their place: until it is over, nobody gets notice.
 */
export function renewed(
  policy: Policy,
  memory: Memory,
  sample: Sample,
  staying: readonly Pilot[],
): readonly { readonly pilot: Pilot; readonly why: Reason }[] {
  const orders = memory.renewals.filter(({ now }) => now);
  if (orders.length === 0 || sample.control.drain) return [];
  const why = { rule: 'renew', text: 'it is to be replaced (renew --now)' } as const;
  const isDue = (pilot: Pilot): boolean =>
    orders.some((order) => isMeant(order, policy, pilot)) && !isAsking(policy, memory, sample, pilot);
  const atATime = Math.max(1, Math.floor(policy.limit * batchShare));
  const underWay = underNotice(memory, sample) + notFilledYet(memory, orders, sample);
  return staying
    .filter(isDue)
    .slice(0, Math.max(0, atATime - underWay))
    .map((pilot) => ({ pilot, why }));
}

/** The orders after these pilots got notice. */
export function withNotice(memory: Memory, isGiven: boolean, nowMs: number): readonly Renewal[] {
  if (!isGiven) return memory.renewals;
  return memory.renewals.map((renewal) => (renewal.now ? { ...renewal, lastMs: nowMs } : renewal));
}

/** The registry was not asked yet, or has not answered. */
function isAsking(policy: Policy, memory: Memory, sample: Sample, pilot: Pilot): boolean {
  const kind = policy.kinds.find(({ name }) => name === kindNameOf(policy, pilot.kind ?? null));
  return kind !== undefined && kind.enabled && wantsPull(memory, kind, sample);
}

function underNotice({ leaving }: Memory, { engine }: Sample): number {
  const asked = new Set(leaving.filter(({ why }) => why?.rule === 'renew').map(({ pilot }) => pilot));
  return engine.pilots.filter((pilot) => isAlive(pilot) && asked.has(pilot.name)).length;
}

/** Slots without a pilot that lives, those whose start is under way among them, while they may be of the last ones. */
function notFilledYet({ slots }: Memory, orders: readonly Renewal[], { engine, atMs }: Sample): number {
  const isRecent = orders.some(({ lastMs }) => lastMs !== undefined && atMs - lastMs < patienceMs);
  if (!isRecent) return 0;
  const alive = new Set(engine.pilots.filter(isAlive).map(({ name }) => name));
  return slots.filter(({ pilot }) => pilot === null || !alive.has(pilot)).length;
}
