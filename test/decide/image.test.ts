import { describe, expect, it } from 'vitest';
import type { ImageView } from '../../src/model/view.ts';
import { pullRetryMs } from '../../src/decide/image.ts';
import { decideOn, engineWith, image, running, seenAt, slotsOf, starts } from './world.ts';

const at = 100_000_000;
const hour = 3_600_000;

function decisionWith(changes: Partial<ImageView>, more: { pulling?: number; pilots?: string[] } = {}) {
  const pilots = (more.pilots ?? []).map((name) => running(name, at, { imageId: name }));
  const action = { do: 'pull', reference: 'busybox', why: '' } as const;
  const inFlight = more.pulling === undefined ? [] : [{ action, sinceMs: at - more.pulling }];
  const engine = engineWith(pilots, { image: { ...image, pulledAtMs: at - hour, ...changes } });
  const decision = decideOn(seenAt(at, 0, { engine, inFlight }), slotsOf(...(more.pilots ?? [])), {
    limit: 3,
  });
  return { started: starts(decision).length > 0, did: decision.actions.map((one) => one.do), decision };
}

describe('the image', () => {
  it('is pulled when it is not there, and nothing starts until it is', () => {
    const { started, did } = decisionWith({ id: null, pulledAtMs: null });
    expect(started).toBe(false);
    expect(did).toEqual(['pull']);
  });

  it('is pulled first when it is there but was never pulled, with bounded patience', () => {
    expect(decisionWith({ pulledAtMs: null })).toMatchObject({ started: false, did: ['pull'] });
    expect(decisionWith({ pulledAtMs: null }, { pulling: 9_000 }).started).toBe(false);
    expect(decisionWith({ pulledAtMs: null }, { pulling: 10_001 }).started).toBe(true);
  });

  it('serves as it is there when the pull failed, and is tried again with growing pauses', () => {
    const failed = { pulledAtMs: null, failedPulls: 2, lastFailureAtMs: at - 19_000, error: 'no route' };
    expect(decisionWith(failed)).toMatchObject({ started: true });
    expect(decisionWith(failed).did).not.toContain('pull');
    expect(decisionWith({ ...failed, lastFailureAtMs: at - 20_000 }).did).toContain('pull');
    expect([1, 2, 3, 7, 50].map(pullRetryMs)).toEqual([10_000, 20_000, 40_000, 600_000, 600_000]);
  });

  it('is pulled again when it expires, without holding up starts', () => {
    expect(decisionWith({ pulledAtMs: at - 11 * hour }).did).not.toContain('pull');
    const expired = decisionWith({ pulledAtMs: at - 12 * hour });
    expect(expired.did).toContain('pull');
    expect(expired.started).toBe(true);
  });

  it('is not pulled twice at once', () => {
    expect(decisionWith({ id: null, pulledAtMs: null }, { pulling: 1000 }).did).toEqual([]);
  });

  it('that was superseded goes when no pilot uses it any more', () => {
    const superseded = [{ id: 'sha256:old', reference: 'busybox', kept: 0, notBeforeMs: 0 }];
    expect(decisionWith({ superseded }, { pilots: ['sha256:old'] }).did).not.toContain('remove-image');
    expect(decisionWith({ superseded }, { pilots: ['sha256:1'] }).did).toContain('remove-image');
  });

  it('that was superseded and had to be kept is tried again when its time has come', () => {
    const kept = (notBeforeMs: number) => ({
      superseded: [{ id: 'sha256:old', reference: 'busybox', kept: 1, notBeforeMs }],
    });
    expect(decisionWith(kept(at + 1)).did).not.toContain('remove-image');
    expect(decisionWith(kept(at)).did).toContain('remove-image');
  });

  it('says why when it cannot be had', () => {
    const failed = { id: null, pulledAtMs: null, failedPulls: 1, lastFailureAtMs: at, error: 'no such host' };
    expect(decisionWith(failed).decision.refusals[0]).toEqual({
      rule: 'image',
      text: 'image busybox is not there: no such host',
    });
  });
});
