import { type Account, emptyAccount, ownerDelayShare } from '../decide/budget.ts';
import type { Clock } from '../model/clock.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Pilot } from '../model/pilot.ts';
import { readingOr } from '../model/reading.ts';
import type { SinkState } from '../model/point.ts';
import type { ParentStatus, Status } from '../model/status.ts';
import { stateOf } from './report.ts';
import type { Tick } from './tick.ts';
import type { Troubles } from './troubles.ts';
import { version } from './version.ts';

/** What a status is made of, beside the last tick. */
export interface StatusParts {
  readonly hostname: string;
  readonly clock: Clock;
  readonly startedWallMs: number;
  readonly endpoint: string;
  readonly config: Status['config'];
  readonly parent: ParentStatus;
  readonly folders: Status['folders'];
  readonly influxdb: readonly SinkState[];
  readonly page: Status['page'];
  readonly troubles: Troubles;
  readonly last: { readonly text: string; readonly atWallMs: number } | null;
}

/** The daemon's account of itself; before the first tick there is little to tell. */
export function statusOf(tick: Tick | null, parts: StatusParts): Status {
  const engine = tick?.sample.engine;
  const memory = tick?.seen.memory;
  const prepared = new Set(tick?.decision.memory.spares.pilots.map((one) => one.pilot));
  return {
    version,
    pid: process.pid,
    hostname: parts.hostname,
    since: isoTime(parts.startedWallMs),
    state: tick === null ? 'waiting' : stateOf(tick),
    dryRun: tick?.policy.dryRun ?? false,
    ending: tick?.sample.terminating ?? false,
    control: controlOf(tick),
    engine: {
      endpoint: parts.endpoint,
      answering: engine?.state === 'answering',
      reason: engine?.reason ?? 'not asked yet',
      product: engine?.info?.product ?? null,
      version: engine?.info?.version ?? null,
      apiVersion: engine?.info?.apiVersion ?? null,
    },
    config: parts.config,
    pilots: {
      running: tick?.decision.running ?? 0,
      paused: (engine?.pilots ?? []).filter(({ managed, state }) => managed && state === 'paused').length,
      limit: tick?.policy.limit ?? 0,
      unmanaged: tick?.decision.unmanaged ?? 0,
      list: (engine?.pilots ?? []).map((pilot) => pilotStatus(pilot, prepared, parts)),
    },
    node: {
      cpus: tick?.sample.host.cpuCount ?? 0,
      ownerCpus: tick === null ? null : readingOr(tick.seen.ownerCpus, null),
      pilotsCpus: tick === null ? null : readingOr(tick.seen.pilotsCpus, null),
      memoryTotalBytes: memory?.known === true ? memory.value.totalBytes : null,
      memoryAvailableBytes: memory?.known === true ? memory.value.availableBytes : null,
    },
    parent: parts.parent,
    account: accountOf(tick?.decision.memory.account ?? emptyAccount, parts.clock),
    folders: parts.folders,
    images: tick === null ? [] : imagesOf(tick, parts.clock),
    lastDecision: parts.last === null ? null : { at: isoTime(parts.last.atWallMs), text: parts.last.text },
    refusals: tick?.decision.refusals ?? [],
    influxdb: parts.influxdb,
    page: parts.page,
  };
}

function controlOf(tick: Tick | null): Status['control'] {
  const { drain = false, stop = false, forceStop = false } = tick?.sample.control ?? {};
  return { drain, stop, forceStop };
}

function imagesOf({ policy, sample }: Tick, clock: Clock): Status['images'] {
  return sample.engine.images.map(({ reference, id, pulledAtMs, error }) => ({
    reference,
    kinds: policy.kinds.filter(({ image }) => image === reference).map(({ name }) => name),
    id,
    pulledAt: wallTime(pulledAtMs, clock),
    error,
  }));
}

function accountOf(account: Account, clock: Clock): Status['account'] {
  const share = ownerDelayShare(account);
  return {
    since: wallTime(account.sinceMs, clock),
    harvestedSeconds: account.harvestedMs / 1000,
    wastedSeconds: account.wastedMs / 1000,
    ownerDelaySeconds: share === null ? null : account.ownerDelayMs / 1000,
    ownerDelayShare: share,
  };
}

function pilotStatus(
  pilot: Pilot,
  prepared: ReadonlySet<string>,
  { clock, troubles }: StatusParts,
): Status['pilots']['list'][number] {
  const age =
    pilot.startedAtMs.known && pilot.end === null
      ? Math.round((clock.nowMs() - pilot.startedAtMs.value) / 1000)
      : null;
  const state = pilot.state === 'created' && prepared.has(pilot.name) ? 'prepared' : pilot.state;
  const { name, kind, managed } = pilot;
  const trouble = troubles.of(name);
  return { name, kind, state, ageSeconds: age, managed, ...(trouble === null ? {} : { trouble }) };
}

function wallTime(atMs: number | null, clock: Clock): string | null {
  return atMs === null ? null : isoTime(clock.wallMs() - (clock.nowMs() - atMs));
}
