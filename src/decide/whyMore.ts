import { returnText } from './beforeReturn.ts';
import { claimsBeyondUse, newClaim } from './claims.ts';
import { firstGuestShare, mostOwnerCpus } from './cpuRule.ts';
import { bytesText, counted, cpusText } from './numbers.ts';
import { reservedOf } from './reserve.ts';
import {
  cpuFits,
  cpuReserve,
  growthMargin,
  memoryFits,
  memoryReserve,
  memoryRoom,
  ownerText,
} from './room.ts';
import type { Decision, Policy, Seen } from './types.ts';

/** What keeps one more pilot from starting, the most fundamental first; then what room each resource has. */
export function whyNotMore(policy: Policy, seen: Seen, decision: Decision): string[] {
  const refusals = decision.refusals.map(({ rule, text }) => `${rule}: ${text}`);
  const rooms = policy.nodeIsEngines
    ? [cpuRoom(policy, seen, decision), memoryText(policy, seen), diskText(policy, seen)]
    : ['the engine runs on another machine: this node’s CPU, memory and disk say nothing of it'];
  const back = returnText(policy, seen, decision.memory);
  return [...refusals, limitText(policy, decision), ...rooms, ...(back === null ? [] : [back])];
}

function limitText(policy: Policy, { running, unmanaged }: Decision): string {
  const left = Math.max(0, policy.limit - running - unmanaged);
  const verb = unmanaged === 1 ? 'is' : 'are';
  const others = unmanaged > 0 ? ` and ${counted(unmanaged, 'container')} that ${verb} not ours` : '';
  return `limit: ${counted(running, 'pilot')}${others} of at most ${policy.limit} (max_docks): room for ${left} more`;
}

/** The most CPUs that the owner may use for one more pilot to fit: `cpuFits` turned round. */
function cpuRoom(policy: Policy, seen: Seen, decision: Decision): string {
  const { running, memory } = decision;
  if (!seen.ownerCpus.known) return `CPU: what the owner uses cannot be seen: ${seen.ownerCpus.reason}`;
  const { cpuCount } = seen.sample.host;
  const uses = `CPU: ${ownerText(policy, seen, memory)}`;
  const fits = cpuFits(policy, seen, memory);
  const more = `${uses}: room for ${counted(Math.max(0, fits - running), 'more pilot')}`;
  if (fits > running) return more;
  const most = cpuCount - cpuReserve(policy, seen) - (running + 0.5 + growthMargin) * policy.cpusPerPilot;
  if (most < 0) return `${uses}: ${counted(running + 1, 'pilot')} would not fit even without him`;
  if (running === 0 && policy.means.cpuClass === 'idle') {
    const mean = cpuCount - cpuReserve(policy, seen) - firstGuestShare * policy.cpusPerPilot;
    return `${more}; a first one fits when he uses at most ${cpusText(mean)} on average`;
  }
  return `${more}; one more fits when he uses at most ${bounds(policy, seen, decision, most).join(', and at most ')}`;
}

/** What he may use, now and on average, where that stands in the way: one in a lull of his would be evicted. */
function bounds(policy: Policy, seen: Seen, { running, memory }: Decision, mostNow: number): string[] {
  const now = memory.cpu === null ? null : { ...memory.cpu, judgedCpus: null };
  const fitsNow = cpuFits(policy, seen, { ...memory, cpu: now }) > running;
  const cpuCount = seen.sample.host.cpuCount - cpuReserve(policy, seen) - growthMargin * policy.cpusPerPilot;
  const mostMean = mostOwnerCpus(policy, cpuCount, running + 1);
  const isMeanMore = (memory.cpu?.judgedCpus ?? 0) > mostMean;
  const texts = [
    ...(fitsNow ? [] : [cpusText(mostNow)]),
    ...(isMeanMore ? [`${cpusText(Math.max(0, mostMean))} on average`] : []),
  ];
  return texts.length > 0 ? texts : [cpusText(mostNow)];
}

function memoryText(policy: Policy, seen: Seen): string {
  if (!seen.memory.known) return `memory: cannot be seen: ${seen.memory.reason}`;
  const { availableBytes } = seen.memory.value;
  const room = memoryRoom(policy, seen) ?? 0;
  const claim = newClaim(policy, seen);
  const parts = `memory: ${bytesText(availableBytes)} available, ${bytesText(memoryReserve(policy, seen))} kept for the owner, ${bytesText(claimsBeyondUse(policy, seen))} claimed by pilots beyond what they use`;
  const fits = memoryFits(policy, seen);
  const needs = `a new pilot claims ${bytesText(claim)}`;
  if (fits > 0) return `${parts}: ${needs}, room for ${fits} more`;
  return `${parts}: ${needs}, ${bytesText(claim - room)} are missing for one more`;
}

function diskText(policy: Policy, seen: Seen): string {
  const { disk } = seen.sample.host;
  if (!disk.known) return `disk: cannot be seen: ${disk.reason}`;
  const kept = reservedOf(policy.reserve.disk, disk.value.totalBytes);
  return `disk: ${bytesText(disk.value.freeBytes)} free where the engine keeps its data, ${bytesText(kept)} kept for the owner`;
}
