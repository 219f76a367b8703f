import type { Engine } from '../model/engine.ts';
import type { WatchParts } from './watchParts.ts';

/**
 * Asks the engine for images that nobody has looked for yet, and again for those that were not there. One that is being
 * pulled is not looked for: it is there by us as soon as it is. Rejects with `EngineError`.
 */
export async function lookForImages(
  { images, isPulling }: Pick<WatchParts, 'images' | 'isPulling'>,
  engine: Engine,
  signal: AbortSignal,
): Promise<void> {
  for (const reference of images.unchecked())
    images.noteFound(reference, await engine.findImage(reference, signal));
  for (const reference of images.missing()) {
    if (isPulling(reference)) continue;
    const id = await engine.findImage(reference, signal);
    if (id !== null && !isPulling(reference)) images.noteFound(reference, id);
  }
}
