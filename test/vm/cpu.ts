import assert from 'node:assert/strict';
import type { Check } from './checks.ts';
import { configure, groupsOf, log, read, replaced, running, statusWith, until } from './guest.ts';
import { isIdle } from './kernel.ts';
import { cpusOf, startLoops } from './owner.ts';

const busyPilots = `docker_cmd: ["/bin/sh", "-c", "while :; do :; done"]
max_docks: 2
cpus_per_dock: 1
max_dock_mem: 50MB
main_sleep: 5
grace_kill: 1h
`;
const measuredMs = 5000;
/** The owner gets at least this share of what he and the pilots want; among equals it would be a half. */
const leastKept = 0.9;

function quotas(groups: readonly string[]): string[] {
  return groups.map((group) => read(`${group}/cpu.max`));
}

/** The owner and the CPUs. */
export const cpu: readonly Check[] = [
  {
    name: 'the owner keeps his CPUs while pilots want all of them',
    async see() {
      const alone = await startLoops('owner-alone');
      const [had = 0] = await cpusOf([alone.group], measuredMs);
      await alone.end();
      await configure(`${busyPilots}owner_slowdown: 100%\n`);
      const pilots = await groupsOf(await replaced(2));
      const slice = '/sys/fs/cgroup/plancton.slice';
      await isIdle();
      // The engine is still at work on those that were replaced, and has the CPUs before they do.
      const filled = await until('pilots to use more than one of two CPUs', async () => {
        const [used = 0] = await cpusOf([slice], 3000);
        return used > 1 && used;
      });
      const work = await startLoops('owner-beside');
      const [keeps = 0, left = 0] = await cpusOf([work.group, slice], measuredMs);
      await work.end();
      assert.equal(
        pilots.filter((group) => read(`${group}/cgroup.events`).includes('populated 1')).length,
        2,
      );
      const facts = `alone ${had.toFixed(2)} CPUs, beside 2 pilots ${keeps.toFixed(2)} (${(keeps / had).toFixed(3)}); the pilots had ${filled.toFixed(2)}, then ${left.toFixed(2)}`;
      assert.ok(keeps / (keeps + left) > leastKept, facts);
      return facts;
    },
  },
  {
    name: "contention that the owner's slices tell of takes CPU from pilots, and what was taken is given back",
    async see() {
      // As equals the pilots disturb him; in the pressure of the whole node that is not to be told from their own.
      await configure(`${busyPilots}cpu_class: normal\nowner_slowdown: 1%\n`);
      await statusWith('an equal weight', ({ parent }) => parent.cpuClass.had === 'normal');
      const pilots = await groupsOf(await running(2));
      const before = quotas(pilots);
      const work = await startLoops('owner-crowded');
      const { during, why } = await whileItRuns(work, async () => {
        await until('a pilot with less CPU', () =>
          quotas(pilots).some((quota, index) => quota !== before[index]),
        );
        const cut = quotas(pilots);
        // A full node is told first, and once they are cut, what his slices say.
        const [, said = ''] = await until('the reason', () =>
          /(?:may use .* now|paused \S+): (the owner waits for CPUs.*)/.exec(log()),
        );
        return { during: cut, why: said };
      });
      await configure(`${busyPilots}owner_slowdown: 100%\n`);
      await until('all CPU given back', () =>
        quotas(pilots).every((quota, index) => quota === before[index]),
      );
      await isIdle();
      return `cpu.max ${before.join(', ')} became ${during.join(', ')}: ${why}`;
    },
  },
];

/** Whatever comes of it, the owner's work ends: what follows wants a quiet node. */
async function whileItRuns<T>(work: { end(): Promise<void> }, see: () => Promise<T>): Promise<T> {
  try {
    return await see();
  } finally {
    await work.end();
  }
}
