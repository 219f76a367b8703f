import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Status } from '../../src/model/status.ts';
import { engineApi } from './engineApi.ts';
import { until } from './until.ts';

const program = resolve(import.meta.dirname, '../../bin/planctonctl');

/** Tests run side by side, and there is one default port: only those of the page have one, by saying so. */
export function withoutPage(yaml: string): string {
  return /^listen:/m.test(yaml) ? yaml : `${yaml}\nlisten: none\n`;
}

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container as a test sees it in the engine, by another way than Plancton's. */
export interface SeenContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly ImageID: string;
  readonly Command: string;
}

/** A Plancton of a test's own: folders, configuration, commands, and what came of them. */
export interface TestPlancton {
  readonly folder: string;
  readonly runFolder: string;
  readonly configFile: string;
  readonly options: readonly string[];
  /** Writes the configuration; the engine's section is added. */
  configure(yaml: string): void;
  ctl(...args: string[]): Promise<Ran>;
  /** Runs a command without waiting for its end. */
  launch(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** The log so far, rolled-over ones left out. */
  log(): string;
  /** Waits until the log holds this; gives the log. */
  logged(what: string | RegExp, deadlineMs?: number): Promise<string>;
  status(): Promise<Status>;
  /** Waits for a status that fits, and gives it. */
  statusWith(what: string, fits: (status: Status) => boolean, deadlineMs?: number): Promise<Status>;
  pid(): number | null;
  /** Sends the daemon a signal, if there is one. */
  signal(name: NodeJS.Signals): void;
  /** Containers named as pilots are, whoever made them. */
  pilots(): Promise<SeenContainer[]>;
  /** Waits until this many pilots run, and gives them. */
  running(count: number, deadlineMs?: number): Promise<SeenContainer[]>;
  control(name: string): string;
  /** Kills the daemon and removes all files: for one that has no engine, and so no pilots. */
  kill(): Promise<void>;
  /** Removes pilots and daemon, and all files. */
  remove(): Promise<void>;
}

/** A process that nobody has waited for yet has ended all the same. */
function hasEnded(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/**
 * Makes a Plancton in a temporary folder that works on the engine at this socket; nothing is started. `within` are words
 * before its own, of a program that runs it in other surroundings.
 */
export function makePlancton(socket: string, within: readonly string[] = []): TestPlancton {
  if (!existsSync(program)) throw new Error('bin/planctonctl is not built: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-test-'));
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('conf'));
  const options = [`--confdir=${at('conf')}`, `--logdir=${at('log')}`, `--rundir=${at('run')}`];
  const launch: TestPlancton['launch'] = (args, env = {}) => {
    const [first = program, ...words] = [...within, program, ...options, ...args];
    return spawn(first, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  };

  const plancton: TestPlancton = {
    folder,
    runFolder: at('run'),
    configFile: at('conf/config.yaml'),
    options,
    configure: (yaml) =>
      writeFileSync(at('conf/config.yaml'), `engine:\n  url: unix://${socket}\n${withoutPage(yaml)}`),
    async ctl(...args) {
      const child = launch(args);
      let [stdout, stderr] = ['', ''];
      child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
      child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, stdout, stderr };
    },
    launch,
    log: () => (existsSync(at('log/plancton.log')) ? readFileSync(at('log/plancton.log'), 'utf8') : ''),
    async logged(what, deadlineMs) {
      const isThere = (): string | null => {
        const text = plancton.log();
        return (typeof what === 'string' ? text.includes(what) : what.test(text)) ? text : null;
      };
      return until(`a log line with ${String(what)}`, isThere, deadlineMs).catch((error: unknown) => {
        throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
      });
    },
    async status() {
      return JSON.parse((await plancton.ctl('status', '--json')).stdout) as Status;
    },
    async statusWith(what, fits, deadlineMs = 60_000) {
      const fitting = async (): Promise<Status | null> => {
        const status = await plancton.status();
        return fits(status) ? status : null;
      };
      return until(what, fitting, deadlineMs);
    },
    pid: () =>
      existsSync(at('run/plancton.pid')) ? Number(readFileSync(at('run/plancton.pid'), 'utf8')) : null,
    signal(name) {
      const pid = plancton.pid();
      try {
        if (pid !== null) process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    async pilots() {
      const filters = encodeURIComponent(JSON.stringify({ name: ['^/?plancton-worker-'] }));
      return (await engineApi(socket, `/containers/json?all=1&filters=${filters}`)) as SeenContainer[];
    },
    async running(count, deadlineMs) {
      const enough = async (): Promise<SeenContainer[] | null> => {
        const found = (await plancton.pilots()).filter((one) => one.State === 'running');
        return found.length === count ? found : null;
      };
      return until(`${count} running pilots`, enough, deadlineMs).catch((error: unknown) => {
        throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
      });
    },
    control: (name) => at(`run/${name}`),
    async kill() {
      const pid = plancton.pid();
      plancton.signal('SIGKILL');
      // Until then it may be making a file.
      if (pid !== null) await until(`the end of ${pid}`, () => hasEnded(pid));
      rmSync(folder, { recursive: true });
    },
    async remove() {
      await plancton.ctl('force-stop');
      rmSync(folder, { recursive: true });
    },
  };
  return plancton;
}
