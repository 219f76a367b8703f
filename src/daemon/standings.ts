import type { Log } from '../model/log.ts';
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
