import type { Outcome } from '../../src/model/pilot.ts';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import type { RingRecord } from '../../src/record/ringRecord.ts';
import { wholeFacts } from '../support/nodeFacts.ts';
import { ended, kind, pilot, type ServedPage } from './scene.ts';

const cpus = 16;
const limit = 14;
const memoryTotalBytes = 64e9;

/** Noise between 0 and 1 that is the same each time. */
function noise(serial: number): number {
  const one = Math.sin(serial * 12.9898) * 43_758.5453;
  return one - Math.floor(one);
}

/** What the owner of a workstation takes: little at night, more over the day, with a long build now and then. */
function ownerAt(seconds: number): number {
  const hour = (seconds / 3600) % 24;
  const day = Math.max(0, Math.sin(((hour - 7) / 13) * Math.PI));
  const quarter = Math.floor(seconds / 900);
  const build = noise(quarter) > 0.9 - day / 12 ? 3 + 5 * noise(quarter + 1) : 0;
  const minute = Math.floor(seconds / 60);
  return (
    0.25 + 0.2 * noise(minute) + day * (1.2 + 1.4 * noise(quarter + 2) + 0.8 * noise(minute + 3)) + build
  );
}

function recordAt(atSeconds: number): RingRecord {
  const ownerCpus = ownerAt(atSeconds);
  const running = Math.max(0, Math.min(limit, Math.floor(cpus - ownerCpus - 0.5)));
  const paused = ownerCpus > 7 ? 2 : 0;
  const pilotsCpus = Math.min(cpus - ownerCpus, (running - paused) * 0.97);
  const pilotsMemoryBytes = running * 2.1e9;
  const ownerMemoryBytes = 6e9 + ownerCpus * 1.5e9;
  return {
    atSeconds,
    numbers: {
      cpus,
      ownerCpus,
      pilotsCpus,
      memoryTotalBytes,
      memoryAvailableBytes: memoryTotalBytes - pilotsMemoryBytes - ownerMemoryBytes,
      ownerMemoryBytes,
      pilotsMemoryBytes,
      waitCpu: 0.003 + (ownerCpus / 500) * noise(Math.floor(atSeconds / 120)),
      waitMemory: ownerCpus > 7 ? 0.02 : 0.001,
      waitMemoryFull: 0,
      waitIo: 0.012 * noise(Math.floor(atSeconds / 180)) + (ownerCpus > 4 ? 0.02 : 0),
      running: running - paused,
      paused,
      limit,
      unmanaged: 0,
      started: 1,
      startsFailed: 0,
      finished: noise(atSeconds) > 0.93 ? 1 : 0,
      failed: 0,
      noWork: noise(atSeconds) > 0.99 ? 1 : 0,
      expired: 0,
      evicted: running < limit - 3 && noise(atSeconds) > 0.9 ? 1 : 0,
      neverStarted: 0,
      lost: 0,
      daemonCpus: 0.0015,
      daemonBytes: 51e6,
    },
    answering: true,
    draining: false,
    dryRun: false,
    refusal: running >= limit ? 'limit' : ownerCpus > 5 ? 'pressure' : 'cpu',
  };
}

/** This moment of the same node. */
export function factsOfDay(): NodeFacts {
  const { numbers } = recordAt(Date.now() / 1000);
  const counts = { ended: 0, prepared: 2, starting: 0 };
  return wholeFacts({
    hostname: 'node7.example.org',
    node: {
      ...wholeFacts().node,
      cpus,
      ownerCpus: numbers.ownerCpus,
      pilotsCpus: numbers.pilotsCpus,
      memoryTotalBytes,
      memoryAvailableBytes: numbers.memoryAvailableBytes,
      ownerMemoryBytes: numbers.ownerMemoryBytes,
      pilotsMemoryBytes: numbers.pilotsMemoryBytes,
    },
    slots: { limit, taken: limit, unmanaged: 0, refusal: 'limit' },
    pressure: {
      cpu: numbers.waitCpu,
      memory: numbers.waitMemory,
      memoryFull: 0,
      io: numbers.waitIo,
    },
    kinds: [
      { kind: 'atlas', pilots: { running: 9, paused: 1, ...counts }, fruitless: 0, backOffMs: 0 },
      { kind: 'cms', pilots: { running: 4, paused: 0, ...counts }, fruitless: 0, backOffMs: 0 },
    ],
  });
}

const lives: readonly (readonly [Outcome, number])[] = [
  ['finished', 70],
  ['no-work', 9],
  ['failed', 6],
  ['expired', 6],
  ['evicted', 6],
  ['never-started', 2],
  ['lost', 1],
];

/** An outcome, some more often than others; the same each time. */
function outcomeOf(serial: number): Outcome {
  let rest = noise(serial) * 100;
  for (const [outcome, of] of lives) {
    rest -= of;
    if (rest < 0) return outcome;
  }
  return 'finished';
}

/** How long the pilot of a lane has been running. */
const ageSeconds = (lane: number): number => 240 + ((lane * 5) % limit) * 290;

/** Serves a day of a workstation with 14 pilots. */
export function fillDay(served: ServedPage): void {
  const nowSeconds = Math.floor(Date.now() / 1000);
  // A daemon that did not run for two hours leaves a gap.
  const isAway = (agoSeconds: number): boolean => agoSeconds > 9 * 3600 && agoSeconds < 11 * 3600;
  for (let ago = 86_400 - 60; ago > 0; ago -= ago > 6 * 3600 ? 60 : 15)
    if (!isAway(ago)) served.keep(recordAt(nowSeconds - ago));
  const records = [];
  for (let lane = 0; lane < limit; lane += 1) {
    const serial = lane * 100;
    let agoMs = 86_400_000;
    for (let life = 0; ; life += 1) {
      const outcome = outcomeOf(serial + life);
      const isShort = outcome === 'no-work' || outcome === 'never-started';
      const wholeMs = isShort ? 60_000 : 1_200_000 + (((serial + life) * 104_729) % 7_000_000);
      // The last one ends as the one begins that still runs.
      const livedMs = Math.min(wholeMs, agoMs - ageSeconds(lane) * 1000 - 800);
      if (livedMs < 1000) break;
      agoMs -= livedMs + 400;
      const name = `plancton-worker-${(serial + life).toString(36).padStart(6, '0')}`;
      const kind = lane % 3 === 0 ? 'cms' : 'atlas';
      records.push(ended(name, agoMs, livedMs, outcome, { kind }));
    }
  }
  for (const record of records.toSorted((a, b) => a.endedAtWallMs - b.endedAtWallMs))
    served.end(record, `working as ${record.name}\ndone\n`);
  const { scene } = served;
  scene.facts = factsOfDay();
  scene.pilots = Array.from({ length: limit }, (_, index) =>
    pilot(`plancton-worker-r${index}x4q2`, {
      kind: index % 3 === 0 ? 'cms' : 'atlas',
      ageSeconds: ageSeconds(index),
      cpus: 0.9 + (index % 5) / 50,
      memoryBytes: 6e8 + index * 9e7,
      state: index === 4 ? 'paused' : 'running',
    }),
  );
  scene.kinds = [
    kind('atlas', { running: 10, share: 3, wantedShare: 0.6, gotShare: 0.63 }),
    kind('cms', { running: 4, share: 2, wantedShare: 0.4, gotShare: 0.37 }),
    kind('night', {
      running: 0,
      share: 0,
      wantedShare: 0,
      gotShare: 0,
      state: 'closed',
      reason: 'its hours begin at 20:00',
    }),
    kind('tests', {
      running: 0,
      wantedShare: 0.1,
      gotShare: 0.002,
      state: 'backing-off',
      fruitless: 4,
      nextStartInMs: 185_000,
      reason: '4 pilots in a row found no work: the next one tries in 3 min',
    }),
  ];
  scene.why = {
    at: new Date().toISOString(),
    now: '14 pilots of at most 14: 1 paused',
    more: [
      'limit: the limit is 14 pilots: 14 running',
      'limit: 14 pilots of at most 14 (max_docks): room for 0 more',
      'CPU: the owner uses 1.42 CPUs of 16: room for 1 of kind atlas more, when the owner uses 0.22 CPUs less',
      'memory: 24.5 GB available, 1.3 GB kept for the owner: a new pilot claims 2.1 GB, room for 11 more',
    ],
    fewer: [
      'CPU: one is evicted when the owner uses more than 2.5 CPUs for 2 min (grace_kill)',
      'memory: evicted at once when less than 1.3 GB is available, 23.2 GB less than now',
      'the first to go would be plancton-worker-r13x4q2',
    ],
    ladder: [],
    account:
      'in 16.2 h pilots had 182 h of CPU time, 0.7 % of it lost with evicted ones; the owner waited for CPUs of theirs 9 s (0 %)',
    forecast: null,
  };
  scene.decisions = [
    'started plancton-worker-r0x4q2 of kind cms (refill) in 412 ms',
    'plancton-worker-00003f finished after 43 min',
    'no further pilot: the limit is 14 pilots: 14 running',
    'thawed plancton-worker-r6x4q2: the owner is calm for 30 s',
    'paused plancton-worker-r6x4q2: the owner waits for CPU 11 % of the time',
    'started plancton-worker-r5x4q2 of kind atlas (refill) in 388 ms',
  ].map((text, index) => ({ at: new Date(Date.now() - 40_000 * (index + 1)).toISOString(), text }));
}
