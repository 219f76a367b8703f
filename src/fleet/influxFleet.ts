import type { FleetAnswer, FleetSource } from '../model/fleet.ts';
import { FleetBook, type OpenDay } from './book.ts';
import { printableSource } from './fault.ts';
import { type InfluxRow, influxRows, numberOf, textOf } from './influxQuery.ts';
import { courseStepMs, courseSteps, type FleetQuestion } from './question.ts';

/** The points of one report have one time; a point of another has not. */
const sameReportMs = 500;
const hourSeconds = 3600;

type Rows = (influxql: string) => AsyncGenerator<InfluxRow>;

/**
 * What an InfluxDB that nodes report to knows of them. The database adds up what is for all nodes together; of each node
 * come a few rows, one series at a time. Throws `SourceFault`.
 */
export async function influxFleet(
  source: FleetSource,
  question: FleetQuestion,
  signal: AbortSignal,
): Promise<FleetAnswer> {
  const rows: Rows = (influxql) => influxRows(source, influxql, signal);
  const book = new FleetBook();
  await readNodes(book, rows, question);
  await readToday(book, rows, question);
  if (question.course) await readCourse(book, rows, question);
  for (const { fromMs, toMs } of question.days) await readDay(book.day(fromMs, toMs), rows, fromMs, toMs);
  return book.answer(question, printableSource(source));
}

async function readNodes(book: FleetBook, rows: Rows, { nowMs, forgetMs }: FleetQuestion): Promise<void> {
  const since = `time >= ${Math.floor(nowMs - forgetMs)}ms`;
  const columns = '"owner_cpus", "pilots_cpus", "pilot_limit", "pace_seconds", "version"';
  const nodes = `SELECT last("cpus"), ${columns} FROM "node" WHERE ${since} GROUP BY "hostname"`;
  for await (const { tags, atMs, values } of rows(nodes)) {
    const [cpus = null, ownerCpus = null, pilotsCpus = null, limit = null, paceSeconds = null] =
      values.map(numberOf);
    const node = book.heard(tags['hostname'] ?? '', atMs);
    Object.assign(node, { cpus, ownerCpus, pilotsCpus, limit });
    node.paceMs = paceSeconds === null ? null : paceSeconds * 1000;
    node.version = textOf(values[5]);
  }
  // The original sends this one alone.
  const states = `SELECT last("status") FROM "daemon" WHERE ${since} GROUP BY "hostname"`;
  for await (const { tags, atMs, values } of rows(states))
    book.heard(tags['hostname'] ?? '', atMs).status = textOf(values[0]);
  const pilots = `SELECT last("running") FROM "pilots" WHERE ${since} GROUP BY "hostname", "kind"`;
  for await (const { tags, atMs, values } of rows(pilots)) {
    const node = book.node(tags['hostname'] ?? '');
    const running = numberOf(values[0]);
    // A kind that the node's last report does not tell of is gone from its configuration.
    if (node === undefined || running === null || atMs < node.lastSeenMs - sameReportMs) continue;
    node.runningByKind.set(tags['kind'] ?? '', running);
  }
}

async function readToday(book: FleetBook, rows: Rows, { todayMs }: FleetQuestion): Promise<void> {
  const since = `time >= ${Math.floor(todayMs)}ms`;
  for (const [whose, field] of cpuFields)
    for await (const { tags, values } of rows(`${cpuSum(field)} WHERE ${since} GROUP BY "hostname"`))
      addCpu(book.node(tags['hostname'] ?? '')?.today, whose, values);
  for await (const { tags, values } of rows(`${startCounts} AND ${since} GROUP BY "hostname"`))
    addStarts(book.node(tags['hostname'] ?? '')?.today, values);
  for await (const { tags, values } of rows(`${endCounts} WHERE ${since} GROUP BY "hostname", "outcome"`))
    addEnds(book.node(tags['hostname'] ?? '')?.today, tags['outcome'] ?? '', values);
}

async function readDay(day: OpenDay, rows: Rows, fromMs: number, toMs: number): Promise<void> {
  const when = `time >= ${Math.floor(fromMs)}ms AND time < ${Math.floor(toMs)}ms`;
  for (const [whose, field] of cpuFields)
    for await (const { values } of rows(`${cpuSum(field)} WHERE ${when}`)) addCpu(day, whose, values);
  for await (const { values } of rows(`${startCounts} AND ${when}`)) addStarts(day, values);
  for await (const { tags, values } of rows(`${endCounts} WHERE ${when} GROUP BY "outcome"`))
    addEnds(day, tags['outcome'] ?? '', values);
}

/** Always one field in a question: asked for together, an InfluxDB 1.6 takes three to thirty times as long. */
const cpuFields = [
  ['pilotsCpuHours', 'pilots_cpu_seconds'],
  ['ownerCpuHours', 'owner_cpu_seconds'],
] as const;
const cpuSum = (field: string): string => `SELECT sum("${field}") FROM "node"`;
const startCounts = `SELECT count("took_seconds") FROM "start" WHERE "result" = 'started'`;
const endCounts = 'SELECT count("lived_seconds") FROM "end"';

function addCpu(
  day: OpenDay | undefined,
  whose: (typeof cpuFields)[number][0],
  values: readonly unknown[],
): void {
  const sum = numberOf(values[0]);
  if (day === undefined || sum === null) return;
  day[whose] = sum / hourSeconds;
  // Who tells of CPU time tells of starts: no row of them is none.
  day.started ??= 0;
}

function addStarts(day: OpenDay | undefined, values: readonly unknown[]): void {
  if (day !== undefined) day.started = numberOf(values[0]);
}

function addEnds(day: OpenDay | undefined, outcome: string, values: readonly unknown[]): void {
  const count = numberOf(values[0]);
  if (count !== null && count > 0) day?.endedByOutcome.set(outcome, count);
}

/** Means of each node in each step, added up by the database. */
async function readCourse(book: FleetBook, rows: Rows, { nowMs }: FleetQuestion): Promise<void> {
  const lastMs = Math.floor(nowMs / courseStepMs) * courseStepMs;
  const firstMs = lastMs - (courseSteps - 1) * courseStepMs;
  for (let fromMs = firstMs; fromMs <= lastMs; fromMs += courseStepMs) book.step(fromMs);
  const when = `time >= ${firstMs}ms AND time <= ${Math.floor(nowMs)}ms`;
  const step = `time(${courseStepMs / 1000}s)`;
  type Name = 'nodes' | 'cpus' | 'ownerCpus' | 'pilotsCpus' | 'running';
  const read = async (name: Name, what: string, field: string, from: string, tags: string): Promise<void> => {
    const each = `SELECT mean("${field}") AS "each" FROM "${from}" WHERE ${when} GROUP BY ${step}, ${tags} fill(none)`;
    const all = `SELECT ${what}("each") FROM (${each}) WHERE ${when} GROUP BY ${step} fill(none)`;
    for await (const { atMs, values } of rows(all)) book.step(atMs)[name] = numberOf(values[0]);
  };
  await read('nodes', 'count', 'cpus', 'node', '"hostname"');
  await read('cpus', 'sum', 'cpus', 'node', '"hostname"');
  await read('ownerCpus', 'sum', 'owner_cpus', 'node', '"hostname"');
  await read('pilotsCpus', 'sum', 'pilots_cpus', 'node', '"hostname"');
  await read('running', 'sum', 'running', 'pilots', '"hostname", "kind"');
}
