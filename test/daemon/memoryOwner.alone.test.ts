import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { type Hoarder, startHoarder } from '../support/hoarder.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, small, useRig } from './rig.ts';

const patienceMs = 100_000;

/** Bytes of the node's memory that new work can have (proc_meminfo(5)). */
function availableBytes(): number {
  return 1024 * Number(/^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
}

/** What the daemon has it that each of its pilots holds. */
async function held(): Promise<number[]> {
  const { stdout } = await plancton.ctl('ps', '--json');
  const { pilots } = JSON.parse(stdout) as { pilots: { memoryBytes: number | null }[] };
  return pilots.map((one) => one.memoryBytes ?? 0);
}

useRig();
let owner: Hoarder | null = null;
afterEach(async () => {
  await owner?.end();
  owner = null;
});

it('an owner who really takes memory has his reserve again when pilots have gone, and loses nothing himself', async () => {
  // All of it together is a small part of what is there, on a small machine too: nobody comes near to running out.
  const pieceBytes = Math.min(300e6, Math.round(availableBytes() / 16));
  const hold = `trap '' TERM; dd if=/dev/zero bs=${pieceBytes} count=1 | sleep 1000`;
  const recipe = small
    .replace('cpus_per_dock: 0.1', 'cpus_per_dock: 0.04')
    .replace('max_dock_mem: 20MB', `max_dock_mem: ${Math.round(1.3 * pieceBytes)}`);
  const keep = (reserveBytes: number): void =>
    configure(
      plancton,
      `unix://${engine.socket}`,
      `${recipe}docker_cmd: ["/bin/sh", "-c", "${hold}"]\nmax_docks: 2\ngrace_spawn: 600\nowner_slowdown: 100%\nreserve: {memory: ${reserveBytes}, disk: 0}\n`,
    );
  keep(0);
  await begin(plancton);
  await plancton.running(2, patienceMs);
  const areFull = async (): Promise<boolean> =>
    (await held()).filter((bytes) => bytes >= pieceBytes).length === 2;
  await until('both pilots hold their memory', areFull, patienceMs);

  // Other programs may come and go by a piece of memory: neither does that begin what follows, nor undo it.
  const reserveBytes = Math.round(availableBytes() - pieceBytes);
  keep(reserveBytes);
  await plancton.logged(/(is in force[^]*){2}/, patienceMs);
  expect(plancton.log()).not.toMatch(/giving notice/);
  owner = startHoarder(Math.round(1.5 * pieceBytes));
  await until('the owner has what he wants', () => owner?.hasAll() === true, patienceMs);
  const log = await plancton.logged(/plancton-worker-\w+ evicted after .*, exit code 137/, patienceMs);
  expect(log).toMatch(
    /giving notice to plancton-worker-\w+ \(evicted\): [\d.]+ .B of memory available, the owner's reserve is/,
  );
  // What has just been freed lies with single CPUs for some seconds, and MemAvailable lacks it.
  await until('the reserve', () => availableBytes() >= reserveBytes, patienceMs);
  expect([owner.isThere(), owner.hasAll()]).toEqual([true, true]);
}, 400_000);
