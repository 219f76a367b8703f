import type { EngineInfo } from './engine.ts';
import type { Pilot } from './pilot.ts';

/** An image that a pull of ours brought, and the name it was pulled by. */
export interface BroughtImage {
  readonly id: string;
  readonly reference: string;
}

/** One that is no longer pilots' image, and that goes when nothing uses it. */
export interface SupersededImage extends BroughtImage {
  /** How often in a row it had to be kept, because something used it. */
  readonly kept: number;
  /** Not before this time, in `Clock.nowMs` terms, is its removal tried. */
  readonly notBeforeMs: number;
}

/** What is known of one image that pilots run, in `Clock.nowMs` terms. */
export interface ImageView {
  readonly reference: string;
  /** The image that is there locally, or null; `checked` is false until the engine has said which. */
  readonly id: string | null;
  readonly checked: boolean;
  /** When a registry last gave it (or said it is unchanged), or null. */
  readonly pulledAtMs: number | null;
  /** Fruitless pulls in a row, the time of the last one, and why. */
  readonly failedPulls: number;
  readonly lastFailureAtMs: number | null;
  readonly error: string;
  /**
   * Images that this name stood for before, which we brought and which may go when nothing uses them; with the first
   * name of all, those of names that nobody wants any more.
   */
  readonly superseded: readonly SupersededImage[];
}

/** What the engine told, kept up to date by its events, its listings and the outcome of our own calls. */
export interface EngineView {
  /** `waiting` until it answers, and again while it does not. */
  readonly state: 'waiting' | 'answering';
  /** Why it does not answer; empty when it does. */
  readonly reason: string;
  readonly info: EngineInfo | null;
  /** False until a listing of this connection has come: until then `pilots` is the past, or nothing. */
  readonly listed: boolean;
  /** When the newest listing of this connection was asked for, in `Clock.nowMs` terms; null until one has come. */
  readonly listingAskedMs: number | null;
  readonly pilots: readonly Pilot[];
  /** The images that kinds want, one for each name. */
  readonly images: readonly ImageView[];
}

/** What is known of the image of this name; one that nobody has looked for where it is not among them. */
export function imageOf(view: Pick<EngineView, 'images'>, reference: string): ImageView {
  return view.images.find((image) => image.reference === reference) ?? unseenImage(reference);
}

/** An image that the engine was not asked for yet. */
export function unseenImage(reference: string): ImageView {
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

/** An order to replace the pilots that run now by new ones: the control file `renew`, or `renew.` and a kind, once it was taken. */
export interface RenewOrder {
  /** Name of its file, which no other order ever has. */
  readonly file: string;
  /** Whose pilots; null: those of all kinds. */
  readonly kind: string | null;
  /** They are given notice; otherwise they go as they end. */
  readonly now: boolean;
}

/** The control files, which are the interface of `drain`, `drain-stop`, `force-stop` and `renew`. */
export interface ControlFiles {
  readonly drain: boolean;
  readonly stop: boolean;
  readonly forceStop: boolean;
  readonly renew: readonly RenewOrder[];
}
