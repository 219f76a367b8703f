import { closerLookAfter, isShort, isTight as isTightNow, type Moment } from '../src/decide/memoryRelief.ts';
import { observe } from '../src/decide/observe.ts';
import type { Policy, Sample, Seen } from '../src/decide/types.ts';
import type { EngineInfo } from '../src/model/engine.ts';
import type { HostSample } from '../src/model/host.ts';
import { createNode } from '../src/sample/node.ts';
import { pilotId, type LookQuestion } from './lookTree.ts';

/*
 * A program of its own: looks at the node below the root that it is told, once each second as a daemon does, and prints
 * at its end what CPU time each look took, in milliseconds (JSON).
 */

const { root, version, pilots, isTight, looks, warmUp } = JSON.parse(process.argv[2] ?? '') as LookQuestion;
const node = createNode(root, 0);
node.useEngine(
  {
    product: 'docker',
    local: true,
    cgroupDriver: 'cgroupfs',
    cgroupVersion: version,
    rootless: false,
    dataFolder: '/data',
  } as EngineInfo,
  '00000001',
);
const pilotIds = Array.from({ length: pilots }, (_, index) => pilotId(index));
const costsMs: number[] = [];
let before: Moment | null = null;
let reserveBytes: number | null = null;

function look(): void {
  const closerLook = closerLookAfter(before);
  const question = { nowMs: performance.now(), wallMs: Date.now(), pilotIds };
  const started = process.cpuUsage();
  const sample = node.sample(closerLook === undefined ? question : { ...question, closerLook });
  const { user, system } = process.cpuUsage(started);
  before = momentOf(sample, question.nowMs, before?.seen ?? null);
  costsMs.push((user + system) / 1000);
  if (costsMs.length < warmUp + looks) return;
  clearInterval(timer);
  const blind = [
    sample.cpu,
    sample.memory,
    sample.pilotsCpuMs,
    sample.pilotsMemoryBytes,
    sample.pressure.pilots.cpu,
  ];
  const reasons = blind.flatMap((reading) => (reading.known ? [] : [reading.reason]));
  if (sample.pilotUse.size !== pilots)
    reasons.push(`the use of ${sample.pilotUse.size} pilots of ${pilots} is known`);
  if (isTight && (!isTightNow(before.policy, before.seen) || isShort(before.policy, before.seen)))
    reasons.push('memory was not tight: something else took or freed much of it');
  process.stdout.write(JSON.stringify({ costsMs: costsMs.slice(warmUp), reasons }));
}

/** What a daemon would know by this look, as far as the next one depends on it. */
function momentOf(host: HostSample, atMs: number, seenBefore: Seen | null): Moment {
  const sample = { atMs, host, inFlight: [], results: [] } as unknown as Sample;
  const availableBytes = host.memory.known ? host.memory.value.availableBytes : 0;
  reserveBytes ??= isTight ? availableBytes / 1.25 : 0;
  const policy = {
    nodeIsEngines: true,
    reserve: { memory: { share: 1, atMost: reserveBytes } },
    kinds: [{ stopGraceMs: 10_000 }],
  } as unknown as Policy;
  return { policy, seen: observe(seenBefore, sample) };
}

const timer = setInterval(look, 1000);
