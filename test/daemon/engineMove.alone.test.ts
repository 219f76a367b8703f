import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { ownersProgram, play } from '../support/ownersProgram.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, type RigEngine, small, startEngine, useRig } from './rig.ts';

const patienceMs = 60_000;
const yaml = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nyield_to_programs: ${ownersProgram}\nreserve: {memory: 0, disk: 0}\n`;

useRig();
let other: RigEngine;
let game: ChildProcess | null = null;
beforeAll(async () => {
  other = await startEngine();
});
afterAll(() => other.stop());
afterEach(() => {
  game?.kill('SIGKILL');
});

interface Found {
  readonly Id: string;
  readonly State: string;
}

/** Waits until an engine has just these many containers, all in this state; gives their ids. */
async function all(socket: string, count: number, state: string): Promise<string[]> {
  const found = await until(
    `${count} containers ${state} at ${socket}`,
    async () => {
      const listed = (await engineApi(socket, '/containers/json?all=1')) as Found[];
      return listed.length === count && listed.every(({ State }) => State === state) ? listed : null;
    },
    patienceMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
  });
  return found.map(({ Id }) => Id).toSorted();
}

it('pilots of an engine that is left for another one are thawed first, and are ours again with it', async () => {
  configure(plancton, `unix://${engine.socket}`, yaml);
  await begin(plancton);
  const first = await all(engine.socket, 2, 'running');
  game = play(plancton.folder);
  expect(await all(engine.socket, 2, 'paused')).toEqual(first);

  configure(plancton, `unix://${other.socket}`, yaml);
  expect(await all(engine.socket, 2, 'running')).toEqual(first);
  await plancton.logged(
    /(thawed plancton-worker-\w+: another engine is used from now on[^]*){2}/,
    patienceMs,
  );
  await plancton.logged(`2 pilots of ours run on at unix://${engine.socket}`, patienceMs);
  await plancton.logged(`answers at unix://${other.socket}`, patienceMs);
  game.kill('SIGKILL');
  await all(other.socket, 2, 'running');

  configure(plancton, `unix://${engine.socket}`, yaml);
  await plancton.logged(/found 2 pilots of ours: adopted/, patienceMs);
  expect(await all(engine.socket, 2, 'running')).toEqual(first);
  // Nobody took their going for their end, or anything more from them.
  expect(plancton.log()).not.toMatch(/somebody else removed it|was left before it had given back/);

  // Who is left at the other one goes as the test does: with a clean-up of what is configured.
  expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
  configure(plancton, `unix://${other.socket}`, yaml);
}, 300_000);
