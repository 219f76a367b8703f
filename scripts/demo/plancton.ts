import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askStatus } from '../../src/cli/statusClient.ts';
import { loadIdentity } from '../../src/daemon/identity.ts';
import { instanceLabel } from '../../src/daemon/ownership.ts';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Places } from '../../src/model/places.ts';
import { inCheckout } from './checkout.ts';
import type { DemoEngine } from './engine.ts';
import { lastLines } from './ownEngine.ts';
import { type Background, background, exitCode, run } from './programs.ts';
import { Advice } from './say.ts';
import type { Tidy } from './tidy.ts';

const readyMs = 30_000;
const forceStopMs = 60_000;
const lookMs = 200;

/** The demonstration's daemon, in the foreground of a process of its own. */
export interface DemoDaemon {
  /**
   * Shows what it does until the user has seen enough (0) or the daemon has ended (1). `onFirstPilot` is told when the
   * first pilot ran (`performance.now`): at once, or, where that would be written into a drawing, when that is over.
   */
  watch(signal: AbortSignal, onFirstPilot: (atMs: number) => void): Promise<number>;
  /** The end of what it said. */
  lastWords(): string;
}

/** Short-lived pilots, so that something is to be seen: some seconds of work, then some of waiting. */
function configuration(image: string, { ownUrl }: DemoEngine): string {
  const work = "timeout 5 sh -c 'while :; do :; done'; sleep $((15 + RANDOM % 30))";
  const engine = ownUrl === null ? '' : `engine:\n  url: ${ownUrl}\n`;
  return `# The demonstration of \`make run\`; see docs/configuration.md for every key.
docker_image: ${image}
docker_cmd: [sh, -c, "${work}"]
# Small, so that one finds room on a machine that is at work too.
cpus_per_dock: 0.2
max_dock_mem: 64000000
max_ttl: 300
main_sleep: 10
${engine}`;
}

/** Starts the daemon with every folder below `base` and waits until it answers. */
export async function startPlancton(
  base: string,
  image: string,
  engine: DemoEngine,
  tidy: Tidy,
  signal: AbortSignal,
): Promise<DemoDaemon> {
  const folders = Object.fromEntries(['conf', 'log', 'run', 'state'].map((name) => [name, join(base, name)]));
  const { conf = '', log = '', run: runFolder = '', state = '' } = folders;
  for (const folder of Object.values(folders)) mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(conf, 'config.yaml'), configuration(image, engine));
  const options = [`--confdir=${conf}`, `--logdir=${log}`, `--rundir=${runFolder}`, `--statedir=${state}`];
  const planctonctl = inCheckout('bin/planctonctl');
  const places: Places = {
    configFile: join(conf, 'config.yaml'),
    logFolder: log,
    runFolder,
    pidFile: join(runFolder, 'plancton.pid'),
    stateFolder: state,
  };
  const output = join(base, 'output');
  const env = { ...process.env, PLANCTON_NODE: process.execPath };
  const daemon = background(planctonctl, [...options, 'nodaemon'], output, env);
  tidy.later('the pilots', async () => {
    await endDaemon(daemon, planctonctl, options);
    await removePilots(engine, state, runFolder);
  });
  await becomesReady(daemon, join(runFolder, 'plancton.sock'), output, signal);
  return {
    lastWords: () => lastLines(output),
    async watch(until, onFirstPilot) {
      const top = spawn(planctonctl, [...options, 'top'], { stdio: 'inherit', env });
      const seen = new AbortController();
      const first = firstPilot(places, AbortSignal.any([until, seen.signal]));
      const tell = (atMs: number | null): void => void (atMs === null || onFirstPilot(atMs));
      if (!process.stdout.isTTY) void first.then(tell);
      const end = (): void => void top.kill('SIGTERM');
      until.addEventListener('abort', end, { once: true });
      if (until.aborted) end();
      // Who watches waits for the next daemon: here there is none.
      daemon.child.once('exit', end);
      const code = await exitCode(top);
      seen.abort();
      if (process.stdout.isTTY) tell(await first);
      return daemon.runs() ? code : 1;
    },
  };
}

async function becomesReady(
  daemon: Background,
  socket: string,
  output: string,
  signal: AbortSignal,
): Promise<void> {
  for (const end = performance.now() + readyMs; !existsSync(socket); await pause(20, undefined, { signal })) {
    if (!daemon.runs()) throw new Advice(`Plancton ended at once: ${lastLines(output)}`);
    if (performance.now() > end)
      throw new Advice(`Plancton is not ready after ${readyMs / 1000} s: ${lastLines(output)}`);
  }
}

/** When the daemon had a pilot that runs; null where nobody waits for that any more. */
async function firstPilot(places: Places, signal: AbortSignal): Promise<number | null> {
  for (; !signal.aborted; await pause(lookMs, undefined, { signal }).catch(() => undefined)) {
    const status = await askStatus(places, { signal });
    if (status !== null && status.pilots.running > 0) return performance.now();
  }
  return null;
}

/** Has the daemon remove its pilots and end; one that does not is killed. */
async function endDaemon(daemon: Background, planctonctl: string, options: readonly string[]): Promise<void> {
  if (!daemon.runs()) return;
  await run(planctonctl, [...options, 'force-stop'], forceStopMs).catch(() => undefined);
  await daemon.stop(5000);
}

/** Removes what a daemon that did not end well left: containers with the label of this run. */
async function removePilots({ endpoint }: DemoEngine, state: string, runFolder: string): Promise<void> {
  const engine = createDockerEngine(endpoint, noRegistryAuth);
  const { signal } = new AbortController();
  await engine.connect(signal);
  const { instance } = loadIdentity(state, runFolder);
  const left = await engine.list({ labels: [`${instanceLabel}=${instance}`] }, signal);
  for (const { id } of left) await engine.remove(id, signal);
}
