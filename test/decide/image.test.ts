import { describe, expect, it } from 'vitest';
import type { ImageView } from '../../src/model/view.ts';
import { pullRetryMs } from '../../src/decide/image.ts';
import { decideOn, engineWith, image, running, seenAt, slotsOf, starts } from './world.ts';

const at = 100_000_000;
const hour = 3_600_000;

function decisionWith(
  changes: Partial<ImageView>,
  more: {
    pulling?: number;
    pilots?: string[];
    imageExpirationMs?: number | undefined;
    limit?: number;
    drain?: boolean;
  } = {},
) {
  const pilots = (more.pilots ?? []).map((name) => running(name, at, { imageId: name }));
  const action = { do: 'pull', reference: 'busybox', why: '' } as const;
  const inFlight = more.pulling === undefined ? [] : [{ action, sinceMs: at - more.pulling }];
  const engine = engineWith(pilots, { images: [{ ...image, pulledAtMs: at - hour, ...changes }] });
  const control = { drain: more.drain ?? false, stop: false, forceStop: false, renew: [] };
  const decision = decideOn(seenAt(at, 0, { engine, inFlight, control }), slotsOf(...(more.pilots ?? [])), {
    limit: more.limit ?? 3,
    ...(more.imageExpirationMs === undefined ? {} : { imageExpirationMs: more.imageExpirationMs }),
  });
  return { started: starts(decision).length > 0, did: decision.actions.map((one) => one.do), decision };
}

describe('the image', () => {
  it('is pulled when it is not there, and nothing starts until it is', () => {
    const { started, did } = decisionWith({ id: null, pulledAtMs: null });
    expect(started).toBe(false);
    expect(did).toEqual(['pull']);
  });

  it.each([{ limit: 0 }, { drain: true }])('is not pulled when no pilot may start: %j', (more) => {
    for (const changes of [{ id: null }, {}, { id: null, failedPulls: 3, lastFailureAtMs: 0 }])
      expect(decisionWith({ pulledAtMs: null, ...changes }, more).did).toEqual([]);
    expect(decisionWith({ pulledAtMs: 0 }, { ...more, imageExpirationMs: 1000 }).did).toEqual([]);
  });

  it('that is not pulled stands in nobody’s way where the limit is 0', () => {
    const { decision } = decisionWith({ id: null, pulledAtMs: null }, { limit: 0 });
    expect(decision.refusals.map(({ rule }) => rule)).toEqual(['limit']);
  });

  it('is pulled first when it is there but was never pulled, with bounded patience', () => {
    expect(decisionWith({ pulledAtMs: null })).toMatchObject({ started: false, did: ['pull'] });
    expect(decisionWith({ pulledAtMs: null }, { pulling: 2_900 }).started).toBe(false);
    expect(decisionWith({ pulledAtMs: null }, { pulling: 3_000 }).started).toBe(true);
  });

  it('serves as it is there when the pull failed, and is tried again with growing pauses', () => {
    const failed = { pulledAtMs: null, failedPulls: 2, lastFailureAtMs: at - 19_000, error: 'no route' };
    expect(decisionWith(failed)).toMatchObject({ started: true });
    expect(decisionWith(failed).did).not.toContain('pull');
    expect(decisionWith({ ...failed, lastFailureAtMs: at - 20_000 }).did).toContain('pull');
    const pauses = (longestMs: number) =>
      [1, 2, 3, 7, 50].map((failures) => pullRetryMs(failures, longestMs));
    expect(pauses(hour)).toEqual([10_000, 20_000, 40_000, 640_000, hour]);
    expect(pauses(30_000)).toEqual([10_000, 20_000, 30_000, 30_000, 30_000]);
    expect(pauses(1000)).toEqual([10_000, 10_000, 10_000, 10_000, 10_000]);
  });

  it('that is there is asked for once an hour in the end, or once in image_expiration; that is not, each 10 min', () => {
    const pulls = (changes: Partial<ImageView>, imageExpirationMs?: number) =>
      decisionWith(
        { pulledAtMs: null, failedPulls: 30, error: 'no route', ...changes },
        { imageExpirationMs },
      ).did.includes('pull');
    expect(pulls({ lastFailureAtMs: at - hour + 1 })).toBe(false);
    expect(pulls({ lastFailureAtMs: at - hour })).toBe(true);
    expect(pulls({ lastFailureAtMs: at - 60_000 }, 60_000)).toBe(true);
    expect(pulls({ lastFailureAtMs: at - 59_999 }, 60_000)).toBe(false);
    expect(pulls({ id: null, lastFailureAtMs: at - 599_999 })).toBe(false);
    expect(pulls({ id: null, lastFailureAtMs: at - 600_000 })).toBe(true);
  });

  it('serves at once after a restart when its registry refused before, and is asked for meanwhile', () => {
    const refused = { pulledAtMs: null, failedPulls: 1, lastFailureAtMs: null, error: 'no route' };
    expect(decisionWith(refused)).toMatchObject({ started: true });
    expect(decisionWith(refused).did).toContain('pull');
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
