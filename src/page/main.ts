import { spanText } from '../decide/numbers.ts';
import { ask } from './ask.ts';
import { byId, el, setText } from './elements.ts';
import { createFleetView } from './fleetView.ts';
import { createKindsView } from './kindsView.ts';
import { follow, type LinkState } from './live.ts';
import { createNodeCharts } from './nodeCharts.ts';
import { createNowView } from './nowView.ts';
import { createPilotDialog } from './pilotDialog.ts';
import { createEndedView, createRunningView } from './pilotViews.ts';
import { endsOf } from './shape.ts';
import { showDecisions, showWhy } from './storyView.ts';
import { createTimeline } from './timeline.ts';
import {
  type DecisionsAnswer,
  type KindsAnswer,
  type NodeFacts,
  type Now,
  type PilotsAnswer,
  type RingSeries,
  spans,
  type WhyAnswer,
} from './told.ts';
import { clockText } from './words.ts';

/** What is known, and how far back is looked. */
let now: Now = { facts: null, pilots: null };
let series: RingSeries | null = null;
let ended: PilotsAnswer = { ended: [], complete: true };
let why: WhyAnswer | null = null;
let span: (typeof spans)[number] = spans[1];

const openPilot = createPilotDialog(() => now.pilots?.pilots ?? []);
const nowView = createNowView();
const charts = createNodeCharts();
const timeline = createTimeline(openPilot);
const showRunning = createRunningView(openPilot);
const showEnded = createEndedView(openPilot);
const showKinds = createKindsView();
const fleet = createFleetView();
byId('charts').append(...charts.figures);
byId('timeline').append(timeline.element);

const nowMs = (): number => now.facts?.atWallMs ?? Date.now();

function showNow(): void {
  nowView.show(now.facts, why);
  showRunning(now.pilots);
  // What lies hours back moves by a pixel a minute: it is not drawn anew with all the news.
  if (Date.now() - drawnMs > span.hours * 1000) showTimes();
}

/** What is told of the node whichever view is looked at. */
function showWho(facts: NodeFacts): void {
  const { hostname, version, engine, uptimeMs, cost } = facts;
  const what = engine.product === null ? 'no engine yet' : `${engine.product} ${engine.version ?? ''}`;
  setText(byId('hostname'), hostname);
  document.title = `${hostname} · Plancton`;
  setText(
    byId('foot'),
    `Plancton ${version}, running for ${spanText(uptimeMs)} in ${Math.round(cost.residentBytes / 1e6)} MB · ${what} · times are those of your browser`,
  );
}

let drawnMs = 0;
function showTimes(): void {
  if (series === null) return;
  drawnMs = Date.now();
  charts.show(series, span.hours, now.facts);
  timeline.show({ hours: span.hours, nowMs: nowMs(), ended, running: now.pilots, series });
}

/** What is asked for now and then: how often, and when it was last had. */
interface Errand {
  readonly everyMs: () => number;
  readonly run: () => Promise<void>;
  dueMs: number;
}

const errand = (everyMs: () => number, run: () => Promise<void>): Errand => ({ everyMs, run, dueMs: 0 });

const errands = {
  series: errand(
    () => Math.max(15_000, (span.hours * 3_600_000) / span.steps),
    async () => {
      const { hours, steps } = span;
      const answer = await ask<RingSeries>(`api/series?hours=${hours}&steps=${steps}`);
      if (!answer.ok || hours !== span.hours) return;
      series = answer.value;
      nowView.showSpan(series, hours);
      showTimes();
    },
  ),
  pilots: errand(
    () => 60_000,
    async () => {
      const { hours } = span;
      const answer = await ask<PilotsAnswer>(`api/pilots?hours=${hours}`);
      if (!answer.ok || hours !== span.hours) return;
      ended = answer.value;
      showEnded(ended, nowMs());
      showTimes();
    },
  ),
  why: errand(
    () => 10_000,
    async () => {
      const answer = await ask<WhyAnswer | null>('api/why');
      if (!answer.ok) return;
      why = answer.value;
      showWhy(why);
      nowView.show(now.facts, why);
    },
  ),
  decisions: errand(
    () => 10_000,
    async () => {
      const answer = await ask<DecisionsAnswer | null>('api/decisions');
      if (answer.ok) showDecisions(answer.value, nowMs());
    },
  ),
  kinds: errand(
    () => 10_000,
    async () => {
      const answer = await ask<KindsAnswer | null>('api/kinds');
      if (answer.ok) showKinds(answer.value);
    },
  ),
} as const;

/** Runs what is due, one after the other: the daemon has other work to do. */
async function runErrands(): Promise<void> {
  for (const one of Object.values(errands)) {
    if (Date.now() < one.dueMs) continue;
    one.dueMs = Date.now() + one.everyMs();
    await one.run();
  }
}

let running = false;
let [endsSeen, aliveSeen] = [-1, -1];

/** Has these done within so long. */
function hurry(ms: number, some: readonly Errand[]): void {
  for (const one of some) one.dueMs = Math.min(one.dueMs, Date.now() + ms);
}

function onNews(news: unknown): void {
  now = (news as Now | null) ?? now;
  const alive = now.facts?.slots.taken ?? 0;
  // Ends are told by the journal; it is asked when there are more of them, and not at each.
  const ends = now.facts === null ? 0 : endsOf(now.facts);
  if (ends !== endsSeen) hurry(6000, [errands.pilots]);
  if (ends !== endsSeen || alive !== aliveSeen) hurry(1000, [errands.decisions, errands.kinds, errands.why]);
  endsSeen = ends;
  aliveSeen = alive;
  if (now.facts !== null) showWho(now.facts);
  if (byId('node-view').hidden) return;
  showNow();
  if (running) return;
  running = true;
  void runErrands().finally(() => {
    running = false;
  });
}

function onState(state: LinkState): void {
  const link = byId('link');
  link.dataset['state'] = state.is;
  setText(link, state.is === 'lost' ? 'not connected' : state.is === 'live' ? 'live' : 'connecting');
  const lost = byId('lost');
  lost.hidden = state.is !== 'lost';
  document.body.classList.toggle('stale', state.is === 'lost');
  if (state.is === 'lost')
    setText(
      lost,
      state.sinceMs === null
        ? 'The daemon does not answer. This goes on trying.'
        : `Not connected since ${clockText(state.sinceMs, Date.now(), true)}: what is shown is of then. This goes on trying.`,
    );
  // What was missed meanwhile is asked for at once.
  else if (state.is === 'live' && wasLost) for (const one of Object.values(errands)) one.dueMs = 0;
  wasLost = state.is === 'lost';
}
let wasLost = false;

function showView(): void {
  const isFleet = location.hash === '#fleet';
  byId('node-view').hidden = isFleet;
  byId('fleet-view').hidden = !isFleet;
  for (const [id, isHere] of [
    ['to-node', !isFleet],
    ['to-fleet', isFleet],
  ] as const) {
    if (isHere) byId(id).setAttribute('aria-current', 'page');
    else byId(id).removeAttribute('aria-current');
  }
  if (isFleet) fleet.enter();
  else {
    fleet.leave();
    showNow();
  }
}

byId('span').append(
  ...spans.map((one) => {
    const radio = el('input', { type: 'radio', name: 'span', value: String(one.hours) });
    radio.checked = one === span;
    radio.addEventListener('change', () => {
      span = one;
      errands.series.dueMs = 0;
      errands.pilots.dueMs = 0;
      void runErrands();
    });
    return el('label', {}, radio, el('span', {}, `${one.hours} h`));
  }),
);
setText(byId('hostname'), location.hostname);
window.addEventListener('hashchange', showView);
showView();
follow({ url: 'api/events', onNews, onState });
