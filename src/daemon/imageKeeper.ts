import type { ActionResult } from '../model/action.ts';
import { type BroughtImage, type ImageView, type SupersededImage, unseenImage } from '../model/view.ts';
import type { ImageMemory } from './imageMemory.ts';

/** An image that had to be kept is tried again after this long, doubling to a day. */
const firstKeepMs = 600_000;
const longestKeepMs = 86_400_000;
/** More superseded images than this are not followed: the oldest is left to the owner. */
const mostSuperseded = 32;

/** One name that is wanted, without what it stood for before. */
interface Wanted {
  readonly view: ImageView;
  /** What the registry said when it last refused this image; empty when it gave it. */
  readonly refusal: string;
}

/** Follows the images that pilots run: which are there, when each was pulled, what it replaced. */
export class ImageKeeper {
  /** By their names, in the order in which they are wanted; at least one. */
  #wanted: ReadonlyMap<string, Wanted>;
  #brought: readonly BroughtImage[];
  #superseded: readonly SupersededImage[];
  #views: readonly ImageView[] | null = null;

  /** `references` has at least one name; one that is in it twice is one image. */
  constructor(references: readonly string[], memory: ImageMemory | null) {
    this.#brought = memory?.brought ?? [];
    // An earlier version kept no account of tries.
    this.#superseded = (memory?.superseded ?? []).map((one) => ({ ...fresh(one), ...one }));
    this.#wanted = new Map(references.map((reference) => [reference, remembered(reference, memory)]));
  }

  /** What is known of each. */
  views(): readonly ImageView[] {
    this.#views ??= this.#withSuperseded();
    return this.#views;
  }

  /** The image that this name stands for, as far as it is known. */
  idOf(reference: string): string | null {
    return this.#wanted.get(reference)?.view.id ?? null;
  }

  /** Names of which the engine has not said whether there is such an image. */
  unchecked(): readonly string[] {
    return [...this.#wanted.values()].filter(({ view }) => !view.checked).map(({ view }) => view.reference);
  }

  /** Names of images that were not there when they were looked for: somebody may have brought them since. */
  missing(): readonly string[] {
    const open = [...this.#wanted.values()].filter(({ view }) => view.checked && view.id === null);
    return open.map(({ view }) => view.reference);
  }

  memory(): ImageMemory {
    const images = [...this.#wanted.values()].map(({ view, refusal }) => ({
      reference: view.reference,
      pulledAtMs: view.pulledAtMs,
      refusal,
    }));
    return { images, brought: this.#brought, superseded: this.#superseded };
  }

  /** Whether this is, or was, an image that pilots run. */
  isOurs(imageId: string | null): boolean {
    return imageId !== null && (this.#isWanted(imageId) || this.#broughtAs(imageId).length > 0);
  }

  /** These images are wanted now; what other names stood for goes when nothing uses it, if it came by us. */
  want(references: readonly string[]): void {
    const before = this.#wanted;
    const names = new Set(references);
    if (names.size === before.size && [...names].every((name) => before.has(name))) return;
    this.#wanted = new Map(
      [...names].map((name) => [name, before.get(name) ?? { view: unseenImage(name), refusal: '' }]),
    );
    this.#views = null;
    for (const [name, { view }] of before) if (!names.has(name)) this.#supersede(view.id);
  }

  /** The engine was asked whether the image is there. */
  noteFound(reference: string, id: string | null): void {
    this.#change(reference, { id, checked: true });
    this.#superseded = this.#superseded.filter((one) => one.id !== id);
  }

  /** It may have gone: the engine has to be asked again. Without a name, any of them. */
  doubt(reference?: string): void {
    for (const name of this.#wanted.keys())
      if (reference === undefined || reference === name) this.#change(name, { checked: false });
  }

  /** Takes the end of a pull or of a removal. */
  noteResult(result: ActionResult, nowMs: number): void {
    const { action, fact } = result;
    if (action.do === 'remove-image') {
      if (fact?.of === 'remove-image' && fact.gone) this.#forget([action.imageId]);
      else this.#keep(action.imageId, nowMs);
    }
    if (action.do !== 'pull' || !this.#wanted.has(action.reference)) return;
    if (fact?.of === 'pull') this.#notePulled(action.reference, fact.imageId, nowMs);
    else this.#noteFailed(action.reference, result, nowMs);
  }

  #noteFailed(reference: string, { error, fault }: ActionResult, nowMs: number): void {
    const failedPulls = (this.#wanted.get(reference)?.view.failedPulls ?? 0) + 1;
    // An engine that was away, or a daemon that ended, says nothing of the registry.
    const isRefusal = fault !== 'aborted' && fault !== 'unreachable';
    this.#change(
      reference,
      { failedPulls, lastFailureAtMs: nowMs, error },
      isRefusal ? { refusal: error } : {},
    );
  }

  #notePulled(reference: string, imageId: string, nowMs: number): void {
    const before = this.idOf(reference);
    if (before !== imageId && this.#broughtAs(imageId).length === 0)
      this.#brought = [...this.#brought, { id: imageId, reference }];
    this.#change(
      reference,
      { id: imageId, checked: true, pulledAtMs: nowMs, failedPulls: 0, lastFailureAtMs: null, error: '' },
      { refusal: '' },
    );
    if (before !== imageId) this.#supersede(before);
    this.#superseded = this.#superseded.filter((one) => one.id !== imageId);
  }

  #change(reference: string, view: Partial<ImageView>, more: Partial<Pick<Wanted, 'refusal'>> = {}): void {
    const before = this.#wanted.get(reference);
    if (before === undefined) return;
    const changed = { ...before, ...more, view: { ...before.view, ...view } };
    this.#wanted = new Map(
      [...this.#wanted].map(([name, one]) => [name, name === reference ? changed : one]),
    );
    this.#views = null;
  }

  /** Each with what its name stood for; names that nobody wants any more are looked after with the first. */
  #withSuperseded(): readonly ImageView[] {
    const [first] = this.#wanted.keys();
    const keeperOf = (one: SupersededImage): string | undefined =>
      this.#wanted.has(one.reference) ? one.reference : first;
    return [...this.#wanted.values()].map(({ view }) => ({
      ...view,
      superseded: this.#superseded.filter((one) => keeperOf(one) === view.reference),
    }));
  }

  #isWanted(imageId: string): boolean {
    return [...this.#wanted.values()].some(({ view }) => view.id === imageId);
  }

  #broughtAs(id: string | null): readonly BroughtImage[] {
    return this.#brought.filter((one) => one.id === id);
  }

  /** A name does not stand for this image any more: it goes, if it came by us and no other name stands for it. */
  #supersede(id: string | null): void {
    if (id === null || this.#isWanted(id)) return;
    const all = [...this.#superseded.filter((one) => one.id !== id), ...this.#broughtAs(id).map(fresh)];
    const tooMany = all.slice(0, Math.max(0, all.length - mostSuperseded));
    this.#superseded = all;
    this.#views = null;
    this.#forget(tooMany.map((one) => one.id));
  }

  /** Something uses it, or a name of somebody else refers to it: that may be over later. */
  #keep(imageId: string, nowMs: number): void {
    this.#superseded = this.#superseded.map((one) =>
      one.id === imageId ? { ...one, kept: one.kept + 1, notBeforeMs: nowMs + keepMs(one.kept + 1) } : one,
    );
    this.#views = null;
  }

  /** No longer ours to think of. */
  #forget(imageIds: readonly string[]): void {
    if (imageIds.length === 0) return;
    this.#brought = this.#brought.filter(({ id }) => !imageIds.includes(id));
    this.#superseded = this.#superseded.filter(({ id }) => !imageIds.includes(id));
    this.#views = null;
  }
}

/** Waiting time after an image had to be kept this often in a row. */
function keepMs(times: number): number {
  return Math.min(longestKeepMs, firstKeepMs * 2 ** Math.min(times - 1, 16));
}

function fresh({ id, reference }: BroughtImage): SupersededImage {
  return { id, reference, kept: 0, notBeforeMs: 0 };
}

/** Pilots do not wait again for a registry that refused; it is asked again at once all the same. */
function remembered(reference: string, memory: ImageMemory | null): Wanted {
  const before = memory?.images.find((one) => one.reference === reference);
  const refusal = before?.refusal ?? '';
  const failedPulls = refusal === '' ? 0 : 1;
  const pulledAtMs = before?.pulledAtMs ?? null;
  return { view: { ...unseenImage(reference), pulledAtMs, failedPulls, error: refusal }, refusal };
}
