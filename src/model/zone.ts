/**
 * What the clocks of a time zone show: from each instant on (Unix milliseconds, ascending) they are so many milliseconds
 * ahead of UTC, less than 0 to the west of it. There is at least one; the first one holds for what was before, too.
 */
export type ZoneTable = readonly (readonly [sinceMs: number, aheadMs: number])[];

/** The zones that a configuration needs. */
export interface Zones {
  /** The node's own. */
  readonly own: ZoneTable;
  /** Those that the schedule names, by their IANA names. */
  readonly named: Readonly<Record<string, ZoneTable>>;
}
