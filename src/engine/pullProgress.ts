import type { PullProgress } from '../model/engine.ts';

/** One line of what an engine tells of a pull, as far as it is about a layer. */
interface LayerLine {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly progressDetail?: { readonly current?: unknown; readonly total?: unknown };
}

interface Layer {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly isDone: boolean;
}

/** Adds up the lines of a pull. Podman's Docker API tells neither layers nor bytes, but for its last lines. */
export class PullSum {
  readonly #layers = new Map<string, Layer>();

  /** Takes a line; gives the sum where it was about a layer, else null. */
  take(line: unknown): PullProgress | null {
    const { id, status, progressDetail } = (
      typeof line === 'object' && line !== null ? line : {}
    ) as LayerLine;
    // The line of the tag itself (`Pulling from …`) bears it where layers have their ids.
    if (typeof id !== 'string' || typeof status !== 'string' || status.startsWith('Pulling from'))
      return null;
    const before = this.#layers.get(id) ?? { doneBytes: 0, totalBytes: 0, isDone: false };
    this.#layers.set(
      id,
      after(before, status, amount(progressDetail?.current), amount(progressDetail?.total)),
    );
    const all = [...this.#layers.values()];
    return {
      layers: all.length,
      layersDone: all.filter(({ isDone }) => isDone).length,
      doneBytes: all.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
      totalBytes: all.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    };
  }
}

/** Bytes count as they come over the network; unpacking counts them once more. */
function after(before: Layer, status: string, current: number, total: number): Layer {
  if (status === 'Pull complete' || status === 'Already exists')
    return { ...before, doneBytes: before.totalBytes, isDone: true };
  if (status === 'Downloading') return { doneBytes: current, totalBytes: total, isDone: false };
  if (status === 'Download complete' || status === 'Extracting')
    return { ...before, doneBytes: before.totalBytes };
  return before;
}

function amount(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
