import { type Chart, createChart } from './chart.ts';
import { el, setText, swatch } from './elements.ts';
import { type Placed, placeInLanes } from './lanes.ts';
import { type Life, paintLives, paintStretches } from './paint.ts';
import { type Stretch, stretches } from './shape.ts';
import type { EndedPilot, PilotsAnswer, PsAnswer, RingSeries } from './told.ts';
import { clockText, obstacle, obstacles, outcomes, outcomeWord } from './words.ts';
import { spanText } from '../decide/numbers.ts';

/** Pilots over time, and what kept one more from starting. */
export interface Timeline {
  readonly element: HTMLElement;
  show(told: Shown): void;
}

/** What is shown of a stretch of time. */
export interface Shown {
  readonly hours: number;
  readonly nowMs: number;
  readonly ended: PilotsAnswer;
  readonly running: PsAnswer | null;
  readonly series: RingSeries;
}

const highest = 26;
const tallest = 360;
const around = 40;

/** Makes it; `onPilot` is told whose life was clicked at. */
export function createTimeline(onPilot: (name: string) => void): Timeline {
  let placed: readonly Placed<Life>[] = [];
  let lanes = 1;
  let kept: readonly Stretch[] = [];
  const under = el('p', { class: 'under', 'aria-hidden': 'true' });
  const lives = createChart({
    title: 'Pilots',
    about:
      'each pilot as a bar from its start to its end, coloured by its outcome; the table of pilots below tells the same',
    lines: [],
    text: () => '',
    top: () => lanes,
    height: 160,
    paint: (plot) => paintLives(plot, placed),
  });
  const strip = createChart({
    title: 'What kept one more from starting',
    about: 'a band that is coloured by what kept one more pilot from starting; the list below tells the same',
    lines: [],
    text: () => '',
    top: () => 1,
    height: 62,
    paint: (plot) => paintStretches(plot, kept),
  });
  lives.figure
    .querySelector('.legend')
    ?.replaceWith(legendOf([['running', 'running'], ['paused', 'paused'], ...outcomes]));
  strip.figure.querySelector('.legend')?.replaceWith(legendOf(Object.values(obstacles)));
  for (const { figure } of [lives, strip]) figure.querySelector('details')?.remove();
  lives.figure.querySelector('.plot')?.after(under);
  const list = el('ol', { class: 'stretches', reversed: '' });
  const listed = el('details', {}, el('summary', {}, 'As a list'), list);
  strip.figure.append(listed);
  let shownMs = 0;
  const listKept = (nowMs: number): void => {
    shownMs = nowMs;
    if (!listed.open) return;
    const time = (seconds: number): string => clockText(seconds * 1000, nowMs);
    const items = kept.toReversed().map(({ fromSeconds, untilSeconds, rule }) => {
      return el('li', {}, `${time(fromSeconds)} to ${time(untilSeconds)}: ${ruleText(rule)}`);
    });
    list.replaceChildren(...items);
  };
  listed.addEventListener('toggle', () => listKept(shownMs));

  const lifeAt = (event: MouseEvent): Placed<Life> | null => {
    const { left, top } = lives.plot.over.getBoundingClientRect();
    const ms = lives.plot.posToVal(event.clientX - left, 'x') * 1000;
    const lane = Math.floor(lives.plot.posToVal(event.clientY - top, 'y'));
    const slackMs = Math.abs(lives.plot.posToVal(2, 'x') - lives.plot.posToVal(0, 'x')) * 1000;
    return (
      placed.find((one) => one.lane === lane && one.fromMs - slackMs <= ms && ms <= one.untilMs + slackMs) ??
      null
    );
  };
  lives.plot.over.addEventListener('mousemove', (event) => {
    const life = lifeAt(event);
    lives.plot.over.classList.toggle('can', life !== null);
    setText(under, life === null ? '' : lifeText(life));
  });
  lives.plot.over.addEventListener('mouseleave', () => setText(under, ''));
  lives.plot.over.addEventListener('click', (event) => {
    const life = lifeAt(event);
    if (life !== null) onPilot(life.what.name);
  });

  return {
    element: el('div', { class: 'charts' }, lives.figure, strip.figure),
    show(told) {
      const untilSeconds = told.nowMs / 1000;
      const fromSeconds = untilSeconds - told.hours * 3600;
      const all = livesOf(told);
      ({ placed, lanes } = placeInLanes(all));
      lanes = Math.max(1, lanes);
      kept = stretches(told.series).filter((one) => one.untilSeconds > fromSeconds);
      const height = Math.min(tallest, around + lanes * highest);
      if (lives.plot.height !== height) lives.plot.setSize({ width: lives.plot.width, height });
      for (const { show } of [lives, strip])
        show({ seconds: [fromSeconds, untilSeconds], of: [] }, fromSeconds, untilSeconds);
      setText(summaryOf(lives), livesText(told, all.length));
      setText(summaryOf(strip), keptText(kept));
      listKept(told.nowMs);
    },
  };
}

function summaryOf({ figure }: Chart): HTMLElement {
  return figure.querySelector<HTMLElement>('.summary') ?? figure;
}

function legendOf(words: readonly (readonly [string, string])[]): HTMLElement {
  return el('ul', { class: 'legend' }, ...words.map(([colour, word]) => el('li', {}, swatch(colour), word)));
}

/** Lives that reach into the time that is shown. */
function livesOf({ ended, running, nowMs, hours }: Shown): { what: Life; fromMs: number; untilMs: number }[] {
  const sinceMs = nowMs - hours * 3_600_000;
  const over = ended.ended.map((pilot) => ({
    what: { name: pilot.name, kind: pilot.kind, colour: pilot.outcome, word: endText(pilot) },
    fromMs: pilot.startMs ?? pilot.endMs,
    untilMs: pilot.endMs,
  }));
  const alive = (running?.pilots ?? []).flatMap(({ name, kind, state, ageSeconds }) =>
    ageSeconds === null || (state !== 'running' && state !== 'paused')
      ? []
      : [
          {
            what: { name, kind, colour: state, word: state },
            fromMs: nowMs - ageSeconds * 1000,
            untilMs: nowMs,
          },
        ],
  );
  return [...over, ...alive].filter(({ untilMs }) => untilMs >= sinceMs);
}

function endText({ outcome, why }: EndedPilot): string {
  return why === null ? outcomeWord(outcome) : `${outcomeWord(outcome)}: ${why}`;
}

function lifeText({ what, fromMs, untilMs }: Placed<Life>): string {
  const kind = what.kind === null ? '' : ` of kind ${what.kind}`;
  return `${what.name}${kind}, ${spanText(untilMs - fromMs)}: ${what.word}`;
}

function livesText({ ended, nowMs, hours }: Shown, count: number): string {
  if (count === 0) return 'No pilot ran in this time.';
  const sinceMs = nowMs - hours * 3_600_000;
  const counts = outcomes.flatMap(([outcome, word]) => {
    const many = ended.ended.filter((one) => one.outcome === outcome && one.endMs >= sinceMs).length;
    return many === 0 ? [] : [`${many} ${word}`];
  });
  const oldest = ended.ended.at(-1);
  const rest =
    ended.complete || oldest === undefined
      ? ''
      : ` Only the last ${ended.ended.length} ends are shown, since ${clockText(oldest.endMs, nowMs)}.`;
  return `${counts.length === 0 ? 'None of them has ended yet' : `Ended: ${counts.join(', ')}`}.${rest}`;
}

function ruleText(rule: Stretch['rule']): string {
  if (rule === 'away') return 'the engine did not answer';
  if (rule === null) return 'nothing';
  const word = obstacles[obstacle(rule)][1];
  return obstacle(rule) === 'full' ? word : `${word} (${rule})`;
}

/** How long what kept one more from starting. */
function keptText(kept: readonly Stretch[]): string {
  if (kept.length === 0) return 'Nothing is known of this time yet.';
  const seconds = new Map<string, number>();
  for (const { rule, fromSeconds, untilSeconds } of kept) {
    const word = rule === 'away' ? obstacles.trouble[1] : obstacles[obstacle(rule)][1];
    seconds.set(word, (seconds.get(word) ?? 0) + untilSeconds - fromSeconds);
  }
  const parts = [...seconds]
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, long]) => `${word}: ${spanText(long * 1000)}`);
  return `${parts.join('; ')}.`;
}
