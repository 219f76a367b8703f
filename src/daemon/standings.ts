import { counted } from '../decide/numbers.ts';
import { isAlive } from '../decide/slots.ts';
import type { Log } from '../model/log.ts';
import type { Pilot } from '../model/pilot.ts';
import { type Identity, ownershipOf } from './ownership.ts';
import { type Standing, standingOf } from './pilotTable.ts';

/** Tells the standing of containers, and names in the log, once, those that pretend to be ours. */
export class Standings {
  readonly #identity: Identity;
  readonly #adoptUnlabelled: () => boolean;
  readonly #log: Log;
  readonly #named = new Set<string>();

  constructor(identity: Identity, adoptUnlabelled: () => boolean, log: Log) {
    this.#identity = identity;
    this.#adoptUnlabelled = adoptUnlabelled;
    this.#log = log;
  }

  of(name: string, labels: Readonly<Record<string, string>>): Standing {
    const ownership = ownershipOf(this.#identity, name, labels);
    if (ownership === 'unproven' && !this.#named.has(name)) {
      this.#named.add(name);
      const advice =
        'it takes room and is left alone; if it is a pilot of before the secret was lost, remove it by hand';
      this.#log.warn(`container ${name} bears our label without its proof: ${advice}`);
    }
    return standingOf(ownership, this.#adoptUnlabelled());
  }
}

/** Tells what a new connection to the engine finds running: pilots of before are adopted, others take room. */
export function tellFound(pilots: readonly Pilot[], log: Log): void {
  const alive = pilots.filter(isAlive);
  const ours = alive.filter((pilot) => pilot.managed).length;
  if (ours > 0) log.info(`found ${counted(ours, 'pilot')} of ours: adopted`);
  const others = alive.length - ours;
  if (others > 0) log.info(`found ${counted(others, 'container')} of another Plancton: counted, not touched`);
}
