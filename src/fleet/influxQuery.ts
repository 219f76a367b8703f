import type { FleetSource } from '../model/fleet.ts';
import { type Answering, ask, refusalText } from './ask.ts';
import { faultOf } from './fault.ts';

/** One row: the tags of its series, its time, and the other columns in the order of the question. */
export interface InfluxRow {
  readonly tags: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly values: readonly unknown[];
}

interface Answer {
  readonly error?: string;
  readonly message?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly unknown[])[];
    }[];
  }[];
}

/**
 * Asks in InfluxQL, by the one way that 1.x, 2.x and 3.x share: `GET /query`. Answers come series by series, so that
 * those of ten thousand nodes are never in memory at once; a server that sends them in one piece is understood, too.
 * Throws `SourceFault`.
 */
export async function* influxRows(
  source: FleetSource,
  influxql: string,
  signal: AbortSignal,
): AsyncGenerator<InfluxRow> {
  const query = new URLSearchParams({ db: source.database, epoch: 'ms', chunked: 'true', q: influxql });
  const answering = await ask(source, `/query?${query.toString()}`, signal);
  if (answering.status !== 200) throw await refusalOf(source, answering);
  for await (const line of answering.lines()) {
    if (line === '') continue;
    for (const { series = [], error } of answerOf(source, line).results ?? []) {
      if (error !== undefined) throw faultOf(source, error);
      for (const { tags = {}, values = [] } of series)
        for (const [atMs, ...others] of values) yield { tags, atMs: timeOf(atMs), values: others };
    }
  }
}

function answerOf(source: FleetSource, line: string): Answer {
  const answer = parsed(line);
  if (typeof answer?.error === 'string') throw faultOf(source, answer.error);
  if (!Array.isArray(answer?.results)) throw faultOf(source, 'it does not answer as an InfluxDB does');
  return answer;
}

async function refusalOf(source: FleetSource, answering: Answering): Promise<Error> {
  const { status } = answering;
  const who = source.token === null ? 'user' : 'token';
  if (status === 401 && source.token === null && source.username === null)
    return faultOf(source, 'it wants to know who asks (401): a user and password, or a token, are missing');
  if (status === 401) return faultOf(source, `the ${who} is wrong, or may not read there (401)`);
  if (status === 403) return faultOf(source, `this ${who} may not read there (403)`);
  const said = await refusalText(answering);
  return faultOf(source, `it answers ${status}${said === '' ? '' : `: ${errorIn(said).slice(0, 300)}`}`);
}

/** 1.x and 3.x call it `error`, 2.x `message`. */
function errorIn(body: string): string {
  const { error, message } = parsed(body) ?? {};
  const said = error ?? message;
  return typeof said === 'string' ? said : body;
}

function parsed(text: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' ? answer : null;
  } catch {
    return null;
  }
}

/** A server that does not know `epoch` writes times out. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number(value);
}

/** A number of a row; null where there is none. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A text of a row; null where there is none. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
