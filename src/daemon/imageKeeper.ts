import type { ActionResult } from '../model/action.ts';
import type { BroughtImage, ImageView, SupersededImage } from '../model/view.ts';

/** An image that had to be kept is tried again after this long, doubling to a day. */
const firstKeepMs = 600_000;
const longestKeepMs = 86_400_000;
/** More superseded images than this are not followed: the oldest is left to the owner. */
const mostSuperseded = 32;

/** What is remembered of images over a restart of the daemon. */
export interface ImageMemory {
  readonly reference: string;
  /** `Clock.nowMs` of the last good pull; null when that was in another boot or never. */
  readonly pulledAtMs: number | null;
  /** Images that came by a pull of ours, so that ours they are to remove. */
  readonly brought: readonly BroughtImage[];
  readonly superseded: readonly SupersededImage[];
  /** What the registry said when it last refused this image; empty when it gave it, absent in an older memory. */
  readonly refusal?: string;
}

/** What another boot's memory of images is worth in this one: all but its times. */
export function ofAnotherBoot(memory: ImageMemory): ImageMemory {
  const superseded = memory.superseded.map((one) => ({ ...one, notBeforeMs: 0 }));
  return { ...memory, pulledAtMs: null, superseded };
}

/** Follows the one image that pilots run: is it there, when was it pulled, what did it replace. */
export class ImageKeeper {
  #view: ImageView;
  #brought: readonly BroughtImage[];
  #refusal: string;

  constructor(reference: string, memory: ImageMemory | null) {
    this.#brought = memory?.brought ?? [];
    const before = memory?.reference === reference ? memory : null;
    this.#refusal = before?.refusal ?? '';
    this.#view = {
      ...unseen(reference),
      pulledAtMs: before?.pulledAtMs ?? null,
      // Pilots do not wait again for a registry that refused; it is asked again at once all the same.
      failedPulls: this.#refusal === '' ? 0 : 1,
      error: this.#refusal,
      // An earlier version kept no account of tries.
      superseded: (memory?.superseded ?? []).map((one) => ({ ...fresh(one), ...one })),
    };
  }

  view(): ImageView {
    return this.#view;
  }

  memory(): ImageMemory {
    const { reference, pulledAtMs, superseded } = this.#view;
    return { reference, pulledAtMs, brought: this.#brought, superseded, refusal: this.#refusal };
  }

  /** Whether this is, or was, the image that pilots run. */
  isOurs(imageId: string | null): boolean {
    return imageId !== null && (imageId === this.#view.id || this.#broughtAs(imageId).length > 0);
  }

  /** Another image is wanted; what the old name stood for goes when nothing uses it, if it came by us. */
  want(reference: string): void {
    if (reference === this.#view.reference) return;
    const superseded = this.#withSuperseded(this.#view.id);
    this.#refusal = '';
    this.#view = { ...unseen(reference), superseded };
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
    if (action.do === 'remove-image') {
      if (fact?.of === 'remove-image' && fact.gone) this.#forget([action.imageId]);
      else this.#keep(action.imageId, nowMs);
    }
    if (action.do !== 'pull' || action.reference !== this.#view.reference) return;
    if (fact?.of === 'pull') this.#notePulled(fact.imageId, nowMs);
    else this.#noteFailed(result, nowMs);
  }

  #noteFailed({ error, fault }: ActionResult, nowMs: number): void {
    // An engine that was away, or a daemon that ended, says nothing of the registry.
    if (fault !== 'aborted' && fault !== 'unreachable') this.#refusal = error;
    const failedPulls = this.#view.failedPulls + 1;
    this.#view = { ...this.#view, failedPulls, lastFailureAtMs: nowMs, error };
  }

  #notePulled(imageId: string, nowMs: number): void {
    const { id: before } = this.#view;
    this.#refusal = '';
    const isNew = before !== imageId;
    const superseded = isNew ? this.#withSuperseded(before) : this.#view.superseded;
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
      superseded: superseded.filter((one) => one.id !== imageId),
    };
  }

  #broughtAs(id: string | null): readonly BroughtImage[] {
    return this.#brought.filter((one) => one.id === id);
  }

  /** The superseded images and this one, if it came by us. */
  #withSuperseded(id: string | null): readonly SupersededImage[] {
    const all = [...this.#view.superseded, ...this.#broughtAs(id).map(fresh)];
    const tooMany = all.slice(0, Math.max(0, all.length - mostSuperseded));
    this.#forget(tooMany.map((one) => one.id));
    return all.slice(tooMany.length);
  }

  /** Something uses it, or a name of somebody else refers to it: that may be over later. */
  #keep(imageId: string, nowMs: number): void {
    const superseded = this.#view.superseded.map((one) =>
      one.id === imageId ? { ...one, kept: one.kept + 1, notBeforeMs: nowMs + keepMs(one.kept + 1) } : one,
    );
    this.#view = { ...this.#view, superseded };
  }

  /** No longer ours to think of. */
  #forget(imageIds: readonly string[]): void {
    if (imageIds.length === 0) return;
    this.#brought = this.#brought.filter(({ id }) => !imageIds.includes(id));
    const superseded = this.#view.superseded.filter(({ id }) => !imageIds.includes(id));
    this.#view = { ...this.#view, superseded };
  }
}

/** Waiting time after an image had to be kept this often in a row. */
function keepMs(times: number): number {
  return Math.min(longestKeepMs, firstKeepMs * 2 ** Math.min(times - 1, 16));
}

function fresh({ id, reference }: BroughtImage): SupersededImage {
  return { id, reference, kept: 0, notBeforeMs: 0 };
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
