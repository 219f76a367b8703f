import { counted } from '../decide/numbers.ts';
import { isAlive } from '../decide/slots.ts';
import type { ContainerSummary } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { Pilot } from '../model/pilot.ts';
import { type Identity, instanceLabel, type Ownership, ownershipOf, proofLabel } from './ownership.ts';

/** How whose-it-is decides what we do with a container: manage it, count it, or never look at it. */
export type Standing = 'managed' | 'counted' | 'ignored';

/** The standing of a container. Unproven ones take room and are left alone; the original's are adopted on request. */
export function standingOf(ownership: Ownership, adoptUnlabelled: boolean): Standing {
  switch (ownership) {
    case 'ours':
      return 'managed';
    case 'original':
      return adoptUnlabelled ? 'managed' : 'counted';
    case 'unproven':
      return 'counted';
    case 'foreign':
      return 'ignored';
  }
}

/** What an event or a listing tells of whose a container is. */
type Bearer = Pick<ContainerSummary, 'id' | 'name' | 'labels'> & { readonly imageId?: string };

/** So many proofs are remembered: more than there are pilots on a node. */
const mostProven = 1000;

/** Tells the standing of containers, and names in the log, once, those that pretend to be ours. */
export class Standings {
  readonly #identity: Identity;
  readonly #adoptUnlabelled: () => boolean;
  readonly #wasPilot: (id: string, imageId: string | null) => boolean;
  readonly #log: Log;
  readonly #named = new Set<string>();
  /** Proofs that were found right, by name: listings show the same pilots again and again. */
  readonly #proven = new Map<string, string>();

  /** `wasPilot` knows a container that was made as a pilot by other signs than its name and labels. */
  constructor(
    identity: Identity,
    adoptUnlabelled: () => boolean,
    wasPilot: (id: string, imageId: string | null) => boolean,
    log: Log,
  ) {
    this.#identity = identity;
    this.#adoptUnlabelled = adoptUnlabelled;
    this.#wasPilot = wasPilot;
    this.#log = log;
  }

  of({ id, name, labels, imageId }: Bearer): Standing {
    const proof = labels[proofLabel];
    if (
      proof !== undefined &&
      this.#proven.get(name) === proof &&
      labels[instanceLabel] === this.#identity.instance
    )
      return 'managed';
    const wasPilot = this.#wasPilot(id, imageId ?? null);
    const ownership = ownershipOf(this.#identity, name, labels, wasPilot);
    if (ownership === 'ours' && proof !== undefined) this.#remember(name, proof);
    if (ownership === 'unproven' && !this.#named.has(name)) {
      this.#named.add(name);
      const advice =
        'it takes room and is left alone; if it was renamed, give it its old name back; if it is a pilot of before the secret was lost, remove it by hand';
      this.#log.warn(`container ${name} bears our label without its proof: ${advice}`);
    }
    return standingOf(ownership, this.#adoptUnlabelled());
  }

  #remember(name: string, proof: string): void {
    if (this.#proven.size >= mostProven) this.#proven.clear();
    this.#proven.set(name, proof);
  }
}

/** Tells what a new connection to the engine finds running: pilots of before are adopted, others take room. */
export function tellFound(pilots: readonly Pilot[], log: Log): void {
  const alive = pilots.filter(isAlive);
  const ours = alive.filter((pilot) => pilot.managed).length;
  if (ours > 0) log.info(`found ${counted(ours, 'pilot')} of ours: adopted`);
  const others = alive.length - ours;
  if (others > 0)
    log.info(`found ${counted(others, 'container')} without a proof of being ours: counted, not touched`);
}
