import type { FleetAnswer, FleetSource } from '../model/fleet.ts';
import { FleetBook, type OpenDay } from './book.ts';
import { printableSource } from './fault.ts';
import { type Found, promqlAt, promqlOver } from './prometheusQuery.ts';
import { courseStepMs, courseSteps, type FleetQuestion } from './question.ts';

const dayMs = 86_400_000;
const hourSeconds = 3600;
/** What a node last told is taken from so long ago at most. */
const lately = '5m';
/** When a node was scraped is looked at so closely, and so far back. */
const closely = '10m:15s';

type At = (promql: string, atMs?: number) => Promise<readonly Found[]>;

/** What a Prometheus that scrapes nodes knows of them. Throws `SourceFault`. */
export async function prometheusFleet(
  source: FleetSource,
  question: FleetQuestion,
  signal: AbortSignal,
): Promise<FleetAnswer> {
  const { nowMs } = question;
  const at: At = (promql, atMs = nowMs) => promqlAt(source, promql, atMs, signal);
  const book = new FleetBook();
  await readSeen(book, at, question.forgetMs);
  await readNodes(book, at);
  await readToday(book, at, question);
  if (question.course) await readCourse(book, source, nowMs, signal);
  for (const { fromMs, toMs } of question.days) await readDay(book.day(fromMs, toMs), at, fromMs, toMs);
  return book.answer(question, printableSource(source), namesOf(book.names()));
}

/**
 * When each node was last scraped: of the last minutes exactly, of a day to 5 minutes, of the time before to an hour. So
 * the database looks at some hundred moments of each node, and not at each scrape of a week.
 */
async function readSeen(book: FleetBook, at: At, forgetMs: number): Promise<void> {
  const spans = [closely, `${seconds(Math.min(forgetMs, dayMs))}:5m`];
  if (forgetMs > dayMs) spans.push(`${seconds(forgetMs)}:1h`);
  for (const span of spans) {
    const seen = await at(`max by (instance) (max_over_time(timestamp(plancton_node_cpus)[${span}]))`);
    for (const { labels, value } of seen) book.heard(labels['instance'] ?? '', value * 1000);
  }
}

async function readNodes(book: FleetBook, at: At): Promise<void> {
  const each = async (promql: string, take: (node: Node, found: Found) => void): Promise<void> => {
    for (const found of await at(promql)) {
      const node = book.node(found.labels['instance'] ?? '');
      if (node !== undefined) take(node, found);
    }
  };
  const last = (metric: string): string => `last_over_time(${metric}[${lately}])`;
  await each(pace, (node, { value }) => {
    // One scrape alone tells no pace: 0 of 0.
    if (Number.isFinite(value)) node.paceMs = value * 1000;
  });
  await each(last('plancton_node_cpus'), (node, { value }) => (node.cpus = value));
  await each(last('plancton_cpus_in_use'), (node, { labels, value }) => {
    node[labels['used_by'] === 'pilots' ? 'pilotsCpus' : 'ownerCpus'] = value;
  });
  await each(last('plancton_pilots_limit'), (node, { value }) => (node.limit = value));
  const running = `sum by (instance, kind) (${last('plancton_pilots{state="running"}')})`;
  await each(running, (node, { labels, value }) => node.runningByKind.set(labels['kind'] ?? '', value));
  await each(newest('plancton_build_info', 'version'), (node, { labels }) => {
    node.version = labels['version'] ?? null;
  });
  await each(newest('plancton_state == 1', 'state'), (node, { labels }) => {
    node.status = labels['state'] ?? null;
  });
}

const scrapes = `timestamp(plancton_node_cpus)[${closely}]`;
/**
 * Seconds from one scrape to the next, of those of the last ten minutes: from the first to the last of them, and not to
 * now, so that it stays the same when no more come.
 */
const pace = `max by (instance) ((max_over_time(${scrapes}) - min_over_time(${scrapes})) / changes(${scrapes}))`;

type Node = NonNullable<ReturnType<FleetBook['node']>>;

/** The label of each node that was seen last: an upgrade leaves the version of before beside the new one for a while. */
function newest(vector: string, label: string): string {
  return `topk by (instance) (1, max by (instance, ${label}) (max_over_time(timestamp(${vector})[${lately}:15s])))`;
}

async function readToday(book: FleetBook, at: At, { nowMs, todayMs }: FleetQuestion): Promise<void> {
  const span = seconds(Math.max(60_000, nowMs - todayMs));
  for (const { labels, value } of await at(
    `sum by (instance, used_by) (${grown('cpu_seconds_total', span)})`,
  ))
    addCpu(book.node(labels['instance'] ?? '')?.today, labels, value);
  for (const { labels, value } of await at(`sum by (instance) (${grown(starts, span)})`))
    addStarts(book.node(labels['instance'] ?? '')?.today, value);
  for (const { labels, value } of await at(`sum by (instance, outcome) (${grown(ends, span)})`))
    addEnds(book.node(labels['instance'] ?? '')?.today, labels, value);
}

async function readDay(day: OpenDay, at: At, fromMs: number, toMs: number): Promise<void> {
  const span = seconds(toMs - fromMs);
  for (const { labels, value } of await at(`sum by (used_by) (${grown('cpu_seconds_total', span)})`, toMs))
    addCpu(day, labels, value);
  for (const { value } of await at(`sum(${grown(starts, span)})`, toMs)) addStarts(day, value);
  for (const { labels, value } of await at(`sum by (outcome) (${grown(ends, span)})`, toMs))
    addEnds(day, labels, value);
}

const starts = 'pilot_starts_total{result="started"}';
const ends = 'pilot_ends_total';

/** How much a counter has grown in a span, restarts reckoned with. */
function grown(counter: string, span: string): string {
  return `increase(plancton_${counter}[${span}])`;
}

function addCpu(day: OpenDay | undefined, labels: Found['labels'], value: number): void {
  if (day === undefined) return;
  day[labels['used_by'] === 'pilots' ? 'pilotsCpuHours' : 'ownerCpuHours'] = value / hourSeconds;
}

function addStarts(day: OpenDay | undefined, value: number): void {
  if (day !== undefined) day.started = Math.round(value);
}

function addEnds(day: OpenDay | undefined, labels: Found['labels'], value: number): void {
  const count = Math.round(value);
  if (count > 0) day?.endedByOutcome.set(labels['outcome'] ?? '', count);
}

/** Steps end now, so that the last one is a whole one, too. */
async function readCourse(
  book: FleetBook,
  source: FleetSource,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  const firstMs = Math.floor(nowMs) - courseSteps * courseStepMs;
  for (let index = 0; index < courseSteps; index += 1) book.step(firstMs + index * courseStepMs);
  const range = { fromMs: firstMs + courseStepMs, toMs: Math.floor(nowMs), stepMs: courseStepMs };
  const over = async (
    promql: string,
    name: (labels: Found['labels']) => 'nodes' | 'cpus' | 'running' | 'ownerCpus' | 'pilotsCpus',
  ): Promise<void> => {
    for (const { labels, values } of await promqlOver(source, promql, range, signal))
      for (const [atMs, value] of values) book.step(atMs - courseStepMs)[name(labels)] = value;
  };
  await over('count(max by (instance) (plancton_node_cpus))', () => 'nodes');
  await over('sum(plancton_node_cpus)', () => 'cpus');
  await over('sum(plancton_pilots{state="running"})', () => 'running');
  const use = `sum by (used_by) (rate(plancton_cpu_seconds_total[${seconds(courseStepMs)}]))`;
  await over(use, (labels) => (labels['used_by'] === 'pilots' ? 'pilotsCpus' : 'ownerCpus'));
}

/** Nodes are scraped at a host and a port; where the hosts differ, they are names enough. */
function namesOf(instances: readonly string[]): (instance: string) => string {
  const hostOf = (instance: string): string => instance.replace(/:\d+$/, '');
  const areHosts = new Set(instances.map(hostOf)).size === instances.length;
  return areHosts ? hostOf : (instance) => instance;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}
