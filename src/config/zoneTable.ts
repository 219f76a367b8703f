import type { TimeWindow } from '../model/signSettings.ts';
import type { ZoneTable, Zones } from '../model/zone.ts';

/** Who is told of a clock after this goes by the last change before it, until the configuration is read again. */
const [fromMs, toMs] = [Date.UTC(2020, 0, 1), Date.UTC(2060, 0, 1)];
/** No zone changes its clocks and changes them back within this (the shortest known is a Ramadan: four weeks). */
const strideMs = 7 * 24 * 3_600_000;

/** How far a zone's clocks are ahead of UTC at an instant; both in milliseconds. */
type Ahead = (wallMs: number) => number;

/**
 * The tables of the node's own zone and of those that a schedule names. They are made where configurations are read, in
 * a process that ends: asked for in the daemon, they would cost it 1 MB for the node's own, 8.4 MB for any other
 * (measured), because ICU's tables then stay resident. Throws a RangeError on a zone that this Node does not know.
 */
export function zonesOf(windows: readonly TimeWindow[]): Zones {
  const names = new Set(windows.flatMap(({ zone }) => zone ?? []));
  return {
    own: tableOf((wallMs) => 0 - new Date(wallMs).getTimezoneOffset() * 60_000),
    named: Object.fromEntries([...names].map((name) => [name, tableOf(aheadIn(name))])),
  };
}

function tableOf(ahead: Ahead): ZoneTable {
  const table: [number, number][] = [[fromMs, ahead(fromMs)]];
  for (let atMs = fromMs; atMs < toMs; atMs += strideMs) {
    const next = ahead(atMs + strideMs);
    if (next !== ahead(atMs)) table.push([firstChange(ahead, atMs, atMs + strideMs), next]);
  }
  return table;
}

/** The first instant after `beforeMs`, up to `afterMs`, at which the clocks have been changed. */
function firstChange(ahead: Ahead, beforeMs: number, afterMs: number): number {
  const start = ahead(beforeMs);
  let [before, after] = [beforeMs, afterMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (ahead(middle) === start) before = middle;
    else after = middle;
  }
  return after;
}

function aheadIn(timeZone: string): Ahead {
  const two = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  });
  return (wallMs) => {
    const parts = new Map(format.formatToParts(wallMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
    const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return shown - Math.floor(wallMs / 1000) * 1000;
  };
}
