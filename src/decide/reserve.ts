import type { Kept } from '../model/reserve.ts';

/** How much of a total is kept for the owner. */
export function reservedOf({ share, atMost }: Kept, total: number): number {
  return Math.min(total * share, atMost ?? Number.POSITIVE_INFINITY);
}
