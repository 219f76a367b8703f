import type { FleetSource } from '../model/fleet.ts';
import { ask, refusalText } from './ask.ts';
import { faultOf } from './fault.ts';

/** One series that a question found. */
export interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series over time; times are Unix milliseconds. */
export interface FoundOverTime {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [atMs: number, value: number])[];
}

interface Answer {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly data?: { readonly result?: unknown };
}

interface Series {
  readonly metric?: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** Asks in PromQL how it was at this time (`/api/v1/query`). Throws `SourceFault`. */
export async function promqlAt(
  source: FleetSource,
  promql: string,
  atMs: number,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const query = new URLSearchParams({ query: promql, time: String(atMs / 1000) });
  const series = await seriesOf(source, `/api/v1/query?${query.toString()}`, signal);
  return series.flatMap(({ metric = {}, value }) => {
    const number = Number(value?.[1]);
    return Number.isFinite(number) ? [{ labels: metric, value: number }] : [];
  });
}

/** The same from one time to another (`/api/v1/query_range`). Throws `SourceFault`. */
export async function promqlOver(
  source: FleetSource,
  promql: string,
  { fromMs, toMs, stepMs }: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  signal: AbortSignal,
): Promise<readonly FoundOverTime[]> {
  const query = new URLSearchParams({
    query: promql,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
    step: String(stepMs / 1000),
  });
  const series = await seriesOf(source, `/api/v1/query_range?${query.toString()}`, signal);
  return series.map(({ metric = {}, values = [] }) => ({
    labels: metric,
    values: values
      .map(([seconds, text]) => [Math.round(seconds * 1000), Number(text)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }));
}

async function seriesOf(source: FleetSource, path: string, signal: AbortSignal): Promise<readonly Series[]> {
  const answering = await ask(source, path, signal);
  const { status } = answering;
  if (status === 401 || status === 403)
    throw faultOf(source, `who asks may not read there, or is not known (${status})`);
  const body = status === 200 ? await wholeOf(answering.lines()) : await refusalText(answering);
  const answer = answerOf(body);
  if (typeof answer?.error === 'string') throw faultOf(source, `it answers ${status}: ${answer.error}`);
  if (status !== 200) throw faultOf(source, `it answers ${status}: ${body.slice(0, 300)}`);
  const result = answer?.data?.result;
  if (answer?.status !== 'success' || !Array.isArray(result))
    throw faultOf(source, 'it does not answer as a Prometheus does');
  return result as Series[];
}

async function wholeOf(lines: AsyncGenerator<string>): Promise<string> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all.join('\n');
}

function answerOf(body: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' ? answer : null;
  } catch {
    return null;
  }
}
