import { afterEach, describe, expect, it } from 'vitest';
import { begin, configure, ended, engine, inspect, plancton, small, useRig } from './rig.ts';

const patienceMs = 150_000;
const recipe = `docker_cmd: [/bin/sh, -c, "trap '' TERM; while :; do sleep 0.1; done"]\nmax_docks: 2\n`;

useRig();
afterEach(() => void process.kill(engine.pid(), 'SIGCONT'));

/** Keeps this much memory for the owner; a change of it is taken up while the daemon runs. */
const keep = (memory: string): void =>
  configure(
    plancton,
    `unix://${engine.socket}`,
    `${small}${recipe}owner_slowdown: 100%\nreserve: {memory: ${memory}, disk: 0}\n`,
  );

/** Two pilots that ignore their notice; gives their first processes. */
async function twoPilots(): Promise<readonly number[]> {
  keep('0');
  await begin(plancton);
  const pilots = await plancton.running(2, patienceMs);
  return Promise.all(pilots.map(async ({ Id }) => (await inspect(engine.socket, Id)).State.Pid));
}

describe('memory is short while the engine hangs', () => {
  it('pilots are given notice and ended without it', async () => {
    const pids = await twoPilots();
    process.kill(engine.pid(), 'SIGSTOP');
    keep('99%');
    for (const pid of pids) await ended(pid);
    await plancton.logged(/giving notice to plancton-worker-\w+ \(evicted\): .* of memory available/);
    process.kill(engine.pid(), 'SIGCONT');
    await plancton.logged(/(plancton-worker-\w+ evicted after [^]*){2}/, patienceMs);
    expect((await plancton.status()).state).toBe('active');
  }, 400_000);

  it('a daemon that never had its word ends those below its own parent, and goes on when it answers', async () => {
    const pids = await twoPilots();
    const daemon = plancton.pid() ?? 0;
    process.kill(daemon, 'SIGKILL');
    await ended(daemon);
    process.kill(engine.pid(), 'SIGSTOP');
    keep('99%');
    await begin(plancton);
    for (const pid of pids) await ended(pid);
    const log = await plancton.logged(/(container [0-9a-f]{64} has ended[^]*){2}/, patienceMs);
    expect(log).toMatch(
      /no engine has told its containers yet, and memory is short: giving notice to container/,
    );
    process.kill(engine.pid(), 'SIGCONT');
    await plancton.logged(/(plancton-worker-\w+ evicted after [^]*){2}/, patienceMs);
    expect(plancton.log().match(/giving notice to container/g)).toHaveLength(2);
    expect(plancton.log()).not.toMatch(/failed after/);
  }, 400_000);
});
