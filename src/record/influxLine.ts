import { Point as LinePoint } from '@influxdata/influxdb-client';
import type { Point } from '../model/point.ts';

/** Longer lines are refused by InfluxDB (a series key is at most 65535 bytes), so they are not kept either. */
const longestLineBytes = 65_535;

/**
 * One point in line protocol, its time in microseconds; null when nothing of it can be written (no name, no finite
 * field, too long). Every number becomes a float, because an existing database refuses a change of type.
 */
export function toLine(point: Point, atMicros: number): string | null {
  // A line that begins with # is a comment to InfluxDB, and would vanish without an error.
  if (point.measurement.startsWith('#')) return null;
  const line = new LinePoint(withoutEndSlash(point.measurement));
  for (const [name, value] of Object.entries(point.tags)) {
    line.tag(withoutEndSlash(name), withoutEndSlash(value));
  }
  for (const [name, value] of Object.entries(point.fields)) {
    setField(line, withoutEndSlash(name), value);
  }
  const text = line.timestamp(String(Math.round(atMicros))).toLineProtocol();
  return text === undefined || Buffer.byteLength(text) > longestLineBytes ? null : text;
}

/**
 * The series that a point belongs to, for telling apart two points of one series and one instant: the later would
 * overwrite the earlier.
 */
export function seriesKey(point: Point): string {
  return JSON.stringify([point.measurement, point.tags]);
}

function setField(line: LinePoint, name: string, value: number | string | boolean): void {
  if (name === '') return;
  if (typeof value === 'string') line.stringField(name, value);
  else if (typeof value === 'boolean') line.booleanField(name, value);
  else if (Number.isFinite(value)) line.floatField(name, value);
}

/** The protocol has no way to write a name or tag that ends in a backslash: it would escape the separator after it. */
function withoutEndSlash(text: string): string {
  return text.replace(/\\+$/, '');
}
