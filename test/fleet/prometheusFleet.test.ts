import { afterEach, describe, expect, it } from 'vitest';
import { readFleet } from '../../src/fleet/readFleet.ts';
import { Secret } from '../../src/model/secret.ts';
import { answering } from '../support/answering.ts';
import { prometheusAt, questionAt } from './source.ts';

const nowMs = 1_800_000_000_000;
const never = new AbortController().signal;

let server: Awaited<ReturnType<typeof answering>> | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

const vector = (rows: readonly (readonly [Record<string, string>, number])[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: rows.map(([metric, value]) => ({ metric, value: [nowMs / 1000, String(value)] })),
  },
});

function seen(instances: Readonly<Record<string, number>>) {
  return (promql: string): unknown =>
    promql.startsWith('max by (instance) (max_over_time(timestamp(plancton_node_cpus)[10m')
      ? vector(Object.entries(instances).map(([instance, ms]) => [{ instance }, ms / 1000] as const))
      : vector([]);
}

describe('what a Prometheus tells of a fleet', () => {
  it('names nodes by their hosts, and with their ports where several have one', async () => {
    let instances: Record<string, number> = { 'a.example.org:7526': nowMs, '[::1]:7526': nowMs - 300_000 };
    server = await answering(({ query }) => ({ body: seen(instances)(query.get('query') ?? '') }));
    const ask = async () => readFleet(prometheusAt(server?.port ?? 0), questionAt(nowMs), never);
    expect((await ask()).nodes.map(({ node, state }) => [node, state])).toEqual([
      ['[::1]', 'silent'],
      ['a.example.org', 'alive'],
    ]);
    instances = { 'h:1': nowMs, 'h:2': nowMs };
    expect((await ask()).nodes.map(({ node }) => node)).toEqual(['h:1', 'h:2']);
  });

  it('has a pace only where it was scraped twice', async () => {
    const instances = { 'a:1': nowMs - 200_000, 'b:1': nowMs - 200_000 };
    const paces = vector([
      [{ instance: 'a:1' }, 60.5],
      [{ instance: 'b:1' }, Number.NaN],
    ]);
    server = await answering(({ query }) => {
      const promql = query.get('query') ?? '';
      return { body: promql.includes('changes(') ? paces : seen(instances)(promql) };
    });
    const { nodes } = await readFleet(prometheusAt(server.port), questionAt(nowMs), never);
    expect(nodes.map(({ node, paceMs, state }) => [node, paceMs, state])).toEqual([
      ['a', 60_500, 'silent'],
      ['b', null, 'silent'],
    ]);
  });

  it('is asked with a token, and of a past that is short enough to be looked at closely', async () => {
    server = await answering(() => ({ body: vector([]) }));
    const { port, asked } = server;
    const token = new Secret('t0ken');
    await readFleet(prometheusAt(port, { token, path: '/prom' }), questionAt(nowMs), never);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer t0ken']));
    const queries = asked.map(({ path, query }) => `${path} ${query.get('query') ?? ''}`);
    expect(queries.slice(0, 3)).toEqual([
      '/prom/api/v1/query max by (instance) (max_over_time(timestamp(plancton_node_cpus)[10m:15s]))',
      '/prom/api/v1/query max by (instance) (max_over_time(timestamp(plancton_node_cpus)[86400s:5m]))',
      '/prom/api/v1/query max by (instance) (max_over_time(timestamp(plancton_node_cpus)[604800s:1h]))',
    ]);
    expect(queries.filter((query) => query.startsWith('/prom/api/v1/query_range'))).toHaveLength(4);
  });

  it.each([
    [{ status: 422, body: { status: 'error', error: 'query processing would load too many' } }, '422: query'],
    [{ status: 401, body: 'Unauthorized' }, 'who asks may not read there, or is not known (401)'],
    [{ status: 404, body: '404 page not found' }, 'it answers 404: 404 page not found'],
    [{ body: { results: [] } }, 'it does not answer as a Prometheus does'],
    [{ body: 'x' }, 'it does not answer as a Prometheus does'],
  ])('is one line where it tells nothing: %j', async (told, why) => {
    server = await answering(() => told);
    const asking = readFleet(prometheusAt(server.port), questionAt(nowMs), never);
    await expect(asking).rejects.toThrow(`Prometheus http://127.0.0.1:${server.port}: `);
    const error = await readFleet(prometheusAt(server.port), questionAt(nowMs), never).catch(String);
    expect(error).toContain(why);
  });
});
