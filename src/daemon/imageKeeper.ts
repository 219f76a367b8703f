import type { ActionResult } from '../model/action.ts';
import type { ImageView } from '../model/view.ts';

/** What is remembered of images over a restart of the daemon. */
export interface ImageMemory {
  readonly reference: string;
  /** `Clock.nowMs` of the last good pull; null when that was in another boot or never. */
  readonly pulledAtMs: number | null;
  /** Images that came by a pull of ours, so that ours they are to remove. */
  readonly brought: readonly string[];
  readonly superseded: readonly string[];
}

/** Follows the one image that pilots run: is it there, when was it pulled, what did it replace. */
export class ImageKeeper {
  #view: ImageView;
  #brought: readonly string[];

  constructor(reference: string, memory: ImageMemory | null) {
    this.#brought = memory?.brought ?? [];
    this.#view = {
      ...unseen(reference),
      pulledAtMs: memory?.reference === reference ? memory.pulledAtMs : null,
      superseded: memory?.superseded ?? [],
    };
  }

  view(): ImageView {
    return this.#view;
  }

  memory(): ImageMemory {
    const { reference, pulledAtMs, superseded } = this.#view;
    return { reference, pulledAtMs, brought: this.#brought, superseded };
  }

  /** Another image is wanted; what the old name stood for goes when nothing uses it, if it came by us. */
  want(reference: string): void {
    if (reference === this.#view.reference) return;
    const { id, superseded } = this.#view;
    const old = id !== null && this.#brought.includes(id) ? [id] : [];
    this.#view = { ...unseen(reference), superseded: [...superseded, ...old] };
  }

  /** The engine was asked whether the image is there. */
  noteFound(reference: string, id: string | null): void {
    if (reference !== this.#view.reference) return;
    const superseded = this.#view.superseded.filter((one) => one !== id);
    this.#view = { ...this.#view, id, checked: true, superseded };
  }

  /** It may have gone: the engine has to be asked again. */
  doubt(): void {
    this.#view = { ...this.#view, checked: false };
  }

  /** Takes the end of a pull, a removal, or a start that found no image. */
  noteResult(result: ActionResult, nowMs: number): void {
    const { action, fact } = result;
    if (action.do === 'start' && result.fault === 'not-found') this.doubt();
    if (action.do === 'remove-image' && result.ok) this.#forget(action.imageId);
    if (action.do !== 'pull' || action.reference !== this.#view.reference) return;
    if (fact?.of === 'pull') this.#notePulled(fact.imageId, nowMs);
    else
      this.#view = {
        ...this.#view,
        failedPulls: this.#view.failedPulls + 1,
        lastFailureAtMs: nowMs,
        error: result.error,
      };
  }

  #notePulled(imageId: string, nowMs: number): void {
    const { id: before, superseded } = this.#view;
    const isNew = before !== imageId;
    const replaced = isNew && before !== null && this.#brought.includes(before) ? [before] : [];
    if (isNew && !this.#brought.includes(imageId)) this.#brought = [...this.#brought, imageId];
    this.#view = {
      ...this.#view,
      id: imageId,
      checked: true,
      pulledAtMs: nowMs,
      failedPulls: 0,
      lastFailureAtMs: null,
      error: '',
      superseded: [...superseded, ...replaced].filter((one) => one !== imageId),
    };
  }

  /** Gone, or kept because somebody else uses it: either way no longer ours to think of. */
  #forget(imageId: string): void {
    this.#brought = this.#brought.filter((one) => one !== imageId);
    this.#view = { ...this.#view, superseded: this.#view.superseded.filter((one) => one !== imageId) };
  }
}

function unseen(reference: string): ImageView {
  return {
    reference,
    id: null,
    checked: false,
    pulledAtMs: null,
    failedPulls: 0,
    lastFailureAtMs: null,
    error: '',
    superseded: [],
  };
}
