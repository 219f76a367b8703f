import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
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
/** What the owner takes a second, and what is left to him at the end beside his reserve. */
const paceBytes = 300e6;
const marginBytes = 100e6;

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
    name: 'an owner who takes memory gets it from pilots that do not heed their notice, and is never killed',
    async see() {
      await mustRun('swapoff', '-a');
      const reserveBytes = Math.round(memory().totalBytes * 0.15);
      await configure(`${holders}reserve: {memory: ${reserveBytes}}\n`);
      await areFull();
      const { availableBytes } = memory();
      const wanted = availableBytes + 2 * heldBytes - reserveBytes - marginBytes;
      const beganMs = performance.now();
      const work = await startWork(
        'owner-memory',
        process.execPath,
        process.argv[1] ?? '',
        `${wanted}`,
        `${paceBytes}`,
      );
      let shortMs: number | null = null;
      let leastBytes = availableBytes;
      await until('the owner has what he wants, and his reserve', () => {
        const now = memory().availableBytes;
        leastBytes = Math.min(leastBytes, now);
        if (now < reserveBytes) shortMs ??= performance.now();
        return Number(read(`${work.group}/memory.current`)) >= wanted && now >= reserveBytes;
      });
      const endedMs = performance.now();
      assert.ok(await work.isActive());
      assert.match(read(`${work.group}/memory.events`), /^oom_kill 0$/m);
      // A pilot that was killed through its cgroup has freed its memory before the engine knows of it.
      await until('the pilots are gone', async () =>
        (await pilots()).every(({ State }) => State !== 'running'),
      );
      assert.match(log(), /giving notice to .* \(evicted\): .* of memory available, the owner's reserve is/);
      await work.end();
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
      const short =
        shortMs === null ? 'it never was less' : `it was less for ${seconds(endedMs - shortMs)} (grace 2 s)`;
      return `${megabytes(wanted)} in ${seconds(endedMs - beganMs)}; reserve ${megabytes(reserveBytes)}, ${short}, at least ${megabytes(leastBytes)}`;
    },
  },
];
