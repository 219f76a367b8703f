import uPlot from 'uplot';
import { dataTable } from './dataTable.ts';
import { el, setText, swatch } from './elements.ts';
import { drawn, type Line, meanAndMost, type Values } from './shape.ts';
import { clockText } from './words.ts';

/** What a chart shows, and how it is told. */
export interface ChartPlan<T> {
  readonly title: string;
  /** What it shows, for who does not see it. */
  readonly about: string;
  readonly lines: readonly Line<T>[];
  readonly text: (value: number) => string;
  /** The same beside the axis, where values are round; `text` otherwise. */
  readonly axisText?: (value: number) => string;
  /** The top of the scale, given the most of what is drawn. */
  readonly top: (most: number) => number;
  readonly height?: number;
  /** Draws over the chart, for what is no line. */
  readonly paint?: (plot: uPlot) => void;
}

/** A chart on the page. */
export interface Chart {
  readonly figure: HTMLElement;
  readonly plot: uPlot;
  /** Shows other values, from one time to another (seconds since 1970). */
  readonly show: (values: Values, fromSeconds: number, untilSeconds: number) => void;
}

const usualHeight = 170;
const gutter = 50;
/** Charts of one page move their cursors together. */
const together = uPlot.sync('times');

/** The value of a colour of the style, at this moment: the reader may change between light and dark. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Makes a chart: a picture, a legend with the values under the cursor, a sentence that sums it up, and a table of the same. */
export function createChart<T>(plan: ChartPlan<T>): Chart {
  const { title, about, lines, text, height = usualHeight } = plan;
  const at = el('span', { class: 'at' }, 'now');
  const legend = lines.map(({ label, colour }) => ({ label, colour, value: el('b', {}, '–') }));
  const isPicture = lines.length === 0;
  const screen = el('div', { class: 'plot', 'aria-label': `${title}: ${about}`, ...roleOf(isPicture) });
  const summary = el('p', { class: 'summary' });
  const { details, use } = dataTable(
    title,
    lines.map(({ label }) => label),
    text,
  );
  const figure = el(
    'figure',
    { class: 'card chart' },
    el('figcaption', {}, el('h3', {}, title), at),
    el(
      'ul',
      { class: 'legend' },
      ...legend.map(({ label, colour, value }) => el('li', {}, swatch(colour), `${label} `, value)),
    ),
    screen,
    summary,
    details,
  );
  let values: Values = { seconds: [], of: lines.map(() => []) };
  let top = 1;

  const tell = (index: number | null): void => {
    const last = values.seconds.length - 1;
    const which = index ?? last;
    const seconds = values.seconds[which];
    const when = seconds === undefined ? '–' : clockText(seconds * 1000, Date.now());
    // The times of a picture are not those at which something is known.
    setText(at, isPicture ? '' : index === null ? 'now' : when);
    const texts = legend.map(({ label, value }, line) => {
      const one = values.of[line]?.[which] ?? null;
      setText(value, one === null ? '–' : text(one));
      return `${label} ${one === null ? 'unknown' : text(one)}`;
    });
    if (isPicture) return;
    screen.setAttribute('aria-valuemin', '0');
    screen.setAttribute('aria-valuemax', String(Math.max(0, last)));
    screen.setAttribute('aria-valuenow', String(Math.max(0, which)));
    screen.setAttribute('aria-valuetext', `${when}: ${texts.join(', ')}`);
  };

  const { order, series } = drawingOrder(lines);
  const plot = new uPlot(
    {
      width: 400,
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, sync: { key: together.key }, points: { size: 5 } },
      padding: [8, 10, 0, 0],
      scales: { x: { time: true }, y: { range: () => [0, top] } },
      axes: [timeAxis(), valueAxis(plan.axisText ?? text, !isPicture)],
      series: [{}, ...series],
      hooks: {
        setCursor: [({ cursor }) => tell(cursor.idx ?? null)],
        draw: plan.paint === undefined ? [] : [plan.paint],
      },
    },
    [[], ...lines.map(() => [])],
    screen,
  );
  if (!isPicture) moveByKeys(screen, plot, () => values.seconds);
  followSize(screen, plot);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false));

  return {
    figure,
    plot,
    show(next, fromSeconds, untilSeconds) {
      values = next;
      const sums = drawn(lines, values);
      const most = meanAndMost(sums.flat())?.most ?? 0;
      top = plan.top(most);
      plot.setData([[...values.seconds], ...order.map((index) => sums[index] ?? [])], false);
      plot.batch(() => {
        plot.setScale('x', { min: fromSeconds, max: untilSeconds });
        plot.setScale('y', { min: 0, max: top });
      });
      tell(plot.cursor.idx ?? null);
      setText(summary, sumUp(lines, values, text));
      use(values);
    },
  };
}

/** Values can be gone through like those of a slider; a picture has its text beside it. */
function roleOf(isPicture: boolean): Readonly<Record<string, string>> {
  return isPicture ? { role: 'img' } : { role: 'slider', tabindex: '0' };
}

/** Areas are painted over each other, the highest first; lines come over all of them. */
function drawingOrder<T>(lines: readonly Line<T>[]): { order: number[]; series: uPlot.Series[] } {
  const indices = lines.map((_, index) => index);
  const areas = indices.filter((index) => lines[index]?.as === 'area').toReversed();
  const order = [...areas, ...indices.filter((index) => lines[index]?.as === 'line')];
  const series = order.flatMap((index): uPlot.Series[] => {
    const line = lines[index];
    if (line === undefined) return [];
    const colour = (): string => colourOf(line.colour);
    const common = { points: { show: false }, spanGaps: false };
    if (line.as === 'area') return [{ ...common, stroke: colour, fill: colour, width: 0 }];
    return [
      {
        ...common,
        stroke: colour,
        width: 1.75,
        ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
      },
    ];
  });
  return { order, series };
}

const look = {
  stroke: () => colourOf('quiet'),
  font: '11px system-ui, sans-serif',
  ticks: { show: false },
};

function timeAxis(): uPlot.Axis {
  return {
    ...look,
    grid: { show: false },
    size: 26,
    space: 64,
    values: (_, times) => times.map((seconds) => clockText(seconds * 1000, seconds * 1000)),
  };
}

function valueAxis(text: (value: number) => string, hasGrid: boolean): uPlot.Axis {
  return {
    ...look,
    size: gutter,
    gap: 4,
    space: 34,
    grid: { show: hasGrid, stroke: () => colourOf('grid'), width: 1 },
    values: (_, levels) => levels.map((level) => text(level)),
  };
}

function sumUp<T>(lines: readonly Line<T>[], values: Values, text: (value: number) => string): string {
  const parts = lines.flatMap(({ label, as }, index) => {
    const found = meanAndMost(values.of[index] ?? []);
    if (found === null) return [];
    const most = as === 'line' ? ` (at most ${text(found.most)})` : '';
    return [`${label} ${text(found.mean)}${most}`];
  });
  return parts.length === 0 ? 'Nothing is known of this time yet.' : `On average ${parts.join(', ')}.`;
}

/** Arrow keys go through the times, Escape goes back to now. */
function moveByKeys(screen: HTMLElement, plot: uPlot, seconds: () => readonly number[]): void {
  screen.addEventListener('keydown', (event) => {
    const last = seconds().length - 1;
    const now = plot.cursor.idx ?? last;
    const far = Math.max(1, Math.round(last / 12));
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      PageDown: now - far,
      PageUp: now + far,
      Home: 0,
      End: last,
    };
    const wanted = to[event.key];
    if (wanted === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    const at = wanted === undefined ? undefined : seconds()[Math.max(0, Math.min(last, wanted))];
    plot.setCursor(at === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(at, 'x'), top: 10 });
  });
  screen.addEventListener('blur', () => plot.setCursor({ left: -10, top: -10 }));
}

/** A chart is as wide as there is room. */
function followSize(screen: HTMLElement, plot: uPlot): void {
  new ResizeObserver(() => {
    const width = Math.floor(screen.clientWidth);
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
  }).observe(screen);
}
