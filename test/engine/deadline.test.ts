import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../src/engine/deadline.ts';
import { until } from '../support/until.ts';

const forever = (): Promise<never> => new Promise(() => undefined);
const never = new AbortController().signal;

describe('a call under a deadline', () => {
  it('gives what the call gives, or its own error', async () => {
    expect(await withDeadline('try', 1000, never, () => Promise.resolve(5))).toBe(5);
    const own = new Error('own');
    await expect(withDeadline('try', 1000, never, () => Promise.reject(own))).rejects.toBe(own);
  });

  it('is given up when its time is over, though the call pays no heed', async () => {
    let signal: AbortSignal | null = null;
    const call = withDeadline('start container x', 20, never, (deadline) => {
      signal = deadline.signal;
      return forever();
    });
    await expect(call).rejects.toMatchObject({
      fault: 'timeout',
      message: 'cannot start container x: no answer within 0.02 s',
    });
    expect(signal).toMatchObject({ aborted: true });
  });

  it('is given up when its signal fires, and not begun when it has fired', async () => {
    const controller = new AbortController();
    const call = withDeadline('try', 10_000, controller.signal, forever);
    controller.abort();
    await expect(call).rejects.toMatchObject({
      fault: 'aborted',
      message: 'cannot try: given up on request',
    });
    let begun = 0;
    const late = withDeadline('try', 10_000, controller.signal, () => {
      begun += 1;
      return forever();
    });
    await expect(late).rejects.toMatchObject({ fault: 'aborted' });
    expect(begun).toBe(0);
  });

  it('has its time again at each extension', async () => {
    let extensions = 0;
    const call = withDeadline('try', 1000, never, async (deadline) => {
      const beginning = performance.now();
      // Longer than the deadline in all, told of progress the while.
      await until('it has gone on for long', () => {
        deadline.extend();
        extensions += 1;
        return performance.now() - beginning > 1300;
      });
    });
    await expect(call).resolves.toBeUndefined();
    expect(extensions).toBeGreaterThan(1);
  });
});
