import type { EngineInfo } from '../src/model/engine.ts';
import { createNode } from '../src/sample/node.ts';
import { pilotId, type LookQuestion } from './lookTree.ts';

/*
 * A program of its own: looks at the node below the root that it is told, once each second as a daemon does, and prints
 * at its end what CPU time each look took, in milliseconds (JSON).
 */

const { root, version, pilots, looks, warmUp } = JSON.parse(process.argv[2] ?? '') as LookQuestion;
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

function look(): void {
  const before = process.cpuUsage();
  const sample = node.sample({ nowMs: performance.now(), wallMs: Date.now(), pilotIds, allPilots: false });
  const { user, system } = process.cpuUsage(before);
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
  process.stdout.write(JSON.stringify({ costsMs: costsMs.slice(warmUp), reasons }));
}

const timer = setInterval(look, 1000);
