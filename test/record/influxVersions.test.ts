import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';
import { waitAsked } from '../../src/record/influxRequest.ts';
import { InfluxSink } from '../../src/record/influxSink.ts';
import { until } from '../support/until.ts';
import { numbered, realClock, rememberingLog, targetAt } from './influxParts.ts';

/** A request as a server had it. */
interface Had {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly encoding: string | undefined;
  readonly lines: readonly string[];
}
type Answer = (had: Had) => { status: number; body?: unknown; headers?: Record<string, string> };

let server: Server | null = null;
const sinks: InfluxSink[] = [];
afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close(0)));
  server?.close();
  server = null;
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A server that answers as it is told to, and one who writes to it. */
async function serving(answer: Answer, more: Partial<InfluxTarget>) {
  const requests: Had[] = [];
  const listening = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const bytes = await bodyOf(request);
      const encoding = request.headers['content-encoding'];
      const text = (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
      const { url: path = '', headers } = request;
      const had = { path, authorization: headers.authorization, encoding, lines: text.split('\n') };
      requests.push(had);
      const { status, body = '', headers: extra = {} } = answer(had);
      response.writeHead(status, extra).end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    void take();
  }).listen(0, '127.0.0.1');
  server = listening;
  await once(listening, 'listening');
  const { log, told } = rememberingLog();
  const target = targetAt((listening.address() as AddressInfo).port, { key: 'influxdb', ...more });
  const sink = new InfluxSink({ target, log, clock: realClock, random: () => 0, lingerMs: 1 });
  sinks.push(sink);
  const write = async (count: number): Promise<void> => {
    sink.write(Array.from({ length: count }, (_, value) => numbered(value)));
    await until('all is dealt with', () => sink.state().waitingPoints === 0);
  };
  return { requests, sink, write, told };
}

const valueOf = (line: string): number => Number(/value=(\d+)/.exec(line)?.[1]);
const token = new Secret('t0ken==');

describe('each version is written to in its own way', () => {
  it.each([
    [
      { api: 1 as const, username: 'u', password: new Secret('p') },
      '/write?db=plancton&precision=u',
      'Basic dTpw',
    ],
    [
      { api: 2 as const, token, org: 'my org', database: 'b' },
      '/api/v2/write?org=my+org&bucket=b&precision=us',
      'Token t0ken==',
    ],
    [{ api: 2 as const, token }, '/api/v2/write?bucket=plancton&precision=us', 'Token t0ken=='],
    [
      { api: 3 as const, token, path: '/sub' },
      '/sub/api/v3/write_lp?db=plancton&precision=microsecond',
      'Bearer t0ken==',
    ],
  ])('%o', async (more, path, authorization) => {
    const { requests, write, sink } = await serving(() => ({ status: 204 }), more);
    await write(2);
    expect(requests).toEqual([
      {
        path,
        authorization,
        encoding: undefined,
        lines: ['m,hostname=n value=0 1700000000000000', 'm,hostname=n value=1 1700000000001000'],
      },
    ]);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 2 });
  });
});

describe('what is large is compressed', () => {
  it('where the server takes that', async () => {
    const { requests, write } = await serving(() => ({ status: 204 }), { api: 2, token });
    await write(500);
    await write(1);
    expect(requests.map(({ encoding, lines }) => [encoding, lines.length])).toEqual([
      ['gzip', 500],
      [undefined, 1],
    ]);
  });

  it.each([415, 400])('and not where it answers %i to that, which is tried once', async (status) => {
    const { requests, write, sink } = await serving(
      ({ encoding }) => ({ status: encoding === 'gzip' ? status : 204 }),
      {},
    );
    await write(100);
    await write(100);
    expect(requests.map(({ encoding }) => encoding)).toEqual(['gzip', undefined, undefined]);
    expect(sink.state()).toMatchObject({ sentPoints: 200, droppedPoints: 0 });
  });
});

describe('a point that is refused costs no other', () => {
  it('where 2.x stores nothing of a batch with a malformed line', async () => {
    const stored: number[] = [];
    const { write, sink, told } = await serving(
      ({ lines }) => {
        const values = lines.map(valueOf);
        if (values.includes(33))
          return { status: 400, body: { code: 'invalid', message: 'unable to parse' } };
        stored.push(...values);
        return { status: 204 };
      },
      { api: 2, token },
    );
    await write(100);
    expect(stored.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index).filter((value) => value !== 33),
    );
    expect(sink.state()).toMatchObject({ sentPoints: 99, droppedPoints: 1 });
    expect(told).toHaveLength(1);
  });

  it('where 2.x tells of a partial write with 422, and 3.x with 400', async () => {
    const v2 = await serving(
      () => ({
        status: 422,
        body: { code: 'unprocessable entity', message: 'partial write: field type conflict dropped=3' },
      }),
      { api: 2, token },
    );
    await v2.write(10);
    expect(v2.requests).toHaveLength(1);
    expect(v2.sink.state()).toMatchObject({ sentPoints: 7, droppedPoints: 3 });
    server?.close();
    const line = { error_message: 'invalid column type', line_number: 2, original_line: 'm value="x"' };
    const v3 = await serving(
      () => ({ status: 400, body: { error: 'partial write of line protocol occurred', data: [line, line] } }),
      { api: 3, token },
    );
    await v3.write(10);
    expect(v3.requests).toHaveLength(1);
    expect(v3.sink.state()).toMatchObject({ sentPoints: 8, droppedPoints: 2 });
  });

  it('where the batch is too large, in bytes as they travel', async () => {
    const { write, sink } = await serving(({ lines }) => ({ status: lines.length > 30 ? 413 : 204 }), {
      api: 3,
      token,
    });
    await write(100);
    expect(sink.state()).toMatchObject({ sentPoints: 100, droppedPoints: 0 });
  });
});

describe('a server that wants to be left alone', () => {
  it('is, and has everything afterwards', async () => {
    let left = 2;
    const { write, sink, told } = await serving(
      () => {
        left -= 1;
        return left < 0
          ? { status: 204 }
          : { status: left === 1 ? 429 : 503, headers: { 'Retry-After': '0' } };
      },
      { api: 2, token },
    );
    await write(10);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 10, droppedPoints: 0 });
    expect(told.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('says so in seconds, or with a date', () => {
    const at = Date.UTC(2030, 0, 1);
    expect(waitAsked('120', at)).toBe(120_000);
    expect(waitAsked('Tue, 01 Jan 2030 00:01:00 GMT', at)).toBe(60_000);
    expect(waitAsked('Mon, 31 Dec 2029 00:00:00 GMT', at)).toBe(0);
    for (const nothing of [undefined, '', 'soon']) expect(waitAsked(nothing, at)).toBeNull();
  });
});

it('a bucket that is not there is no reason to make a database, and is told with its name', async () => {
  const body = { code: 'not found', message: 'bucket "plancton" not found' };
  const { sink, requests } = await serving(() => ({ status: 404, body }), { api: 2, token });
  sink.write([numbered(1)]);
  await until('it fails', () => sink.state().state === 'failing');
  expect(sink.state()).toMatchObject({
    error: 'it answers 404: bucket "plancton" not found',
    waitingPoints: 1,
  });
  expect(requests.map(({ path }) => path.split('?')[0])).toEqual(['/api/v2/write']);
});
