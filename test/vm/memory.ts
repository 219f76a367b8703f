import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Check } from './checks.ts';
import { configure, groupsOf, log, mustRun, pilots, read, replaced, running, until } from './guest.ts';
import { megabytes, memory, type OwnersWork, startWork } from './owner.ts';

const heldBytes = 300e6;
/** Each holds its memory in the buffer of `dd`, which nobody takes it off, and does not heed its notice. */
const holders = `docker_cmd: ["/bin/sh", "-c", "trap '' TERM; dd if=/dev/zero bs=${heldBytes} count=1 | sleep 100000"]
max_docks: 2
cpus_per_dock: 0.2
max_dock_mem: 400MB
max_dock_swap: 400MB
main_sleep: 5
grace_kill: 1h
grace_spawn: 1
stop_grace: 2
owner_slowdown: 100%
`;
const programName = 'owner-program';
/**
 * What the owner takes, in so many programs at once: more than what is left to him beside his reserve within a second,
 * even where each page is made by emulation, and less than what the pilots hold beside that.
 */
const wantedBytes = 480e6;
const hoarders = 4;
const marginBytes = 50e6;
const hoard = `${`dd if=/dev/zero bs=${wantedBytes / hoarders} count=1 | sleep 100000 & `.repeat(hoarders)} wait`;

/** What one check leaves to the next. */
let program: OwnersWork | null = null;
let groups: readonly string[] = [];

async function areFull(): Promise<void> {
  const isFull = (group: string): boolean => Number(read(`${group}/memory.current`)) > heldBytes;
  await until('the pilots hold their memory', () => groups.every(isFull));
}

/** A disk in memory that takes the kernel's swap: the zeros of the pilots need no room there. */
async function swapOn(): Promise<void> {
  await mustRun('modprobe', 'zram');
  writeFileSync('/sys/block/zram0/disksize', '1G');
  await mustRun('mkswap', '/dev/zram0');
  await mustRun('swapon', '/dev/zram0');
}

/** What is left to the owner of the node's memory. */
export const memoryChecks: readonly Check[] = [
  {
    name: 'a program that the owner wants to be alone with pauses the pilots',
    async see() {
      await swapOn();
      await configure(`${holders}yield_to_programs: ${programName}\nreserve: {memory: 1%}\n`);
      groups = await groupsOf(await replaced(2));
      await areFull();
      copyFileSync('/bin/sleep', `/usr/local/bin/${programName}`);
      program = await startWork(programName, programName, '100000');
      const areFrozen = (): boolean =>
        groups.every((group) => read(`${group}/cgroup.events`).includes('frozen 1'));
      await until('the pilots are frozen', areFrozen);
      await until(
        'the engine says so',
        async () => (await pilots()).filter(({ State }) => State === 'paused').length === 2,
      );
      return `2 pilots that hold ${megabytes(2 * heldBytes)}`;
    },
  },
  {
    name: 'memory of a paused pilot goes to swap when memory is tight',
    async see() {
      const { availableBytes } = memory();
      // Tight is less than one and a half reserves, short is less than one.
      await configure(
        `${holders}yield_to_programs: ${programName}\nreserve: {memory: ${Math.round(availableBytes / 1.25)}}\n`,
      );
      const swapped = (): number =>
        groups.reduce((sum, group) => sum + Number(read(`${group}/memory.swap.current`)), 0);
      const bytes = await until('swap of a pilot', () => (swapped() > 50e6 ? swapped() : null));
      return `${megabytes(bytes)} in swap with ${megabytes(availableBytes)} available`;
    },
  },
  {
    name: 'pilots are thawed when the program has ended',
    async see() {
      await configure(`${holders}yield_to_programs: ${programName}\nreserve: {memory: 1%}\n`);
      await program?.end();
      const goOn = await groupsOf(await running(2));
      assert.deepEqual(goOn.toSorted(), groups.toSorted());
      for (const group of groups) assert.match(read(`${group}/cgroup.events`), /frozen 0/);
      return 'the same 2 pilots go on';
    },
  },
  {
    name: 'an owner who takes memory at once has his reserve again when pilots have gone, and nobody else is killed',
    async see() {
      await mustRun('swapoff', '-a');
      await areFull();
      const before = memory().availableBytes;
      const reserveBytes = before - marginBytes;
      await configure(`${holders}reserve: {memory: ${reserveBytes}}\n`);
      await running(2);
      const killsBefore = killsOfTheKernel();
      const beganMs = performance.now();
      const work = await startWork('owner-memory', '/bin/sh', '-c', hoard);
      let leastBytes = before;
      const isWell = (): boolean => {
        const now = memory().availableBytes;
        leastBytes = Math.min(leastBytes, now);
        return Number(read(`${work.group}/memory.current`)) >= wantedBytes && now >= reserveBytes;
      };
      await until('the owner has what he wants, and his reserve', isWell, undefined, 50);
      const tookMs = performance.now() - beganMs;
      const facts = `${megabytes(wantedBytes)} in ${hoarders} programs; reserve ${megabytes(reserveBytes)}, at least ${megabytes(leastBytes)} available, ${megabytes(memory().availableBytes)} after ${(tookMs / 1000).toFixed(1)} s`;
      assert.ok(leastBytes < reserveBytes, `his reserve was never touched: ${facts}`);
      // A pilot that was killed through its cgroup has freed its memory before the engine knows of it.
      await until('an evicted pilot', () => /plancton-worker-\w+ evicted after .*exit code 137/.test(log()));
      assert.match(log(), /giving notice to .* \(evicted\): .* of memory available, the owner's reserve is/);
      assert.ok(await work.isActive());
      assert.equal(killsOfTheKernel(), killsBefore, 'the kernel had to kill somebody');
      assert.ok(Number(read(`${work.group}/memory.current`)) >= wantedBytes);
      await work.end();
      return facts;
    },
  },
];

/** How many processes the kernel has killed for want of memory since it was booted, whosever they were. */
function killsOfTheKernel(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1]);
}
