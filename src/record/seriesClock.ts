import type { Point } from '../model/point.ts';
import { seriesKey } from './influxLine.ts';

/** More series than this are not ours: the clock starts anew. */
const mostSeries = 1_000;

/**
 * Gives points their times in microseconds, so that two points of one series and one millisecond do not overwrite each
 * other: InfluxDB keeps one point per series and time, and several pilots may well end in one tick.
 */
export class SeriesClock {
  readonly #lastMicros = new Map<string, number>();

  /** The point's time; a microsecond after the last of its series where that was in the same millisecond. */
  stampMicros(point: Point): number {
    const wanted = Math.round(point.atWallMs) * 1000;
    const key = seriesKey(point);
    const last = this.#lastMicros.get(key);
    const stamp = last !== undefined && last >= wanted && last < wanted + 999 ? last + 1 : wanted;
    if (this.#lastMicros.size >= mostSeries) this.#lastMicros.clear();
    this.#lastMicros.set(key, stamp);
    return stamp;
  }
}
