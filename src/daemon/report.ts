import { ownerDelayShare } from '../decide/budget.ts';
import type { Sinks } from '../record/influxSinks.ts';
import type { DaemonStatus, NodeFacts } from '../record/nodeFacts.ts';
import { endPoint, nodePoints, startPoint } from '../record/nodeSeries.ts';
import { accountPoint, containerPoint, daemonPoint, nodePoint } from '../record/series.ts';
import type { PilotRecord } from '../model/history.ts';
import type { HostSample } from '../model/host.ts';
import type { Point } from '../model/point.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { Pace } from './pace.ts';
import type { EndTold, StartTold } from './tally.ts';
import type { Tick } from './tick.ts';

/** What the daemon is doing, in one word that dashboards know. */
export function stateOf(tick: Tick): DaemonStatus {
  if (tick.sample.engine.state === 'waiting') return 'waiting';
  return tick.sample.control.drain ? 'draining' : 'active';
}

/** Sends the original's series and those beside them: some points in each `main_sleep`, and one as each pilot starts or ends. */
export class Reporter {
  readonly #hostname: string;
  readonly #startedMs: number;
  readonly #pace: Pace;
  #lastCpu: HostSample['cpu'] = unknown('no earlier report');
  #lastFacts: NodeFacts | null = null;

  /** `random` is 0 up to 1: nodes that boot at one instant must not report at the same instants ever after. */
  constructor(hostname: string, startedMs: number, random: () => number = Math.random) {
    this.#pace = new Pace(random());
    this.#hostname = hostname;
    this.#startedMs = startedMs;
  }

  /**
   * True at the first tick, after half to one and a half `main_sleep`, and from then on once in each: the report is made
   * now.
   */
  isDue(tick: Tick): boolean {
    return this.#pace.isDue(tick.sample.atMs, tick.policy.loopMs);
  }

  /** The points of the node, over the time since the last report. */
  report(tick: Tick, facts: NodeFacts, sinks: Sinks): void {
    const { atWallMs } = facts;
    const cpuPercent = usePercent(this.#lastCpu, tick.sample.host.cpu);
    this.#lastCpu = tick.sample.host.cpu;
    const daemon = daemonPoint({
      hostname: this.#hostname,
      uptimeMs: tick.sample.atMs - this.#startedMs,
      containers: tick.decision.running + tick.decision.unmanaged,
      status: stateOf(tick),
      atWallMs,
    });
    const node = nodePoint({ hostname: this.#hostname, cpuPercent, atWallMs });
    const { account: sums } = tick.decision.memory;
    const account = accountPoint({
      hostname: this.#hostname,
      sinceMs: sums.sinceMs,
      harvestedMs: sums.harvestedMs,
      wastedMs: sums.wastedMs,
      ownerDelayMs: ownerDelayShare(sums) === null ? null : sums.ownerDelayMs,
      atWallMs,
    });
    const original = [daemon, node, account].filter((point): point is Point => point !== null);
    sinks.write([...original, ...nodePoints(this.#lastFacts, facts)]);
    this.#lastFacts = facts;
  }

  /** The point of one pilot's start. */
  started(told: StartTold, sinks: Sinks, atWallMs: number): void {
    sinks.write([startPoint({ hostname: this.#hostname, ...told, atWallMs })]);
  }

  /** The points of one pilot's end. */
  ended(record: PilotRecord, told: EndTold, sinks: Sinks, atWallMs: number): void {
    const { outcome, startedAtWallMs, endedAtWallMs } = record;
    const livedMs = startedAtWallMs === null ? 0 : Math.max(0, endedAtWallMs - startedAtWallMs);
    const at = { hostname: this.#hostname, livedMs, atWallMs };
    const original = {
      started: outcome !== 'never-started',
      killed: outcome === 'evicted' || outcome === 'expired',
    };
    sinks.write([containerPoint({ ...at, ...original }), endPoint({ ...at, ...told, record })]);
  }
}

/** Share of the node's CPU time in use between two readings, 0 to 100: the original's `cpu_eff`. */
function usePercent(before: HostSample['cpu'], now: HostSample['cpu']): Reading<number> {
  if (!before.known) return before;
  if (!now.known) return now;
  const total = now.value.totalMs - before.value.totalMs;
  if (total <= 0) return unknown('the CPU counters did not advance');
  return known(Math.min(100, Math.max(0, ((now.value.busyMs - before.value.busyMs) / total) * 100)));
}
