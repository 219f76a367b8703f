import type uPlot from 'uplot';
import { colourOf } from './chart.ts';
import type { Placed } from './lanes.ts';
import type { Stretch } from './shape.ts';
import { obstacle, obstacles } from './words.ts';

/** A pilot’s life as it is drawn. */
export interface Life {
  readonly name: string;
  readonly kind: string | null;
  /** A colour’s name: its outcome, `running` or `paused`. */
  readonly colour: string;
  readonly word: string;
}

/** Paints lives into their lanes. */
export function paintLives(plot: uPlot, placed: readonly Placed<Life>[]): void {
  const { ctx, bbox } = plot;
  const gap = Math.min(
    2 * devicePixelRatio,
    Math.max(0, (bbox.height / Math.max(1, plot.scales['y']?.max ?? 1)) * 0.15),
  );
  const colours = new Map<string, string>();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { what, fromMs, untilMs, lane } of placed) {
    const colour = colours.get(what.colour) ?? colourOf(what.colour);
    colours.set(what.colour, colour);
    const left = plot.valToPos(fromMs / 1000, 'x', true);
    const right = plot.valToPos(untilMs / 1000, 'x', true);
    const bottom = plot.valToPos(lane, 'y', true);
    const top = plot.valToPos(lane + 1, 'y', true);
    ctx.fillStyle = colour;
    // A hair between one and the next, but no life is so short that it cannot be seen.
    ctx.fillRect(
      left,
      top + gap / 2,
      Math.max(devicePixelRatio, right - left - devicePixelRatio),
      Math.max(1, bottom - top - gap),
    );
  }
  ctx.restore();
}

/** Paints a band of what kept one more from starting. */
export function paintStretches(plot: uPlot, kept: readonly Stretch[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { fromSeconds, untilSeconds, rule } of kept) {
    const left = plot.valToPos(fromSeconds, 'x', true);
    const right = plot.valToPos(untilSeconds, 'x', true);
    ctx.fillStyle = colourOf(rule === 'away' ? 'trouble' : obstacles[obstacle(rule)][0]);
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
  }
  ctx.restore();
}
