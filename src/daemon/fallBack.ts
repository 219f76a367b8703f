import type { EngineInfo } from '../model/engine.ts';
import type { CpuClass, KernelMeans } from '../model/means.ts';

/** What is known of a class that was asked for and not had. */
export interface FallBackFacts {
  readonly info: EngineInfo;
  readonly asked: CpuClass;
  readonly had: CpuClass;
  /** Why there is no more. */
  readonly why: string;
  readonly means: KernelMeans;
  /** Whether the pilots' groups can be seen from here. */
  readonly isInSight: boolean;
  /** The kind of container that the daemon runs in; null when in none. */
  readonly containment: string | null;
  readonly isRoot: boolean;
  readonly dryRun: boolean;
}

/** Why the kernel does less here than was asked of it, and what is done instead; empty when nothing is missing. */
export function fallBackOf(facts: FallBackFacts): string {
  const { info, asked, had, why, containment, isRoot, dryRun } = facts;
  const isLess = had === 'normal' ? asked !== 'normal' : had === 'low' && asked === 'idle';
  if (!isLess) return '';
  if (dryRun) return why;
  const reasons = [
    why,
    ...(containment === null || !info.local
      ? []
      : [`the daemon runs in ${containment}, and needs the node's own cgroup tree and process ids there`]),
    ...(isRoot || !info.local ? [] : ['only root may set it']),
  ];
  return `${reasons.join('; ')}; ${insteadOf(facts)}`;
}

/** What is done in the kernel's place: as much as this engine, and what can be seen of its pilots, allow. */
function insteadOf({ info, means, isInSight }: FallBackFacts): string {
  if (!info.local)
    return 'nothing of this node is looked at for those pilots: only max_docks, schedule and max_ttl bound them';
  const verbs = [
    ...(means.canThrottle ? ['shrinking'] : []),
    ...(means.canPause ? ['pausing'] : []),
    'ending pilots',
  ];
  const given = `room is given back by ${listed(verbs)}`;
  const areToldApart = isInSight && info.cgroupDriver !== 'none';
  return areToldApart
    ? given
    : `${given} where the owner's memory or a sign of his asks for it, and not for his CPUs: what he uses cannot be told from what pilots use`;
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
