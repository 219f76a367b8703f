import type { Log } from '../src/model/log.ts';
import type { NodeFacts } from '../src/record/nodeFacts.ts';
import { postToInflux } from '../src/record/influxRequest.ts';
import { InfluxSink } from '../src/record/influxSink.ts';
import { realClock, targetAt } from '../test/record/influxParts.ts';
import { type PaperNode, paperFacts, paperReport, paperTurnover } from '../test/support/fleetNodes.ts';

/*
 * A program of its own: so many nodes that exist on paper report to an InfluxDB on this machine, each through a sink of
 * its own as a daemon has it. They join one after the other, while the database makes their series; then come so many
 * seconds that count. Prints `steady` when it begins to count, `over` when it stops, and then a `FleetLoad`.
 */

/** What was offered, and what became of it. */
export interface FleetLoad {
  /** Of all that was offered from the beginning, what the database has stored. */
  readonly takenShare: number;
  /** Of those that count, as all below. */
  readonly seconds: number;
  readonly points: number;
  readonly requests: number;
  readonly bytes: number;
  /** Requests that were not answered with success. */
  readonly failures: number;
  /** How long the server took for a request, milliseconds. */
  readonly medianMs: number;
  readonly slowestHundredthMs: number;
  readonly longestMs: number;
  /** CPU time of this program, for scale: that of all nodes together. */
  readonly cpuMs: number;
}

interface Simulated {
  readonly node: PaperNode;
  readonly sink: InfluxSink;
  before: NodeFacts;
  dueMs: number;
}

const words = process.argv.slice(2).map(Number);
const [port = 0, nodeCount = 0, paceSeconds = 30, seconds = 60] = words;
const joiningSeconds = 4 * paceSeconds;
const wheelMs = 50;
/** Nodes have a machine each; here they share one, which has no room for thousands of requests at a time. */
const mostAtOnce = 128;
/** A program that is later than this measures the lack of CPUs, and not the database. */
const mostLateMs = 5000;
const drainMs = 90_000;

const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const target = targetAt(port);

const counts = { offered: 0, points: 0, bytes: 0, failures: 0 };
const tookMs: number[] = [];
let isCounting = false;

const waiting: (() => void)[] = [];
let underWay = 0;

const post: typeof postToInflux = async (to, request, signal) => {
  if (underWay >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  underWay += 1;
  try {
    return await timed(to, request, signal);
  } finally {
    underWay -= 1;
    waiting.shift()?.();
  }
};

const timed: typeof postToInflux = async (to, request, signal) => {
  const beganMs = performance.now();
  const isCounted = isCounting;
  let isWell = false;
  try {
    const reply = await postToInflux(to, request, signal);
    isWell = reply.status === 204;
    return reply;
  } finally {
    if (isCounted) {
      tookMs.push(performance.now() - beganMs);
      counts.bytes += request.body.length;
      if (!isWell) counts.failures += 1;
    }
  }
};

const startMs = performance.now();
const fleet = Array.from({ length: nodeCount }, (_, index): Simulated => {
  const node = { index, hostname: `node${index}.example.org`, startedWallMs: Date.now() - 3_600_000 };
  return {
    node,
    sink: new InfluxSink({ target, log, clock: realClock, post }),
    before: paperFacts(node, Date.now(), { paceMs: paceSeconds * 1000 }),
    dueMs: startMs + (index / nodeCount) * joiningSeconds * 1000,
  };
});

let lastTurnMs = startMs;

/** All that are due report. */
function turn(): void {
  const nowMs = performance.now();
  if (nowMs - lastTurnMs > mostLateMs) {
    process.stderr.write(
      `the nodes had no CPU for ${((nowMs - lastTurnMs) / 1000).toFixed(0)} s: a quiet machine is needed\n`,
    );
    process.exit(1);
  }
  lastTurnMs = nowMs;
  for (const one of fleet) {
    if (nowMs < one.dueMs) continue;
    one.dueMs += paceSeconds * 1000;
    const now = paperFacts(one.node, Date.now(), { paceMs: paceSeconds * 1000 });
    const points = [...paperReport(one.before, now), ...paperTurnover(one.before, now)];
    one.before = now;
    counts.offered += points.length;
    if (isCounting) counts.points += points.length;
    one.sink.write(points);
  }
}

function sumOf(of: 'sentPoints' | 'waitingPoints'): number {
  return fleet.reduce((sum, { sink }) => sum + sink.state()[of], 0);
}

const wheel = setInterval(turn, wheelMs);
setTimeout(
  () => {
    const cpuBefore = process.cpuUsage();
    isCounting = true;
    process.stdout.write('steady\n');
    setTimeout(() => {
      clearInterval(wheel);
      const { user, system } = process.cpuUsage(cpuBefore);
      process.stdout.write('over\n');
      const overMs = performance.now();
      const look = setInterval(() => {
        if (sumOf('waitingPoints') > 0 && performance.now() - overMs < drainMs) return;
        clearInterval(look);
        const sorted = tookMs.toSorted((a, b) => a - b);
        const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
        const load: FleetLoad = {
          takenShare: sumOf('sentPoints') / counts.offered,
          seconds,
          points: counts.points,
          requests: tookMs.length,
          bytes: counts.bytes,
          failures: counts.failures,
          medianMs: at(0.5),
          slowestHundredthMs: at(0.99),
          longestMs: at(1),
          cpuMs: (user + system) / 1000,
        };
        process.stdout.write(`${JSON.stringify(load)}\n`);
        process.exit();
      }, 100);
    }, seconds * 1000);
  },
  2 * paceSeconds * 1000,
);
