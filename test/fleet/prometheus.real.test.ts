import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFleet } from '../../src/fleet/readFleet.ts';
import { createWeb } from '../../src/serve/web.ts';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import { paperFacts } from '../support/fleetNodes.ts';
import { startPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';
import { prometheusAt, questionAt } from './source.ts';

const rules = resolve(import.meta.dirname, '../../monitoring/prometheus/alerts.yml');
const never = new AbortController().signal;
const hourMs = 3_600_000;

let folder: string;
let prometheus: TestPrometheus | null = null;
const undo: (() => void)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-fleet-'));
});
afterAll(async () => {
  for (const one of undo) one();
  await prometheus?.stop();
  rmSync(folder, { recursive: true });
});

/** Serves the metrics of a node that exists on paper; gives its port. */
async function serving(index: number, more: Partial<NodeFacts>): Promise<number> {
  const node = { index, hostname: `n${index}`, startedWallMs: Date.now() - 10 * hourMs };
  const web = createWeb({
    hostname: node.hostname,
    facts: () => paperFacts(node, Date.now(), more),
    answers: {},
    stateFolder: join(folder, `state${index}`),
    logFolder: join(folder, `log${index}`),
    logReaders: () => 'local',
    log: keepLog(),
    clock: { wallMs: () => Date.now() },
  });
  const server = await web.listen({ host: '127.0.0.1', port: 0 }, []);
  undo.push(() => {
    server.close();
    web.close();
  });
  return server.address.port;
}

it('tells of the nodes that it scrapes, and of those that it does not reach any more', async () => {
  const ports = [await serving(2, {}), await serving(3, { status: 'draining', version: '9.9' })];
  prometheus = await startPrometheus(ports, rules);
  const source = prometheusAt(prometheus.port);
  const askAt = async (nowMs: number) =>
    readFleet(source, questionAt(nowMs, { days: [{ fromMs: nowMs - hourMs, toMs: nowMs }] }), never);
  const fleet = await until('two scrapes of both', async () => {
    const answer = await askAt(Date.now());
    const isKnown =
      answer.nodes.length === 2 && answer.nodes.every(({ today }) => today.pilotsCpuHours !== null);
    return isKnown && (answer.course.at(-1)?.pilotsCpus ?? 0) > 0 ? answer : null;
  });
  const [first, second] = ports.map((port) => fleet.nodes.find(({ node }) => node === `127.0.0.1:${port}`));
  expect(first).toMatchObject({
    state: 'alive',
    engineAnswers: true,
    version: '1.2.3',
    cpus: 16,
    limit: 14,
    today: { started: expect.any(Number) as number },
  });
  expect(Object.keys(first?.runningByKind ?? {}).toSorted()).toEqual(['atlas', 'cms']);
  expect(first?.running).toBeGreaterThan(0);
  expect((first?.ownerCpus ?? 0) + (first?.pilotsCpus ?? 0)).toBeCloseTo(15.9, 5);
  expect(second).toMatchObject({ state: 'draining', version: '9.9', cpus: 32 });
  expect(fleet.source).toBe(`Prometheus http://127.0.0.1:${prometheus.port}`);
  expect(fleet.course).toHaveLength(96);
  expect(fleet.course.at(-1)).toMatchObject({ nodes: 2, cpus: 48 });
  expect(fleet.course[0]).toMatchObject({ nodes: null, cpus: null });
  expect(fleet.days?.[0]?.pilotsCpuHours).toBeGreaterThan(0);

  // The same data, as they are to be seen an hour, and two weeks, later.
  const later = await askAt(Date.now() + hourMs);
  expect(later.nodes.map(({ state }) => state)).toEqual(['silent', 'silent']);
  expect(later.nodes.every(({ lastSeenMs }) => Math.abs(lastSeenMs - Date.now()) < 10 * 60_000)).toBe(true);
  expect((await askAt(Date.now() + 14 * 24 * hourMs)).nodes).toEqual([]);
});

it('is one line where it does not tell', async () => {
  const source = prometheusAt(prometheus?.port ?? 0, { path: '/elsewhere' });
  await expect(readFleet(source, questionAt(Date.now()), never)).rejects.toThrow('it answers 404');
});
