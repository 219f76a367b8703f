import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Daemon } from './daemon.ts';
import { type ProcessUse, readProcessUse } from './processUse.ts';
import type { Scene } from './scene.ts';
import { pause } from './waits.ts';

const windowMs = 60_000;

/** What a process took in a window of a minute. */
export interface Window {
  /** Per cent of a core. */
  readonly cpuPercent: number;
  readonly end: ProcessUse;
}

/** A daemon in steady state, and a bare Node beside it, in the same windows. */
export interface Steady {
  readonly ours: readonly Window[];
  readonly theirs: readonly Window[];
}

/** Watches a daemon whose pilots never end, after some time of warming up, over as many windows of a minute. */
export async function watchSteady(
  scene: Scene,
  daemon: Daemon,
  { name, warmUpMs, minutes }: { readonly name: string; readonly warmUpMs: number; readonly minutes: number },
): Promise<Steady> {
  const bare = startBareNode(scene, daemon);
  scene.say(`${name}: warming up for ${warmUpMs / 1000} s, then ${minutes} windows of ${windowMs / 1000} s`);
  await pause(warmUpMs, scene.signal);
  const [ours, theirs]: [Window[], Window[]] = [[], []];
  for (let minute = 0; minute < minutes; minute += 1) {
    const [a, b] = await Promise.all([watch(scene, daemon.pid), watch(scene, bare.pid)]);
    ours.push(a);
    theirs.push(b);
    const taken = `${mb(a.end.residentBytes)} MB resident, ${a.cpuPercent.toFixed(3)} % of a core`;
    scene.say(`${name}, minute ${minute + 1}: ${taken}`);
  }
  bare.end();
  return { ours, theirs };
}

/** Bytes as megabytes, to one decimal. */
export function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** Node with the daemon's own flags and surroundings, that does nothing but wake each second: the floor. */
function startBareNode(scene: Scene, daemon: Daemon): { pid: number; end(): void } {
  const words = readFileSync(`/proc/${daemon.pid}/cmdline`, 'utf8').split('\0');
  const flags = words.slice(
    1,
    words.findIndex((word, index) => index > 0 && !word.startsWith('-')),
  );
  const surroundings = readFileSync(`/proc/${daemon.pid}/environ`, 'utf8').split('\0');
  const env = Object.fromEntries(
    surroundings.filter((pair) => pair !== '').map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
  );
  const child = spawn(words[0] ?? process.execPath, [...flags, '-e', 'setInterval(() => {}, 1000)'], {
    env,
    stdio: 'ignore',
  });
  const end = (): void => void child.kill('SIGKILL');
  scene.defer(end);
  return { pid: child.pid ?? 0, end };
}

async function watch(scene: Scene, pid: number): Promise<Window> {
  const begin = readProcessUse(pid);
  const beginMs = performance.now();
  await pause(windowMs, scene.signal);
  const end = readProcessUse(pid);
  return { cpuPercent: ((end.cpuMs - begin.cpuMs) / (performance.now() - beginMs)) * 100, end };
}
