import { describe, expect, it } from 'vitest';
import { ImageKeeper, type ImageMemory, ofAnotherBoot } from '../../src/daemon/imageKeeper.ts';
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

/** A keeper whose engine has no such image yet. */
function keeper(): ImageKeeper {
  const made = new ImageKeeper('pilot:1', null);
  made.noteFound('pilot:1', null);
  return made;
}

describe('an image', () => {
  it('is unchecked until the engine has said whether it is there', () => {
    const images = new ImageKeeper('pilot:1', null);
    expect(images.view()).toMatchObject({ checked: false, id: null, pulledAtMs: null });
    images.noteFound('other:1', 'sha256:x');
    expect(images.view().checked).toBe(false);
    images.noteFound('pilot:1', 'sha256:a');
    expect(images.view()).toMatchObject({ checked: true, id: 'sha256:a' });
    images.doubt();
    expect(images.view()).toMatchObject({ checked: false, id: 'sha256:a' });
  });

  it('counts fruitless pulls until one is good', () => {
    const images = keeper();
    images.noteResult(failed('no way'), 10);
    images.noteResult(failed('no way again'), 20);
    expect(images.view()).toMatchObject({ failedPulls: 2, lastFailureAtMs: 20, error: 'no way again' });
    images.noteResult(pulled('sha256:a'), 30);
    expect(images.view()).toMatchObject({ failedPulls: 0, lastFailureAtMs: null, error: '', pulledAtMs: 30 });
  });

  it('that its registry refused is known for that by the next daemon, which asks at once', () => {
    const images = keeper();
    images.noteResult(failed('no way'), 10);
    images.noteResult(failed('no way'), 20);
    const { refusal } = images.memory();
    expect(refusal).toBe('no way');
    for (const memory of [images.memory(), ofAnotherBoot(images.memory())])
      expect(new ImageKeeper('pilot:1', memory).view()).toMatchObject({
        failedPulls: 1,
        lastFailureAtMs: null,
        error: 'no way',
      });
    expect(new ImageKeeper('pilot:2', images.memory()).view()).toMatchObject({ failedPulls: 0, error: '' });
    images.noteResult(pulled('sha256:a'), 30);
    expect(images.memory().refusal).toBe('');
    images.noteResult(failed('no way'), 40);
    images.want('pilot:2');
    expect(images.memory().refusal).toBe('');
  });

  it.each(['aborted', 'unreachable'] as const)('is not known for an engine that was %s', (fault) => {
    const images = keeper();
    images.noteResult({ ...failed('gone'), fault }, 10);
    expect(images.view()).toMatchObject({ failedPulls: 1, error: 'gone' });
    expect(new ImageKeeper('pilot:1', images.memory()).view()).toMatchObject({ failedPulls: 0, error: '' });
  });

  it('is doubted when a start finds none', () => {
    const images = keeper();
    const start: Action = { do: 'start', name: 'x', why: '' };
    images.noteResult(result(start, null, { ok: false, fault: 'failed' }), 1);
    expect(images.view().checked).toBe(true);
    images.noteResult(result(start, null, { ok: false, fault: 'not-found' }), 1);
    expect(images.view().checked).toBe(false);
  });

  it('ignores the end of a pull of another name', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:b', 'other:1'), 5);
    expect(images.view()).toMatchObject({ id: null, pulledAtMs: null });
  });
});

describe('superseded images', () => {
  it('are those that we brought, and no others', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    expect(images.view()).toMatchObject({ id: 'sha256:b', superseded: [old('sha256:a')] });
    const found = new ImageKeeper('pilot:1', null);
    found.noteFound('pilot:1', 'sha256:owners');
    found.noteResult(pulled('sha256:b'), 2);
    expect(found.view().superseded).toEqual([]);
  });

  it('an unchanged image supersedes nothing, nor becomes ours', () => {
    const images = new ImageKeeper('pilot:1', null);
    images.noteFound('pilot:1', 'sha256:owners');
    images.noteResult(pulled('sha256:owners'), 1);
    expect(images.memory().brought).toEqual([]);
    images.noteResult(pulled('sha256:b'), 2);
    expect(images.view().superseded).toEqual([]);
  });

  it('that come back are no longer superseded', () => {
    const images = keeper();
    images.noteResult(pulled('sha256:a'), 1);
    images.noteResult(pulled('sha256:b'), 2);
    images.noteResult(pulled('sha256:a'), 3);
    expect(images.view().superseded).toEqual([old('sha256:b')]);
    images.noteFound('pilot:1', 'sha256:b');
    expect(images.view().superseded).toEqual([]);
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
      const [kept] = images.view().superseded;
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
    expect(images.view().superseded).toEqual([old('sha256:a', 1, 601_000)]);
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
    images.want('pilot:1');
    expect(images.view().id).toBe('sha256:a');
    images.want('pilot:2');
    expect(images.view()).toMatchObject({
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
    expect(new ImageKeeper('pilot:1', memory).view()).toMatchObject({
      pulledAtMs: 2,
      superseded: [old('sha256:a')],
    });
    const other = new ImageKeeper('pilot:2', memory);
    expect(other.view()).toMatchObject({ pulledAtMs: null, superseded: [old('sha256:a')] });
    images.noteResult(removed('sha256:a', false), 5);
    expect(new ImageKeeper('pilot:1', images.memory()).view().superseded).toEqual([
      old('sha256:a', 1, 600_005),
    ]);
    // The clock begins anew with each boot, the count of tries does not.
    expect(ofAnotherBoot(images.memory())).toMatchObject({
      pulledAtMs: null,
      superseded: [old('sha256:a', 1, 0)],
    });
  });

  it('of a memory without an account of tries are tried at once', () => {
    const memory = { reference: 'pilot:1', pulledAtMs: null, brought: [as('sha256:a')] };
    const written = JSON.stringify({ ...memory, superseded: [as('sha256:a')] });
    const images = new ImageKeeper('pilot:1', JSON.parse(written) as ImageMemory);
    expect(images.view().superseded).toEqual([old('sha256:a')]);
  });

  it('and the image of now are ours, what was never pilots’ image is not', () => {
    const images = new ImageKeeper('pilot:1', null);
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
