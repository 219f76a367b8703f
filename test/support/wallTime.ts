import { zonesOf } from '../../src/config/zoneTable.ts';
import type { Zones } from '../../src/model/zone.ts';
import type { WallTime } from '../../src/sample/wallClock.ts';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const formats = new Map<string | null, Intl.DateTimeFormat>();

/** The tables of these zones and of the node's own. */
export function zonesNamed(...names: readonly string[]): Zones {
  return zonesOf(names.map((zone) => ({ days: everyDay, beginMinute: 0, endMinute: 1440, zone })));
}

/** What the clock of a zone (null: the node's own) shows, as Node tells it. */
export function wallTimeByNode(zone: string | null, wallMs: number): WallTime {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', { ...options, hourCycle: 'h23', timeZone: zone ?? undefined });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(wallMs).map(({ type, value }) => [type, value]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    day: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts.get('weekday') ?? ''),
    msOfDay:
      ((of('hour') * 60 + of('minute')) * 60 + of('second')) * 1000 + (((wallMs % 1000) + 1000) % 1000),
  };
}
