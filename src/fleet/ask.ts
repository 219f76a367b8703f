import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { FleetSource } from '../model/fleet.ts';
import { errorLine } from '../record/oneLine.ts';
import { faultOf } from './fault.ts';

/** An answer whose body has not been read. */
export interface Answering {
  readonly status: number;
  /** The lines of its body, the last one also without an end; may be asked for once. */
  lines(): AsyncGenerator<string>;
}

/** One answer of a Prometheus is one line. */
const longestLine = 64_000_000;
const longestRefusal = 65_536;

/**
 * Asks the source for this path, below its own, by `GET`. It goes nowhere else: redirections are not followed. Throws
 * `SourceFault` when it cannot be reached.
 */
export async function ask(source: FleetSource, path: string, signal: AbortSignal): Promise<Answering> {
  const { protocol, host, port } = source;
  const options: https.RequestOptions = {
    host,
    port,
    path: source.path + path,
    agent: false,
    headers: { accept: 'application/json', ...authorization(source) },
    signal,
  };
  try {
    const asking =
      protocol === 'https' ? https.request({ ...options, ...trust(source) }) : http.request(options);
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      asking.on('response', resolve).on('error', reject).end();
    });
    return { status: response.statusCode ?? 0, lines: () => linesOf(source, response, signal) };
  } catch (error) {
    throw unreachable(source, error, signal);
  }
}

/** The whole of what comes with a refusal, cut. */
export async function refusalText(answering: Answering): Promise<string> {
  let text = '';
  for await (const line of answering.lines()) {
    text += `${line}\n`;
    if (text.length > longestRefusal) break;
  }
  return text.slice(0, longestRefusal).trim();
}

async function* linesOf(
  source: FleetSource,
  response: http.IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let pieces: string[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const [first = '', ...more] = chunk.split('\n');
      pieces.push(first);
      length += first.length;
      if (length > longestLine) throw faultOf(source, 'its answer is larger than 64 MB');
      for (const next of more) {
        yield pieces.join('');
        pieces = [next];
        length = next.length;
      }
    }
  } catch (error) {
    throw error instanceof Error && error.name === 'SourceFault' ? error : unreachable(source, error, signal);
  }
  if (length > 0) yield pieces.join('');
}

function unreachable(source: FleetSource, error: unknown, signal: AbortSignal): Error {
  if (!signal.aborted) return faultOf(source, `cannot be asked: ${errorLine(error)}${adviceFor(error)}`);
  const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  return faultOf(source, isLate ? 'no answer in time' : 'the question was given up');
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/CERT|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)) return '';
  return ' (a file of certificates may say whom it is signed by: tls.ca in fleet, or --ca)';
}

function trust({ verifyCertificate, caFile }: FleetSource): https.RequestOptions {
  return {
    rejectUnauthorized: verifyCertificate,
    ...(caFile === null || !verifyCertificate ? {} : { ca: readFileSync(caFile) }),
  };
}

/** InfluxDB 2.x knows `Token` alone, 3.x both; Prometheus and what stands before it want `Bearer` (RFC 6750). */
function authorization({ type, token, username, password }: FleetSource): { authorization?: string } {
  if (token !== null)
    return { authorization: `${type === 'influxdb' ? 'Token' : 'Bearer'} ${token.reveal()}` };
  if (username === null) return {};
  const pair = `${username}:${password?.reveal() ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}
