import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../test/support/programs.ts';
import { findTree, makeGroup, removeGroup, setValue } from './groups.ts';
import { busyLoop, type Guest } from './guests.ts';
import { readProcessUse } from './processUse.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

/**
 * The least that keeps guests out of the owner's way: the pilots' busy loops, bare, in a group of the kernel's idle class
 * (`cpu.idle`, Linux 5.15). Throws where the kernel has none.
 */
export function idleGroupGuest(scene: Scene): Guest {
  const folder = makeGroup(findTree('cpu'), 'idle');
  let loops: readonly ChildProcess[] = [];
  const end = async (): Promise<void> => {
    const ended = loops.map(async (loop) => {
      if (loop.exitCode !== null || loop.signalCode !== null) return;
      const exit = once(loop, 'exit');
      loop.kill('SIGKILL');
      await exit;
    });
    loops = [];
    await Promise.all(ended);
  };
  scene.defer(async () => {
    await end();
    const patience = AbortSignal.timeout(10_000);
    await waitFor('the idle group to be empty', () => removeGroup(folder), 10_000, patience);
  });
  setValue(folder, 'cpu.idle', '1');
  const cpuMs = (): number => loops.reduce((sum, { pid = 0 }) => sum + readProcessUse(pid).cpuMs, 0);
  return {
    name: 'a bare idle-class group',
    async arrive() {
      scene.signal.throwIfAborted();
      loops = Array.from({ length: availableParallelism() }, () => busyIn(folder));
      await waitFor('the bare loops to be at work', () => cpuMs() > 300, 60_000, scene.signal);
    },
    cpuMs,
    leave: end,
  };
}

/** Starts the busy loop of the pilots' own program, in a group from its first instruction; it dies with the bench. */
function busyIn(folder: string): ChildProcess {
  const setpriv = requireProgram('setpriv', 'util-linux');
  const [, ...words] = busyLoop;
  const loop = [setpriv, '--pdeathsig', 'KILL', requireProgram('busybox', 'busybox-static'), 'sh', ...words];
  const enter = 'echo $$ >"$0" && exec "$@"';
  return spawn('/bin/sh', ['-c', enter, join(folder, 'cgroup.procs'), ...loop], { stdio: 'ignore' });
}
