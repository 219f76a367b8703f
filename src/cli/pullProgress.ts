import { bytesText } from '../decide/numbers.ts';
import type { PullProgress } from '../model/engine.ts';
import { ProgressLine } from './progressLine.ts';

/** Pulls an image by `pull`, and says on a terminal meanwhile how far it is. */
export async function pulled<T>(
  image: string,
  pull: (onProgress: (progress: PullProgress) => void) => Promise<T>,
  line = new ProgressLine(),
): Promise<T> {
  let told: PullProgress | null = null;
  line.follow(() => `Pulling ${image}: ${told === null ? 'asking' : pullText(told)}, ${line.span}`);
  try {
    return await pull((progress) => (told = progress));
  } finally {
    line.end();
  }
}

/** How far a pull is. The sizes of layers become known one after another. */
export function pullText({ layers, layersDone, doneBytes, totalBytes }: PullProgress): string {
  if (layers === 0) return 'asking';
  const bytes = totalBytes === 0 ? '' : `, ${bytesText(doneBytes)} of ${bytesText(totalBytes)}`;
  return `${layersDone} of ${layers} layers${bytes}`;
}
