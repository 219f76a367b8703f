import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';
import type { InfluxRequest, Post } from '../../src/record/influxRequest.ts';
import { createSinks, type Sinks } from '../../src/record/influxSinks.ts';
import { until } from '../support/until.ts';
import { numbered, realClock, rememberingLog, targetAt } from './influxParts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database that may be away, and what it was told; writers of it come and go. */
function database() {
  const stored = new Map<number, string>();
  const state = { isUp: false, wants: null as string | null };
  const post: Post = (target: InfluxTarget, request: InfluxRequest) => {
    if (!state.isUp) return Promise.reject(new Error('connect ECONNREFUSED'));
    if (state.wants !== null && target.password?.reveal() !== state.wants)
      return Promise.resolve({ status: 401, body: '' });
    for (const [, value, stamp] of request.body.matchAll(/value=(\d+) (\d+)/g))
      stored.set(Number(value), stamp ?? '');
    return Promise.resolve({ status: 204, body: '' });
  };
  const { log, told } = rememberingLog();
  const open = (targets: readonly InfluxTarget[] = [targetAt(1)]): Sinks =>
    createSinks(targets, { log, clock: realClock, post, spoolFolder: folder, lingerMs: 1, random: () => 0 });
  return { stored, state, open, told };
}
const upTo = (count: number) => Array.from({ length: count }, (_, value) => value);

it('what could not be sent is sent by who comes after, however the one before ended', async () => {
  const { stored, state, open, told } = database();
  const first = open();
  first.write(upTo(2000).map(numbered));
  await until('it fails', () => first.states()[0]?.state === 'failing');
  // Nobody closes it: it is killed.
  const second = open();
  expect(second.states()).toMatchObject([{ waitingPoints: 2000, droppedPoints: 0 }]);
  expect(second.states()[0]?.spool?.bytes).toBeGreaterThan(10_000);
  second.write([numbered(2000)]);
  await second.close(50);
  expect(told.at(-1)).toMatchObject({
    level: 'info',
    message: expect.stringContaining('kept for the next start') as string,
  });
  expect(second.states()).toMatchObject([{ waitingPoints: 2001, droppedPoints: 0 }]);
  state.isUp = true;
  const third = open();
  await until('all is stored', () => third.states()[0]?.waitingPoints === 0);
  expect([...stored.keys()].toSorted((a, b) => a - b)).toEqual(upTo(2001));
  await third.close(1000);
  expect(open().states()).toMatchObject([{ waitingPoints: 0, spool: { bytes: 0 } }]);
});

it('another password is no other database: what waits for it goes there at once', async () => {
  const { stored, state, open } = database();
  state.isUp = true;
  state.wants = 'right';
  const target = targetAt(1, { username: 'u', password: new Secret('wrong') });
  const sinks = open([target]);
  sinks.write([numbered(1)]);
  await until('it fails', () => sinks.states()[0]?.state === 'failing');
  sinks.useTargets([{ ...target, password: new Secret('right') }], 0);
  await until('it is stored', () => stored.size === 1);
  expect(sinks.states()).toMatchObject([{ droppedPoints: 0 }]);
  await sinks.close(1000);
});

it('a database that is named twice is written to once', async () => {
  const { state, open } = database();
  state.isUp = true;
  const sinks = open([targetAt(1), targetAt(1, { key: 'influxdb' }), targetAt(2)]);
  sinks.write([numbered(1)]);
  expect(sinks.states().map(({ waitingPoints }) => waitingPoints)).toEqual([1, 1]);
  await sinks.close(1000);
});

it('a database that is taken out and comes back has what waited for it', async () => {
  const { stored, state, open } = database();
  const sinks = open();
  sinks.write([numbered(1)]);
  sinks.useTargets([], 1);
  await until('it is closed', () => sinks.states().length === 0);
  state.isUp = true;
  sinks.useTargets([targetAt(1)], 1);
  await until('it is stored', () => stored.size === 1);
  expect(sinks.states()).toMatchObject([{ droppedPoints: 0 }]);
  await sinks.close(1000);
});
