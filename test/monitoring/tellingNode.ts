import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import { InfluxSink } from '../../src/record/influxSink.ts';
import { endPoint, nodePoints } from '../../src/record/nodeSeries.ts';
import { accountPoint, daemonPoint } from '../../src/record/series.ts';
import { metricsText, metricTypes } from '../../src/serve/metricsText.ts';
import { nodeMetrics } from '../../src/serve/nodeMetrics.ts';
import { realClock, rememberingLog, targetAt } from '../record/influxParts.ts';
import { timings, wholeFacts } from '../support/nodeFacts.ts';

/** What this node is called in InfluxDB. */
export const tellingHostname = 'node7';

/** What another node is called that has told something once, `goneMs` ago. */
export const goneHostname = 'node8';
export const goneMs = 50 * 60_000;

/** How far back it has told what it does. */
const pastMs = 60_000;
const states = ['active', 'draining', 'waiting'] as const;

/** What it would tell of all that a node may tell, so many seconds after it began; its sums grow by the second. */
function factsAt(seconds: number, atWallMs: number): NodeFacts {
  const whole = wholeFacts();
  const grown = (perSecond: number) => ({ sum: perSecond * seconds * 1000, knownMs: seconds * 1000 });
  return wholeFacts({
    atWallMs,
    uptimeMs: seconds * 1000,
    status: states[seconds % states.length] ?? 'active',
    integrals: {
      cpu: grown(0.01),
      memory: grown(0.02),
      memoryFull: grown(0.005),
      io: grown(0.03),
      ownerCpus: grown(1.5),
      pilotsCpus: grown(4),
    },
    starts: whole.starts.map((one) => ({ ...one, started: one.started + seconds })),
    ends: whole.ends.map((one) => ({ ...one, count: one.count + seconds })),
    refillGaps: timings(seconds, 320),
    engineCalls: whole.engineCalls.map((one) => ({ ...one, timings: timings(seconds, 260) })),
    account: { harvestedMs: seconds * 4000, wastedMs: seconds * 100, ownerDelayMs: seconds },
    cost: { cpuMs: seconds * 1.5, residentBytes: 50e6, ticks: timings(seconds, 0.7) },
  });
}

/** A node in both databases that can tell everything: what the machine of a test can, is up to its kernel. */
export interface TellingNode {
  /** Where Prometheus finds it. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Writes what it has told in the last minute to InfluxDB, and answers Prometheus from now on. */
export async function startTellingNode(influxPort: number, database: string): Promise<TellingNode> {
  const beganMs = Date.now() - pastMs;
  const { log } = rememberingLog();
  const sink = new InfluxSink({
    target: targetAt(influxPort, { database }),
    log,
    clock: realClock,
    lingerMs: 1,
  });
  let before: NodeFacts | null = null;
  for (let seconds = 1; seconds * 1000 <= pastMs; seconds += 1) {
    const atWallMs = beganMs + seconds * 1000;
    const facts = factsAt(seconds, atWallMs);
    const at = { hostname: facts.hostname, atWallMs };
    const account = facts.account === null ? null : accountPoint({ ...at, sinceMs: 0, ...facts.account });
    sink.write([
      ...nodePoints(before, facts),
      daemonPoint({ ...at, uptimeMs: facts.uptimeMs, containers: facts.slots.taken, status: facts.status }),
      ...(account === null ? [] : [account]),
      endPoint({
        ...at,
        kind: 'atlas',
        outcome: 'evicted',
        reason: 'memory',
        livedMs: 5000,
        record: { cpuMs: 900, peakMemoryBytes: 1e8, pausedMs: 0 },
      }),
    ]);
    before = facts;
  }
  // And a node that is silent since long before.
  const gone = { hostname: goneHostname, uptimeMs: 1000, containers: 0, status: 'active' } as const;
  sink.write([daemonPoint({ ...gone, atWallMs: Date.now() - goneMs })]);
  await sink.close(30_000);
  const server = createServer((_, response) => {
    const nowMs = Date.now();
    const facts = factsAt(Math.round((nowMs - beganMs) / 1000), nowMs);
    response.setHeader('content-type', metricTypes.text);
    response.end(metricsText(nodeMetrics(facts, beganMs), 'text'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
