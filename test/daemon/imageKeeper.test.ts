import { describe, expect, it } from 'vitest';
import { ImageKeeper } from '../../src/daemon/imageKeeper.ts';
import { believedImages, type ImageMemory, ofAnotherBoot } from '../../src/daemon/imageMemory.ts';
import type { ImageView } from '../../src/model/view.ts';
import type { Action, ActionResult, Fact } from '../../src/model/action.ts';

function result(action: Action, fact: Fact | null, changes: Partial<ActionResult> = {}): ActionResult {
  return { action, ok: true, fact, error: '', fault: null, tookMs: 1, ...changes };
}
const pull = (reference: string): Action => ({ do: 'pull', reference, why: '' });
const pulled = (imageId: string, reference = 'pilot:1'): ActionResult =>
  result(pull(reference), { of: 'pull', imageId });
const failed = (error: string): ActionResult =>
  result(pull('pilot:1'), null, { ok: false, error, fault: 'failed' });
const removed = (imageId: string, gone: boolean): ActionResult =>
  result({ do: 'remove-image', imageId, reference: 'pilot:1' }, { of: 'remove-image', gone });

const as = (id: string) => ({ id, reference: 'pilot:1' });
const old = (id: string, kept = 0, notBeforeMs = 0) => ({ ...as(id), kept, notBeforeMs });

/** The only image of a keeper. */
function viewOf(images: ImageKeeper): ImageView {
  const [view, ...others] = images.views();
  if (view === undefined || others.length > 0) throw new Error(`${others.length + 1} images`);
  return view;
}
/** What is remembered of the only image. */
const refusalOf = (images: ImageKeeper): string | undefined => images.memory().images[0]?.refusal;

/** A keeper whose engine has no such image yet. */
function keeper(): ImageKeeper {
  const made = new ImageKeeper(['pilot:1'], null);
  made.noteFound('pilot:1', null);
  return made;
}

describe('an image', () => {
  it('is unchecked until the engine has said whether it is there', () => {
    const images = new ImageKeeper(['pilot:1'], null);
    expect(viewOf(images)).toMatchObject({ checked: false, id: null, pulledAtMs: null });
    images.noteFound('other:1', 'sha256:x');
    expect(viewOf(images).checked).toBe(false);
    images.noteFound('pilot:1', 'sha256:a');
    expect(viewOf(images)).toMatchObject({ checked: true, id: 'sha256:a' });
    images.doubt();
    expect(viewOf(images)).toMatchObject({ checked: false, id: 'sha256:a' });
  });

  it('counts fruitless pulls until one is good', () => {
    const images = keeper();
    images.noteResult(failed('no way'), 10);
    images.noteResult(failed('no way again'), 20);
    expect(viewOf(images)).toMatchObject({ failedPulls: 2, lastFailureAtMs: 20, error: 'no way again' });
    images.noteResult(pulled('sha256:a'), 30);
    expect(viewOf(images)).toMatchObject({
      failedPulls: 0,
      lastFailureAtMs: null,
      error: '',
      pulledAtMs: 30,
    });
  });

  it('that its registry refused is known for that by the next daemon, which asks at once', () => {
    const images = keeper();
    images.noteResult(failed('no way'), 10);
    images.noteResult(failed('no way'), 20);
    expect(refusalOf(images)).toBe('no way');
    for (const memory of [images.memory(), ofAnotherBoot(images.memory())])
      expect(viewOf(new ImageKeeper(['pilot:1'], memory))).toMatchObject({
        failedPulls: 1,
        lastFailureAtMs: null,
        error: 'no way',
      });
    expect(viewOf(new ImageKeeper(['pilot:2'], images.memory()))).toMatchObject({
      failedPulls: 0,
      error: '',
    });
    images.noteResult(pulled('sha256:a'), 30);
    expect(refusalOf(images)).toBe('');
    images.noteResult(failed('no way'), 40);
    images.want(['pilot:2']);
    expect(refusalOf(images)).toBe('');
  });

  it.each(['aborted', 'unreachable'] as const)('is not known for an engine that was %s', (fault) => {
    const images = keeper();
    images.noteResult({ ...failed('gone'), fault }, 10);
    expect(viewOf(images)).toMatchObject({ failedPulls: 1, error: 'gone' });
    expect(viewOf(new ImageKeeper(['pilot:1'], images.memory()))).toMatchObject({
      failedPulls: 0,
      error: '',
    });
  });

  it('is doubted by its name, or with all others', () => {
    const images = new ImageKeeper(['pilot:1', 'pilot:2'], null);
    expect(images.unchecked()).toEqual(['pilot:1', 'pilot:2']);
    for (const name of images.unchecked()) images.noteFound(name, 'sha256:a');
    expect(images.unchecked()).toEqual([]);
    images.doubt('pilot:2');
    expect(images.unchecked()).toEqual(['pilot:2']);
    images.doubt();
    expect(images.unchecked()).toEqual(['pilot:1', 'pilot:2']);
    images.noteFound('pilot:1', 'sha256:a');
    images.noteFound('pilot:2', null);
    expect(images.unchecked()).toEqual([]);
    // Somebody may have brought it since.
    expect(images.missing()).toEqual(['pilot:2']);
  });

  it('ignores the end of a pull of another name', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:b', 'other:1'), 5);
    expect(viewOf(images)).toMatchObject({ id: null, pulledAtMs: null });
  });
});

describe('superseded images', () => {
  it('are those that we brought, and no others', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    expect(viewOf(images)).toMatchObject({ id: 'sha256:b', superseded: [old('sha256:a')] });
    const found = new ImageKeeper(['pilot:1'], null);
    found.noteFound('pilot:1', 'sha256:owners');
    found.noteResult(pulled('sha256:b'), 2);
    expect(viewOf(found).superseded).toEqual([]);
  });

  it('an unchanged image supersedes nothing, nor becomes ours', () => {
    const images = new ImageKeeper(['pilot:1'], null);
    images.noteFound('pilot:1', 'sha256:owners');
    images.noteResult(pulled('sha256:owners'), 1);
    expect(images.memory().brought).toEqual([]);
    images.noteResult(pulled('sha256:b'), 2);
    expect(viewOf(images).superseded).toEqual([]);
  });

  it('that come back are no longer superseded', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    images.noteResult(pulled('sha256:a'), 3);
    expect(viewOf(images).superseded).toEqual([old('sha256:b')]);
    images.noteFound('pilot:1', 'sha256:b');
    expect(viewOf(images).superseded).toEqual([]);
  });

  it('are forgotten once they are gone', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    images.noteResult(removed('sha256:a', true), 3);
    expect(images.memory()).toMatchObject({ superseded: [], brought: [as('sha256:b')] });
  });

  it('that something uses are tried again, after 10 minutes doubling to a day', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    const pauses: number[] = [];
    for (let tries = 1; tries <= 10; tries++) {
      images.noteResult(removed('sha256:a', false), 1000);
      const [kept] = viewOf(images).superseded;
      expect(kept).toMatchObject({ id: 'sha256:a', kept: tries });
      pauses.push(((kept?.notBeforeMs ?? 0) - 1000) / 60_000);
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
    expect(images.memory().brought).toEqual([as('sha256:a'), as('sha256:b')]);
    images.noteResult(removed('sha256:a', true), 2000);
    expect(images.memory()).toMatchObject({ superseded: [], brought: [as('sha256:b')] });
  });

  it('whose removal failed are tried again too', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    const { action } = removed('sha256:a', true);
    images.noteResult(result(action, null, { ok: false, error: 'no', fault: 'failed' }), 1000);
    expect(viewOf(images).superseded).toEqual([old('sha256:a', 1, 601_000)]);
  });

  it('are followed up to 32, the latest', () => {
    const images = keeper();
    for (let id = 0; id <= 40; id++) images.noteResult(pulled(`sha256:${id}`), 1);
    const { superseded, brought } = images.memory();
    expect([superseded.length, superseded[0]?.id, superseded.at(-1)?.id]).toEqual([
      32,
      'sha256:8',
      'sha256:39',
    ]);
    expect(brought.map(({ id }) => id)).toEqual([...superseded.map(({ id }) => id), 'sha256:40']);
  });

  it('include the old name’s when another image is wanted', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.want(['pilot:1']);
    expect(viewOf(images).id).toBe('sha256:a');
    images.want(['pilot:2']);
    expect(viewOf(images)).toMatchObject({
      reference: 'pilot:2',
      id: null,
      checked: false,
      pulledAtMs: null,
      superseded: [old('sha256:a')],
    });
  });

  it('outlive a restart, and the time of a pull with the same name', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    const memory = images.memory();
    expect(viewOf(new ImageKeeper(['pilot:1'], memory))).toMatchObject({
      pulledAtMs: 2,
      superseded: [old('sha256:a')],
    });
    const other = new ImageKeeper(['pilot:2'], memory);
    expect(viewOf(other)).toMatchObject({ pulledAtMs: null, superseded: [old('sha256:a')] });
    images.noteResult(removed('sha256:a', false), 5);
    expect(viewOf(new ImageKeeper(['pilot:1'], images.memory())).superseded).toEqual([
      old('sha256:a', 1, 600_005),
    ]);
    // The clock begins anew with each boot, the count of tries does not.
    expect(ofAnotherBoot(images.memory())).toMatchObject({
      images: [{ reference: 'pilot:1', pulledAtMs: null }],
      superseded: [old('sha256:a', 1, 0)],
    });
  });

  it('of a memory without an account of tries are tried at once', () => {
    const memory = { images: [], brought: [as('sha256:a')], superseded: [as('sha256:a')] };
    const images = new ImageKeeper(['pilot:1'], memory as unknown as ImageMemory);
    expect(viewOf(images).superseded).toEqual([old('sha256:a')]);
  });

  it('and the image of now are ours, what was never pilots’ image is not', () => {
    const images = new ImageKeeper(['pilot:1'], null);
    images.noteFound('pilot:1', 'sha256:owners');
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    expect(['sha256:a', 'sha256:b', 'sha256:c', null].map((id) => images.isOurs(id))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('several images', () => {
  const two = (memory: ImageMemory | null = null): ImageKeeper => {
    const images = new ImageKeeper(['pilot:1', 'pilot:2'], memory);
    for (const name of images.unchecked()) images.noteFound(name, null);
    return images;
  };
  const pulledAs = (reference: string, imageId: string): ActionResult => pulled(imageId, reference);

  it('are each known by what is told of it', () => {
    const images = two();
    images.noteResult(pulledAs('pilot:2', 'sha256:b'), 5);
    images.noteResult(failed('no way'), 7);
    expect(images.views()).toMatchObject([
      { reference: 'pilot:1', id: null, failedPulls: 1, error: 'no way', pulledAtMs: null },
      { reference: 'pilot:2', id: 'sha256:b', failedPulls: 0, error: '', pulledAtMs: 5 },
    ]);
    expect([images.idOf('pilot:2'), images.idOf('pilot:1'), images.idOf('pilot:3')]).toEqual([
      'sha256:b',
      null,
      null,
    ]);
    const again = new ImageKeeper(['pilot:2', 'pilot:1'], images.memory());
    expect(again.views()).toMatchObject([
      { reference: 'pilot:2', pulledAtMs: 5, error: '' },
      { reference: 'pilot:1', pulledAtMs: null, failedPulls: 1, error: 'no way' },
    ]);
  });

  it('keep each what it stood for, and one that is still another’s is not superseded', () => {
    const images = two();
    images.noteResult(pulledAs('pilot:1', 'sha256:a'), 1);
    images.noteResult(pulledAs('pilot:2', 'sha256:a'), 2);
    images.noteResult(pulledAs('pilot:1', 'sha256:b'), 3);
    expect(images.views().flatMap(({ superseded }) => superseded)).toEqual([]);
    images.noteResult(pulledAs('pilot:2', 'sha256:c'), 4);
    images.noteResult(pulledAs('pilot:2', 'sha256:d'), 5);
    expect(images.views().map(({ superseded }) => superseded.map(({ id }) => id))).toEqual([
      ['sha256:a'],
      ['sha256:c'],
    ]);
  });

  it('that nobody wants any more go, looked after with the first; those that stay lose nothing', () => {
    const images = two();
    images.noteResult(pulledAs('pilot:1', 'sha256:a'), 1);
    images.noteResult(pulledAs('pilot:2', 'sha256:b'), 2);
    const before = images.views();
    images.want(['pilot:2', 'pilot:1']);
    expect(images.views()).toBe(before);
    images.want(['pilot:2', 'pilot:3']);
    expect(images.views()).toMatchObject([
      { reference: 'pilot:2', id: 'sha256:b', pulledAtMs: 2, superseded: [old('sha256:a')] },
      { reference: 'pilot:3', id: null, checked: false, superseded: [] },
    ]);
    expect(images.isOurs('sha256:a')).toBe(true);
    images.noteResult(removed('sha256:a', true), 9);
    expect(images.isOurs('sha256:a')).toBe(false);
    expect(images.views()[0]?.superseded).toEqual([]);
  });

  it('of one name are one', () => {
    expect(new ImageKeeper(['pilot:1', 'pilot:1'], null).views()).toHaveLength(1);
  });
});

describe('a memory of images', () => {
  const single = { reference: 'pilot:1', pulledAtMs: 3, brought: [as('sha256:a')], superseded: [] };

  it('of an earlier version is that of one among several', () => {
    const read = believedImages(undefined, { ...single, refusal: 'no way' });
    expect(read).toEqual({
      images: [{ reference: 'pilot:1', pulledAtMs: 3, refusal: 'no way' }],
      brought: [as('sha256:a')],
      superseded: [],
    });
    expect(new ImageKeeper(['pilot:2', 'pilot:1'], read).views()).toMatchObject([
      { reference: 'pilot:2', pulledAtMs: null, error: '' },
      { reference: 'pilot:1', pulledAtMs: 3, error: 'no way' },
    ]);
    expect(believedImages(undefined, single)?.images).toEqual([
      { reference: 'pilot:1', pulledAtMs: 3, refusal: '' },
    ]);
  });

  it.each([
    [undefined, undefined],
    [null, 'x'],
    [{ images: [{ reference: 1 }], brought: [], superseded: [] }, { reference: 'x' }],
    [{ images: 'x', brought: [], superseded: [] }, null],
  ])('of another shape is none: %j, %j', (images, image) => {
    expect(believedImages(images, image)).toBeNull();
  });
});
