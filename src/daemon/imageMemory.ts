import type { BroughtImage, SupersededImage } from '../model/view.ts';

/** What is remembered of one name over a restart of the daemon. */
export interface RememberedImage {
  readonly reference: string;
  /** `Clock.nowMs` of the last good pull; null when that was in another boot or never. */
  readonly pulledAtMs: number | null;
  /** What the registry said when it last refused this image; empty when it gave it. */
  readonly refusal: string;
}

/** What is remembered of images over a restart of the daemon. */
export interface ImageMemory {
  readonly images: readonly RememberedImage[];
  /** Images that came by a pull of ours, so that ours they are to remove. */
  readonly brought: readonly BroughtImage[];
  readonly superseded: readonly SupersededImage[];
}

/** What another boot's memory of images is worth in this one: all but its times. */
export function ofAnotherBoot(memory: ImageMemory): ImageMemory {
  const images = memory.images.map((one) => ({ ...one, pulledAtMs: null }));
  const superseded = memory.superseded.map((one) => ({ ...one, notBeforeMs: 0 }));
  return { ...memory, images, superseded };
}

/** Whether both say the same; what did not change is the same object. */
export function sameImages(a: ImageMemory, b: ImageMemory): boolean {
  return (
    a.brought === b.brought &&
    a.superseded === b.superseded &&
    a.images.length === b.images.length &&
    a.images.every((one, index) => isSame(one, b.images[index]))
  );
}

function isSame(a: RememberedImage, b: RememberedImage | undefined): boolean {
  return a.reference === b?.reference && a.pulledAtMs === b.pulledAtMs && a.refusal === b.refusal;
}

/** Believes what has the shape that we write; an earlier version, which knew one image only, wrote it as `image`. */
export function believedImages(images: unknown, image: unknown): ImageMemory | null {
  return whole(images) ?? ofSingle(image);
}

function whole(value: unknown): ImageMemory | null {
  const memory = value as Partial<ImageMemory> | null | undefined;
  if (!Array.isArray(memory?.images) || !memory.images.every(isRemembered)) return null;
  const { images } = memory;
  return Array.isArray(memory.brought) && Array.isArray(memory.superseded)
    ? { images, brought: memory.brought, superseded: memory.superseded }
    : null;
}

function ofSingle(value: unknown): ImageMemory | null {
  const single = value as (Partial<RememberedImage> & Partial<ImageMemory>) | null | undefined;
  if (typeof single?.reference !== 'string') return null;
  const { reference, pulledAtMs = null, refusal = '', brought, superseded } = single;
  return whole({ images: [{ reference, pulledAtMs, refusal }], brought, superseded });
}

function isRemembered(value: unknown): value is RememberedImage {
  const one = value as Partial<RememberedImage> | null;
  return (
    typeof one?.reference === 'string' &&
    (one.pulledAtMs === null || typeof one.pulledAtMs === 'number') &&
    typeof one.refusal === 'string'
  );
}
