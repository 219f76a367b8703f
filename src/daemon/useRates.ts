import type { PilotUse } from '../model/host.ts';

interface Rate {
  readonly use: PilotUse;
  /** CPUs between the last two readings; null before there were two. */
  readonly cpus: number | null;
}

/** How much CPU each pilot uses now: between the last two readings of it, which come in turn. */
export class UseRates {
  readonly #rates = new Map<string, Rate>();

  /** Takes what is known of pilots now, by their ids; forgets those that are not among them. */
  note(uses: ReadonlyMap<string, PilotUse>): void {
    uses.forEach((use, id) => {
      const before = this.#rates.get(id);
      if (before?.use.readAtMs !== use.readAtMs) this.#rates.set(id, { use, cpus: rateOf(before?.use, use) });
    });
    if (this.#rates.size > uses.size)
      for (const id of this.#rates.keys()) if (!uses.has(id)) this.#rates.delete(id);
  }

  /** CPUs that this pilot uses; null while they are not known. */
  cpusOf(id: string): number | null {
    return this.#rates.get(id)?.cpus ?? null;
  }
}

function rateOf(before: PilotUse | undefined, now: PilotUse): number | null {
  const spanMs = before === undefined ? 0 : now.readAtMs - before.readAtMs;
  return before === undefined || spanMs <= 0 ? null : Math.max(0, now.cpuMs - before.cpuMs) / spanMs;
}
