import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFleet } from '../../src/fleet/readFleet.ts';
import { startPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { prometheusAt, questionAt } from './source.ts';

const rules = resolve(import.meta.dirname, '../../monitoring/prometheus/alerts.yml');
const paces = [15, 30, 45, 55, 60, 120];
/** When the last scrape of each node was, in Unix seconds: hours ago, and at no round time. */
const lastSecond = Math.round(Date.now() / 1000) - 6 * 3600 - 7;

/** Nodes that were scraped at these paces for an hour and then no more, as OpenMetrics. */
function scrapesOfAnHour(): string {
  const scrapes = paces.flatMap((pace) =>
    Array.from({ length: Math.floor(3600 / pace) }, (_, back) => ({
      pace,
      // No scrape is quite on time.
      atSecond: lastSecond - back * pace + ((back * 7) % 10) / 1000,
    })),
  );
  const lines = scrapes
    .toSorted((a, b) => a.atSecond - b.atSecond)
    .map(({ pace, atSecond }) => `plancton_node_cpus{instance="pace${pace}:1"} 8 ${atSecond.toFixed(3)}\n`);
  return `# TYPE plancton_node_cpus gauge\n${lines.join('')}# EOF\n`;
}

let prometheus: TestPrometheus;
beforeAll(async () => {
  prometheus = await startPrometheus([], rules, scrapesOfAnHour());
});
afterAll(() => prometheus.stop());

it('finds a node silent after three scrapes and two minutes, and for good', async () => {
  const stateAt = new Map<string, string[]>(paces.map((pace) => [`pace${pace}`, []]));
  const ages = Array.from({ length: 56 }, (_, index) => 101 + index * 10);
  for (const age of ages) {
    const question = questionAt((lastSecond + age) * 1000, { course: false });
    const { nodes } = await readFleet(prometheusAt(prometheus.port), question, new AbortController().signal);
    for (const { node, state } of nodes) stateAt.get(node)?.push(state);
  }
  const wanted = paces.map((pace) => [
    `pace${pace}`,
    ages.map((age) => (age > Math.max(120, 3 * pace) ? 'silent' : 'alive')),
  ]);
  expect(Object.fromEntries(stateAt)).toEqual(Object.fromEntries(wanted));
});
