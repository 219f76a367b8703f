import type { FleetAnswer, FleetNode } from '../../src/model/fleet.ts';

export const nowMs = new Date(2030, 11, 31, 8, 30, 5).getTime();

/** A node that is well. */
export function fleetNode(more: Partial<FleetNode> = {}): FleetNode {
  return {
    node: 'n1',
    state: 'alive',
    lastSeenMs: nowMs - 10_000,
    version: '1.2.3',
    paceMs: 30_000,
    engineAnswers: true,
    cpus: 8,
    ownerCpus: 1.5,
    pilotsCpus: 4.25,
    running: 3,
    limit: 6,
    runningByKind: { cms: 1, atlas: 2 },
    today: {
      pilotsCpuHours: 30.04,
      ownerCpuHours: 12,
      started: 120,
      endedByOutcome: { evicted: 3, finished: 114 },
    },
    ...more,
  };
}

/** A node of which nothing is known but that it was. */
export function blankNode(node: string): FleetNode {
  return {
    node,
    state: 'silent',
    lastSeenMs: nowMs - 3_600_000,
    version: null,
    cpus: null,
    ownerCpus: null,
    pilotsCpus: null,
    running: null,
    limit: null,
    runningByKind: {},
    today: { pilotsCpuHours: null, ownerCpuHours: null, started: null, endedByOutcome: {} },
  };
}

/** An answer with these nodes. */
export function fleetOf(nodes: readonly FleetNode[], more: Partial<FleetAnswer> = {}): FleetAnswer {
  return { askedMs: nowMs, source: 'InfluxDB http://h:8086#d', nodes, course: [], ...more };
}
