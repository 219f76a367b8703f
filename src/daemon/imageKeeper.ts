import type { ActionResult } from '../model/action.ts';
import type { BroughtImage, ImageView } from '../model/view.ts';

/** What is remembered of images over a restart of the daemon. */
export interface ImageMemory {
  readonly reference: string;
  /** `Clock.nowMs` of the last good pull; null when that was in another boot or never. */
  readonly pulledAtMs: number | null;
  /** Images that came by a pull of ours, so that ours they are to remove. */
  readonly brought: readonly BroughtImage[];
  readonly superseded: readonly BroughtImage[];
}

/** Follows the one image that pilots run: is it there, when was it pulled, what did it replace. */
export class ImageKeeper {
  #view: ImageView;
  #brought: readonly BroughtImage[];

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
    this.#view = { ...unseen(reference), superseded: [...superseded, ...this.#broughtAs(id)] };
  }

  /** The engine was asked whether the image is there. */
  noteFound(reference: string, id: string | null): void {
    if (reference !== this.#view.reference) return;
    const superseded = this.#view.superseded.filter((one) => one.id !== id);
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
    const replaced = isNew ? this.#broughtAs(before) : [];
    if (isNew && this.#broughtAs(imageId).length === 0)
      this.#brought = [...this.#brought, { id: imageId, reference: this.#view.reference }];
    this.#view = {
      ...this.#view,
      id: imageId,
      checked: true,
      pulledAtMs: nowMs,
      failedPulls: 0,
      lastFailureAtMs: null,
      error: '',
      superseded: [...superseded, ...replaced].filter((one) => one.id !== imageId),
    };
  }

  #broughtAs(id: string | null): readonly BroughtImage[] {
    return this.#brought.filter((one) => one.id === id);
  }

  /** Gone, or kept because somebody else uses it: either way no longer ours to think of. */
  #forget(imageId: string): void {
    this.#brought = this.#brought.filter((one) => one.id !== imageId);
    this.#view = { ...this.#view, superseded: this.#view.superseded.filter((one) => one.id !== imageId) };
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
