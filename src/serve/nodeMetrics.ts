import type { Integral, NodeFacts } from '../record/nodeFacts.ts';
import { engineMetrics } from './engineMetrics.ts';
import type { MetricFamily, MetricSample } from './metricsText.ts';
import { counter, flag, gauge, info, ms, only, sinceBegan } from './metricShapes.ts';
import { pilotMetrics } from './pilotMetrics.ts';
import { sinkMetrics } from './sinkMetrics.ts';

/**
 * All that Prometheus is told of a node. Labels have few values: kinds, states, outcomes, rules, verbs of the engine,
 * databases of the configuration. No pilot is named: each would be a series of its own for ever. `startedWallMs` is when
 * the process began, the same at each call: what reckons restarts looks for its changes.
 */
export function nodeMetrics(facts: NodeFacts, startedWallMs: number): readonly MetricFamily[] {
  return [
    ...daemonMetrics(facts, startedWallMs),
    ...resourceMetrics(facts),
    ...pressureMetrics(facts),
    ...pilotMetrics(facts),
    ...engineMetrics(facts),
    ...accountMetrics(facts),
    ...sinkMetrics(facts.sinks),
  ];
}

function daemonMetrics(facts: NodeFacts, startedWallMs: number): readonly MetricFamily[] {
  const { cost, status } = facts;
  const states = (['active', 'draining', 'waiting'] as const).map((state) => ({
    labels: { state },
    value: flag(state === status),
  }));
  return [
    info('plancton_build', 'The version of Plancton that runs.', { version: facts.version }),
    gauge(
      'plancton_state',
      'What the daemon does, 1 for the state that it is in; waiting: for an engine that does not answer.',
      states,
    ),
    gauge(
      'plancton_dry_run',
      '1 while everything is decided and told and nothing is done.',
      only(flag(facts.dryRun)),
    ),
    gauge(
      'process_start_time_seconds',
      'When the daemon began, in seconds since 1970.',
      only(ms(startedWallMs)),
    ),
    counter('process_cpu_seconds', 'CPU time of the daemon itself.', only(ms(cost.cpuMs))),
    gauge('process_resident_memory_bytes', 'Resident memory of the daemon itself.', only(cost.residentBytes)),
    sinceBegan('plancton_tick_duration_seconds', 'How long it took to look at the node and to decide.', [
      { timings: cost.ticks },
    ]),
  ];
}

function resourceMetrics({ node, integrals }: NodeFacts): readonly MetricFamily[] {
  const usedBy = (owner: number | null, pilots: number | null): readonly MetricSample[] => [
    ...only(owner, { used_by: 'owner' }),
    ...only(pilots, { used_by: 'pilots' }),
  ];
  return [
    gauge('plancton_node_cpus', 'CPUs of the node.', only(node.cpus)),
    gauge(
      'plancton_cpus_in_use',
      'CPUs in use by pilots and by everything else, a mean over the last seconds.',
      usedBy(node.ownerCpus, node.pilotsCpus),
    ),
    counter(
      'plancton_cpu_seconds',
      'CPU time used by pilots and by everything else while the daemon looked.',
      usedBy(secondsOf(integrals.ownerCpus), secondsOf(integrals.pilotsCpus)),
    ),
    gauge('plancton_node_memory_bytes', 'Memory of the node.', only(node.memoryTotalBytes)),
    gauge(
      'plancton_node_memory_available_bytes',
      'Memory that new work can have without swapping.',
      only(node.memoryAvailableBytes),
    ),
    gauge(
      'plancton_memory_in_use_bytes',
      'Memory in use by pilots and by everything else, without file cache.',
      usedBy(node.ownerMemoryBytes, node.pilotsMemoryBytes),
    ),
    gauge('plancton_node_swap_bytes', 'Swap of the node.', only(node.swapTotalBytes)),
    gauge('plancton_node_swap_free_bytes', 'Swap that is free.', only(node.swapFreeBytes)),
    gauge(
      'plancton_engine_disk_bytes',
      'Size of the file system that holds the engine’s data.',
      only(node.diskTotalBytes),
    ),
    gauge('plancton_engine_disk_free_bytes', 'What is free on it.', only(node.diskFreeBytes)),
  ];
}

function pressureMetrics({ pressure, integrals }: NodeFacts): readonly MetricFamily[] {
  const waits = [
    ['cpu', 'cpu', 'some'],
    ['memory', 'memory', 'some'],
    ['memoryFull', 'memory', 'all'],
    ['io', 'io', 'some'],
  ] as const;
  return [
    gauge(
      'plancton_owner_waiting_ratio',
      'Share of the last seconds in which some, or all, of the owner’s tasks waited for the resource.',
      waits.flatMap(([name, resource, tasks]) => only(pressure[name], { resource, tasks })),
    ),
    counter(
      'plancton_owner_waiting_seconds',
      'Time in which some, or all, of the owner’s tasks waited for the resource while the daemon looked.',
      waits.flatMap(([name, resource, tasks]) => only(secondsOf(integrals[name]), { resource, tasks })),
    ),
  ];
}

/** Null where it could never be read. */
function secondsOf({ sum, knownMs }: Integral): number | null {
  return knownMs > 0 ? ms(sum) : null;
}

function accountMetrics({ account }: NodeFacts): readonly MetricFamily[] {
  if (account === null) return [];
  const { harvestedMs, wastedMs, ownerDelayMs } = account;
  return [
    counter(
      'plancton_harvested_cpu_seconds',
      'CPU time that pilots have had since the node was switched on.',
      only(ms(harvestedMs)),
    ),
    counter(
      'plancton_wasted_cpu_seconds',
      'The part of it that evicted pilots had had: their work is lost.',
      only(ms(wastedMs)),
    ),
    counter(
      'plancton_owner_delay_seconds',
      'Time in which the owner waited for CPUs that pilots had, since the node was switched on.',
      only(ownerDelayMs === null ? null : ms(ownerDelayMs)),
    ),
  ];
}
