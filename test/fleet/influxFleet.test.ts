import { afterEach, describe, expect, it } from 'vitest';
import { readFleet } from '../../src/fleet/readFleet.ts';
import { Secret } from '../../src/model/secret.ts';
import { type Answer, answering, type Asked } from '../support/answering.ts';
import { influxAt, questionAt } from './source.ts';

const nowMs = 1_800_000_000_000;
const token = new Secret('t0ken-of-mine==');
const never = new AbortController().signal;

let server: Awaited<ReturnType<typeof answering>> | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

async function serving(answer: (asked: Asked) => Answer | undefined) {
  server = await answering(answer);
  return server;
}

const nothing = { results: [{ statement_id: 0 }] };

/** Two nodes; the second has been silent, and had a kind that is gone from its configuration. */
function ofTwo(influxql: string): unknown {
  const series = (name: string, rows: readonly (readonly [Record<string, string>, unknown[]])[]) => ({
    results: [{ statement_id: 0, series: rows.map(([tags, row]) => ({ name, tags, values: [row] })) }],
  });
  const [n1, n2] = [{ hostname: 'n1' }, { hostname: 'n2' }];
  const silentMs = nowMs - 3_600_000;
  if (influxql.includes('last("cpus")'))
    return series('node', [
      [n1, [nowMs - 20_000, 8, 1.5, 4, 6, 30, '1.2.3']],
      [n2, [silentMs, 4, null, null, 2, 600, '1.2.2']],
    ]);
  if (influxql.includes('last("status")'))
    return series('daemon', [
      [n1, [nowMs - 20_000, 'draining']],
      [{ hostname: 'old' }, [nowMs - 5000, 'active']],
    ]);
  if (influxql.includes('last("running")'))
    return series('pilots', [
      [{ ...n1, kind: 'atlas' }, [nowMs - 20_000, 3]],
      [{ ...n1, kind: 'gone' }, [nowMs - 90_000, 7]],
      [{ ...n2, kind: '__proto__' }, [silentMs, 1]],
    ]);
  if (influxql.includes('sum("pilots_cpu_seconds")')) return series('node', [[n1, [0, 7200]]]);
  if (influxql.includes('count("took_seconds")')) return series('start', [[n1, [0, 12]]]);
  if (influxql.includes('count("lived_seconds")'))
    return series('end', [
      [{ ...n1, outcome: 'finished' }, [0, 9]],
      [{ ...n1, outcome: 'evicted' }, [0, 2]],
    ]);
  return nothing;
}

describe('what an InfluxDB tells of a fleet', () => {
  it('is put together by node', async () => {
    const { port } = await serving(({ query }) => ({ body: ofTwo(query.get('q') ?? '') }));
    const answer = await readFleet(influxAt(port), questionAt(nowMs), never);
    expect(answer).toMatchObject({ askedMs: nowMs, source: `InfluxDB http://127.0.0.1:${port}#plancton` });
    const [first, second, original] = answer.nodes;
    expect(first).toEqual({
      node: 'n1',
      state: 'draining',
      lastSeenMs: nowMs - 20_000,
      version: '1.2.3',
      paceMs: 30_000,
      engineAnswers: true,
      cpus: 8,
      ownerCpus: 1.5,
      pilotsCpus: 4,
      running: 3,
      limit: 6,
      runningByKind: { atlas: 3 },
      today: {
        pilotsCpuHours: 2,
        ownerCpuHours: null,
        started: 12,
        endedByOutcome: { finished: 9, evicted: 2 },
      },
    });
    expect(second).toMatchObject({ node: 'n2', state: 'silent', ownerCpus: null, running: 1 });
    expect(Object.keys(second?.runningByKind ?? {})).toEqual(['__proto__']);
    // One of the original's, which sends that series alone.
    expect(original).toMatchObject({ node: 'old', state: 'alive', version: null, running: null });
    expect(answer.course).toHaveLength(96);
    expect(answer.course.every(({ nodes }) => nodes === null)).toBe(true);
  });

  it('is taken in one piece or in many, with a line’s end or without', async () => {
    const { port } = await serving(({ query }) => {
      const whole = ofTwo(query.get('q') ?? '') as { results: { series?: unknown[] }[] };
      const pieces = (whole.results[0]?.series ?? []).map((one) => ({
        results: [{ series: [one], partial: true }],
      }));
      return { body: `${pieces.map((piece) => JSON.stringify(piece)).join('\n')}\n` };
    });
    const answer = await readFleet(influxAt(port), questionAt(nowMs), never);
    expect(answer.nodes.map(({ node, running }) => [node, running])).toEqual([
      ['n1', 3],
      ['n2', 1],
      ['old', null],
    ]);
  });

  it('is understood with times written out', async () => {
    const { port } = await serving(({ query }) => {
      const text = JSON.stringify(ofTwo(query.get('q') ?? ''));
      return { body: text.replaceAll(String(nowMs - 20_000), `"${new Date(nowMs - 20_000).toISOString()}"`) };
    });
    const [first] = (await readFleet(influxAt(port), questionAt(nowMs), never)).nodes;
    expect(first).toMatchObject({ node: 'n1', lastSeenMs: nowMs - 20_000, running: 3 });
  });

  it('is of those alone that were heard lately', async () => {
    const { port } = await serving(({ query }) => ({ body: ofTwo(query.get('q') ?? '') }));
    const question = questionAt(nowMs, { forgetMs: 600_000, course: false });
    const answer = await readFleet(influxAt(port), question, never);
    expect(answer.nodes.map(({ node }) => node)).toEqual(['n1', 'old']);
    expect(answer.course).toEqual([]);
  });
});

describe('it is asked', () => {
  it.each([
    ['1.x', { username: 'u', password: new Secret('p:w') }, '/query', 'Basic dTpwOnc='],
    ['1.x without users', {}, '/query', undefined],
    ['2.x and 3.x', { token, path: '/sub' }, '/sub/query', 'Token t0ken-of-mine=='],
  ])('in the way that %s has', async (_, more, path, authorization) => {
    const { port, asked } = await serving(() => ({ body: nothing }));
    await readFleet(influxAt(port, { ...more, database: 'my bucket' }), questionAt(nowMs), never);
    for (const one of asked) {
      expect(one).toMatchObject({ path, authorization });
      expect(one.query.get('db')).toBe('my bucket');
      expect(one.query.get('epoch')).toBe('ms');
    }
    expect(asked).toHaveLength(12);
  });

  it('for each day by itself, from its beginning to its end', async () => {
    const { port, asked } = await serving(({ query }) => ({
      body: query.get('q')?.includes('GROUP BY "hostname"') === true ? nothing : ofTwo(query.get('q') ?? ''),
    }));
    const days = [
      { fromMs: nowMs - 90_000_000, toMs: nowMs - 3_600_000 },
      { fromMs: nowMs - 3_600_000, toMs: nowMs },
    ];
    const answer = await readFleet(influxAt(port), questionAt(nowMs, { days, course: false }), never);
    expect(answer.days).toEqual(
      days.map((day) => ({
        ...day,
        pilotsCpuHours: 2,
        ownerCpuHours: null,
        started: 12,
        endedByOutcome: { finished: 9, evicted: 2 },
      })),
    );
    const when = `time >= ${nowMs - 90_000_000}ms AND time < ${nowMs - 3_600_000}ms`;
    expect(asked.filter(({ query }) => query.get('q')?.includes(when))).toHaveLength(4);
  });
});

describe('what is wrong is one line, with what can be done', () => {
  it.each([
    [{ status: 401, body: { error: 'unable to parse authentication credentials' } }, 'it wants to know who'],
    [{ body: { results: [{ error: 'database not found: x' }] } }, 'database not found: x'],
    [{ status: 404, body: { code: 'not found', message: 'database not found' } }, '404: database not found'],
    [{ status: 400, body: { error: 'error parsing query: found X' } }, '400: error parsing query: found X'],
    [{ status: 302, headers: { location: 'http://169.254.169.254/' } }, 'it answers 302'],
    [{ status: 503, body: 'busy\nline two \u001b[2J' }, '503: busy\\nline two \\u001b[2J'],
    [{ body: '<html>' }, 'it does not answer as an InfluxDB does'],
    [{ body: 'null' }, 'it does not answer as an InfluxDB does'],
    [{ body: [] }, 'it does not answer as an InfluxDB does'],
    [{ body: { status: 'success', data: {} } }, 'it does not answer as an InfluxDB does'],
  ])('%j', async (told, why) => {
    const { port, asked } = await serving(() => told);
    const error = await readFleet(influxAt(port), questionAt(nowMs), never).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'SourceFault' });
    expect((error as Error).message).toContain(why);
    expect((error as Error).message).toContain(`InfluxDB http://127.0.0.1:${port}#plancton: `);
    expect((error as Error).message).not.toContain('\n');
    expect(asked).toHaveLength(1);
  });

  it.each([
    [401, 'the token is wrong, or may not read there (401)'],
    [403, 'this token may not read there (403)'],
    [500, 'it answers 500: t0ken is *** here'],
  ])('and without its secrets: %i', async (status, why) => {
    const { port } = await serving(() => ({ status, body: `t0ken is ${token.reveal()} here` }));
    const asking = readFleet(influxAt(port, { token }), questionAt(nowMs), never);
    await expect(asking).rejects.toThrow(`InfluxDB http://127.0.0.1:${port}#plancton: ${why}`);
  });

  it('where nobody is there, or nobody answers', async () => {
    const { port } = await serving(() => undefined);
    const late = readFleet(influxAt(port), questionAt(nowMs), AbortSignal.timeout(50));
    await expect(late).rejects.toThrow('no answer in time');
    const nobody = readFleet(influxAt(9), questionAt(nowMs), never);
    await expect(nobody).rejects.toThrow('cannot be asked: connect ECONNREFUSED 127.0.0.1:9');
  });
});
