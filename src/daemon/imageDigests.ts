import type { Engine } from '../model/engine.ts';

/** More images than this are not remembered: the first ones go. */
const mostKept = 64;

/** Digests of images in their registries, as the engine tells them; for the records of pilots. */
export class ImageDigests {
  readonly #known = new Map<string, string | null>();

  /** The digest of this image; null where it has none, or nobody has told it. */
  of(imageId: string): string | null {
    return this.#known.get(imageId) ?? null;
  }

  /**
   * Asks for those that are not known yet; an engine that does not tell one is asked again the next time. Never rejects.
   */
  async learn(engine: Engine, imageIds: Iterable<string>, signal: AbortSignal): Promise<void> {
    for (const id of new Set(imageIds)) {
      if (id === '' || this.#known.has(id)) continue;
      const digest = await engine.imageDigest(id, signal).catch(() => undefined);
      if (digest === undefined) return;
      this.#known.set(id, digest);
    }
    for (const id of this.#known.keys()) if (this.#known.size > mostKept) this.#known.delete(id);
  }
}
