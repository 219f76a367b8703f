import { returnText } from './beforeReturn.ts';
import { claimsBeyondUse, newClaim } from './claims.ts';
import { cpusOf, firstGuestShare, mostOwnerCpus } from './cpuRule.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { bytesText, counted, cpusText } from './numbers.ts';
import { reservedOf } from './reserve.ts';
import {
  cpuFits,
  cpuFitsMore,
  cpuReserve,
  growthMargin,
  memoryFits,
  memoryReserve,
  memoryRoom,
  ownerText,
} from './room.ts';
import { isAlive } from './slots.ts';
import type { Decision, Policy, Seen } from './types.ts';
import { whyKinds } from './whyKinds.ts';

/** What keeps one more pilot from starting, the most fundamental first; then what room each resource has, and the kinds. */
export function whyNotMore(policy: Policy, seen: Seen, decision: Decision): string[] {
  const refusals = decision.refusals.map(({ rule, text }) => `${rule}: ${text}`);
  const rooms = policy.nodeIsEngines
    ? [cpuText(policy, seen, decision), memoryText(policy, seen), diskText(policy, seen)]
    : ['the engine runs on another machine: this node’s CPU, memory and disk say nothing of it'];
  const backs = policy.kinds.map((kind) => returnText(policy, seen, decision.memory, kind));
  return [
    ...refusals,
    limitText(policy, decision),
    ...rooms,
    ...backs.filter((text) => text !== null),
    ...whyKinds(policy, seen, decision.memory),
  ];
}

function limitText(policy: Policy, { running, unmanaged }: Decision): string {
  const left = Math.max(0, policy.limit - running - unmanaged);
  const verb = unmanaged === 1 ? 'is' : 'are';
  const others = unmanaged > 0 ? ` and ${counted(unmanaged, 'container')} that ${verb} not ours` : '';
  return `limit: ${counted(running, 'pilot')}${others} of at most ${policy.limit} (max_docks): room for ${left} more`;
}

function cpuText(policy: Policy, seen: Seen, decision: Decision): string {
  const { memory } = decision;
  if (!seen.ownerCpus.known) return `CPU: what the owner uses cannot be seen: ${seen.ownerCpus.reason}`;
  const uses = `CPU: ${ownerText(policy, seen, memory)}`;
  const [only, ...others] = policy.kinds;
  if (only !== undefined && others.length === 0) return roomOfOne(policy, seen, decision, only, uses);
  const rooms = policy.kinds
    .filter(({ enabled }) => enabled)
    .map((kind) => `${cpuFitsMore(policy, seen, memory, kind, memory.slots)} of kind ${kind.name}`);
  return `${uses}: room for ${rooms.join(', or ')} more`;
}

/** The most CPUs that the owner may use for one more pilot to fit: `cpuRoom` turned round. */
function roomOfOne(policy: Policy, seen: Seen, decision: Decision, kind: KindPolicy, uses: string): string {
  const { running, memory } = decision;
  const { cpuCount } = seen.sample.host;
  const fits = cpuFits(policy, seen, memory, kind);
  const more = `${uses}: room for ${counted(Math.max(0, fits - running), 'more pilot')}`;
  if (fits > running) return more;
  const most = cpuCount - cpuReserve(policy, seen) - (running + 0.5 + growthMargin) * kind.cpus;
  if (most < 0) return `${uses}: ${counted(running + 1, 'pilot')} would not fit even without him`;
  if (running === 0 && policy.means.cpuClass === 'idle') {
    const mean = cpuCount - cpuReserve(policy, seen) - firstGuestShare * kind.cpus;
    return `${more}; a first one fits when he uses at most ${cpusText(mean)} on average`;
  }
  return `${more}; one more fits when he uses at most ${bounds(policy, seen, decision, kind, most).join(', and at most ')}`;
}

/** What he may use, now and on average, where that stands in the way: one in a lull of his would be evicted. */
function bounds(
  policy: Policy,
  seen: Seen,
  { running, memory }: Decision,
  kind: KindPolicy,
  mostNow: number,
): string[] {
  const now = memory.cpu === null ? null : { ...memory.cpu, judgedCpus: null };
  const fitsNow = cpuFits(policy, seen, { ...memory, cpu: now }, kind) > running;
  const cpuCount = seen.sample.host.cpuCount - cpuReserve(policy, seen) - growthMargin * kind.cpus;
  const alive = seen.sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot));
  const mostMean = mostOwnerCpus(policy, cpuCount, cpusOf(policy, alive) + kind.cpus);
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
  const parts = `memory: ${bytesText(availableBytes)} available, ${bytesText(memoryReserve(policy, seen))} kept for the owner, ${bytesText(claimsBeyondUse(policy, seen))} claimed by pilots beyond what they use`;
  const kinds = policy.kinds.length === 1 ? policy.kinds : policy.kinds.filter(({ enabled }) => enabled);
  const needs = kinds.map((kind) => needText(policy, seen, kind, policy.kinds.length === 1));
  return `${parts}: ${needs.join('; ')}`;
}

function needText(policy: Policy, seen: Seen, kind: KindPolicy, isOnly: boolean): string {
  const claim = newClaim(policy, seen, kind);
  const room = memoryRoom(policy, seen) ?? 0;
  const fits = memoryFits(policy, seen, kind);
  const needs = `a new pilot${isOnly ? '' : ` of kind ${kind.name}`} claims ${bytesText(claim)}`;
  return fits > 0
    ? `${needs}, room for ${fits} more`
    : `${needs}, ${bytesText(claim - room)} are missing for one more`;
}

function diskText(policy: Policy, seen: Seen): string {
  const { disk } = seen.sample.host;
  if (!disk.known) return `disk: cannot be seen: ${disk.reason}`;
  const kept = reservedOf(policy.reserve.disk, disk.value.totalBytes);
  return `disk: ${bytesText(disk.value.freeBytes)} free where the engine keeps its data, ${bytesText(kept)} kept for the owner`;
}
