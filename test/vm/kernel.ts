import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Check } from './checks.ts';
import { groupOf, inspect, mustRun, read, running, statusWith, until } from './guest.ts';

const slice = '/sys/fs/cgroup/plancton.slice';

/** A start lifts the class for a moment. */
export async function isIdle(): Promise<void> {
  await until('plancton.slice is in the idle class', () => read(`${slice}/cpu.idle`) === '1');
}

/** What the kernel does for the owner with no daemon in the path. */
export const kernel: readonly Check[] = [
  {
    name: 'plancton.slice is in the idle class, has the smallest I/O weight, and status tells so',
    async see() {
      const { parent } = await statusWith(
        'the class of the parent',
        (status) => status.parent.cpuClass.had === 'idle',
      );
      await isIdle();
      assert.equal(
        await mustRun('systemctl', 'show', '--value', '-p', 'CPUWeight', 'plancton.slice'),
        'idle\n',
      );
      const weights = ['io.bfq.weight', 'io.weight'].filter((file) => existsSync(`${slice}/${file}`));
      assert.notDeepEqual(weights, []);
      for (const file of weights) assert.equal(read(`${slice}/${file}`).split('\n')[0], 'default 1', file);
      assert.equal(parent.ioWeight.had, true, parent.ioWeight.detail);
      assert.equal(parent.fallback, '');
      assert.deepEqual(parent.can, { shrink: true, pause: true, reclaim: true, kill: true });
      return `${parent.cpuClass.detail}; ${parent.ioWeight.detail}`;
    },
  },
  {
    name: 'pilots are the first to go when memory runs out, and cannot fill the table of processes',
    async see() {
      const pilots = await running(2);
      for (const { Id } of pilots) {
        const { Pid } = (await inspect(Id)).State;
        assert.equal(read(`/proc/${Pid}/oom_score_adj`), '1000');
        assert.equal(read(`${groupOf(Pid)}/pids.max`), '4096');
      }
      return 'oom_score_adj 1000, pids.max 4096';
    },
  },
];
