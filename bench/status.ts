import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startDaemon, waitForPilots } from './daemon.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const rounds = 20;

/** The whole process of `planctonctl status` while two pilots run, in turn with a Node that does nothing. */
export async function measureStatus(scene: Scene): Promise<readonly Row[]> {
  const keys = { docker_cmd: '/bin/sleep 100000', max_docks: 2, cpus_per_dock: 0.5, max_dock_mem: '64MiB' };
  const daemon = await startDaemon(scene, keys);
  await waitForPilots(scene, daemon, 2);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await secondsOf(scene, scene.planctonctl, [...daemon.places, 'status']));
    theirs.push(await secondsOf(scene, process.execPath, ['-e', '0']));
  }
  await daemon.stop();
  scene.say(`status: ${median(ours).toFixed(3)} s, node -e 0: ${median(theirs).toFixed(3)} s`);
  return [
    {
      what: 'planctonctl status, whole process',
      bar: { atMost: 0.15 },
      unit: ' s',
      decimals: 3,
      samples: ours,
      unmeasured: null,
      beside: `node -e 0, in turn: ${median(theirs).toFixed(3)} s (${Math.min(...theirs).toFixed(3)}–${Math.max(...theirs).toFixed(3)})`,
      original: '0.20 s',
    },
  ];
}

/** Wall time from spawning a program to its end; rejects when it fails: a fast refusal is no answer. */
async function secondsOf(scene: Scene, program: string, args: readonly string[]): Promise<number> {
  scene.signal.throwIfAborted();
  const beginMs = performance.now();
  const child = spawn(program, args, { env: scene.env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  const tookMs = performance.now() - beginMs;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return tookMs / 1000;
}
