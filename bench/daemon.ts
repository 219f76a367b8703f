import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Status } from '../src/model/status.ts';
import { askDaemon } from './daemonStatus.ts';
import { containers, removeContainers } from './engine.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

const runFile = promisify(execFile);
const endPatienceMs = 15_000;
/** Growth waits for the owner: on a busy machine it takes a quieter second before the first pilots start. */
const startPatienceMs = 300_000;

/** A Plancton daemon of the bench, started as an operator does. */
export interface Daemon {
  readonly pid: number;
  /** The words before a command of `planctonctl` that is about this daemon. */
  readonly places: readonly string[];
  /** Runs a command such as `drain`. */
  command(word: string): Promise<void>;
  /** What it tells of itself. */
  status(): Promise<Status>;
  /** Puts these keys of the configuration in force, beside those that it was started with. */
  configure(keys: Readonly<Record<string, unknown>>): Promise<void>;
  /** Its log so far. */
  log(): string;
  /** The lines of its journal of ended pilots so far. */
  journal(): readonly string[];
  /** Ends it and removes every container of the engine. */
  stop(): Promise<void>;
}

/** Starts a daemon with these keys of the configuration; the rest are defaults. `socket` when not the scene's own. */
export async function startDaemon(
  scene: Scene,
  keys: Readonly<Record<string, unknown>>,
  socket: string = scene.socket,
): Promise<Daemon> {
  scene.signal.throwIfAborted();
  const folder = mkdtempSync(join(scene.folder, 'd-'));
  for (const name of ['conf', 'log', 'run']) mkdirSync(join(folder, name));
  const engine = { url: `unix://${socket}` };
  const configuration = { docker_image: scene.image, engine, syslog: 'off', listen: 'none', ...keys };
  const file = join(folder, 'conf', 'config.yaml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(configuration));
  const places = ['conf', 'log', 'run'].flatMap((name) => [`--${name}dir`, join(folder, name)]);
  const command = async (word: string): Promise<string> =>
    (await runFile(scene.planctonctl, [...places, word], { env: scene.env })).stdout;
  const pidFile = join(folder, 'run', 'plancton.pid');
  const end = async (): Promise<void> => {
    await endProcess(pidIn(pidFile));
    if (scene.logs !== null && existsSync(folder)) {
      cpSync(join(folder, 'log'), join(scene.logs, basename(folder)), { recursive: true });
    }
    await removeContainers(scene.socket, await containers(scene.socket, false).catch(() => []));
  };
  scene.defer(end);
  await command('start');
  const pid = pidIn(pidFile);
  if (pid === null) throw new Error(`the daemon was started and left no PID in ${pidFile}`);
  const status = (): Promise<Status> => askDaemon(join(folder, 'run', 'plancton.sock'), scene.signal);
  return {
    pid,
    places,
    status,
    async configure(more) {
      const { loadedAt } = (await status()).config;
      writeFileSync(`${file}.new`, JSON.stringify({ ...configuration, ...more }));
      renameSync(`${file}.new`, file);
      const isInForce = async (): Promise<boolean> => {
        const { config } = await status();
        if (config.state === 'bad')
          throw new Error(`the configuration was refused: ${config.problems.join('; ')}`);
        return config.loadedAt !== loadedAt;
      };
      await waitFor('the configuration to be in force', isInForce, 30_000, scene.signal);
    },
    command: async (word) => void (await command(word)),
    log: () => readFileSync(join(folder, 'log', 'plancton.log'), 'utf8'),
    journal: () => linesOf(join(folder, 'log', 'history.jsonl')),
    stop: end,
  };
}

/** Waits until this many containers run; tells the daemon's last words when they never do. */
export async function waitForPilots(
  scene: Scene,
  daemon: Daemon,
  count: number,
  deadlineMs = startPatienceMs,
): Promise<void> {
  const enough = async (): Promise<boolean> => (await containers(scene.socket, true)).length >= count;
  try {
    await waitFor(`${count} pilots running`, enough, deadlineMs, scene.signal);
  } catch (thrown) {
    if (scene.signal.aborted) throw thrown;
    const words = daemon.log().trim().split('\n').slice(-3).join(' | ');
    throw new Error(`${(thrown as Error).message}; the daemon's last words: ${words}`, { cause: thrown });
  }
}

function pidIn(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function linesOf(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function endProcess(pid: number | null): Promise<void> {
  if (pid === null || !runs(pid)) return;
  process.kill(pid, 'SIGTERM');
  const killAtMs = performance.now() + endPatienceMs;
  // No signal here: this is how an aborted bench ends.
  while (runs(pid)) {
    if (performance.now() > killAtMs) process.kill(pid, 'SIGKILL');
    await wait(50);
  }
}
