import { setMaxListeners } from 'node:events';
import { expect, it } from 'vitest';
import { Turns } from '../../src/record/turns.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

it('lets so many run at a time, in order, whatever becomes of them', async () => {
  const turns = new Turns(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) => async (): Promise<void> => {
    order.push(index);
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    if (index % 3 === 0) throw new Error('as the test wants it');
  };
  await Promise.allSettled(Array.from({ length: 20 }, (_, index) => turns.take(work(index), 60_000, never)));
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(2);
});

it('gives up waiting for a turn, on request and in time, and goes on for those behind', async () => {
  const turns = new Turns(1);
  let release: () => void = () => undefined;
  const first = turns.take(() => new Promise<void>((resolve) => (release = resolve)), 60_000, never);
  await expect(turns.take(() => Promise.resolve(), 5, never)).rejects.toThrow(
    'it had no turn within 0.005 s',
  );
  const abort = new AbortController();
  const aborted = turns.take(() => Promise.resolve(), 60_000, abort.signal);
  const last = turns.take(() => Promise.resolve('done'), 60_000, never);
  abort.abort();
  await expect(aborted).rejects.toThrow('given up');
  release();
  await first;
  expect(await last).toBe('done');
  let ran = false;
  void turns.take(() => Promise.resolve((ran = true)), 60_000, never);
  await until('the turn after all', () => ran);
});
