import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ownersProgram, play } from '../support/ownersProgram.ts';
import { startWriters } from '../support/writer.ts';
import { begin, configure, ended, engine, plancton, small, useRig } from './rig.ts';

const patienceMs = 60_000;

useRig();
let game: ChildProcess | null = null;
let endWriters = async (): Promise<void> => undefined;

afterEach(async () => {
  game?.kill('SIGKILL');
  game = null;
  await endWriters();
});

/** Waits until two pilots are in this state, and gives their ids. */
async function two(state: 'running' | 'paused'): Promise<readonly string[]> {
  return until(
    `two pilots ${state}`,
    async () => {
      const found = (await plancton.pilots()).filter((one) => one.State === state);
      return found.length === 2 ? found.map((one) => one.Id).toSorted() : null;
    },
    patienceMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
  });
}

/** Two pilots run beside an owner who lets them; gives their ids. */
async function settle(more = ''): Promise<readonly string[]> {
  const keys = `docker_cmd: /bin/sleep 1000\nmax_docks: 2\nyield_to_programs: ${ownersProgram}\nreserve: {memory: 0, disk: 0}\n`;
  configure(plancton, `unix://${engine.socket}`, `${small}${keys}${more}`);
  await begin(plancton);
  return two('running');
}

describe('a program beside which no pilot runs', () => {
  it('has pilots paused at once, and thawed when it has ended', async () => {
    const before = await settle();
    game = play(plancton.folder);
    expect(await two('paused')).toEqual(before);
    await plancton.logged(/paused plancton-worker-\w+: plancton-game runs \(yield_to_programs\)/, patienceMs);
    expect((await plancton.status()).refusals[0]).toMatchObject({ rule: 'program' });
    game?.kill('SIGKILL');
    expect(await two('running')).toEqual(before);
    await plancton.logged(/thawed plancton-worker-\w+/, patienceMs);
  }, 200_000);

  it('has them evicted when it stays for max_pause', async () => {
    await settle('max_pause: 3\n');
    game = play(plancton.folder);
    await plancton.logged(/(plancton-worker-\w+ evicted after[^]*){2}/, patienceMs);
    await plancton.logged(
      /giving notice to plancton-worker-\w+ \(evicted\): paused for \d+ s \(max_pause 3 s\): plancton-game runs/,
      patienceMs,
    );
    await until('no pilot', async () => (await plancton.pilots()).length === 0, patienceMs);
    expect((await plancton.status()).refusals[0]).toMatchObject({ rule: 'program' });
  }, 200_000);
});

describe('an owner who waits for his disk', () => {
  it('has pilots paused, and thawed when he has ended', async () => {
    const before = await settle();
    endWriters = startWriters(plancton.folder);
    expect(await two('paused')).toEqual(before);
    await plancton.logged(
      /paused plancton-worker-\w+: the owner waits for storage \d+ % of the time \(limit 40 %\)/,
      patienceMs,
    );
    expect((await plancton.status()).refusals[0]).toMatchObject({ rule: 'io' });
    await endWriters();
    expect(await two('running')).toEqual(before);
    await plancton.logged(/thawed plancton-worker-\w+/, patienceMs);
    expect(plancton.log()).not.toMatch(/evicted/);
  }, 200_000);
});

describe('a daemon that ends', () => {
  it('thaws what it paused; killed, it is followed by one that goes on where it was', async () => {
    await settle();
    game = play(plancton.folder);
    const paused = await two('paused');
    const pid = plancton.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    await begin(plancton);
    await plancton.logged(/found 2 pilots of ours: adopted/, patienceMs);
    expect(await two('paused')).toEqual(paused);
    await plancton.ctl('stop');
    expect(await two('running')).toEqual(paused);
  }, 200_000);
});
