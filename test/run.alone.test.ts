import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDocker, type TestDocker } from './support/docker.ts';
import { engineApi } from './support/engineApi.ts';
import { importBusybox } from './support/image.ts';
import { onTerminal } from './support/terminal.ts';
import { until } from './support/until.ts';

const root = resolve(import.meta.dirname, '..');
/** A machine that others use may leave no room for a pilot for a while. */
const firstPilotMs = 120_000;
const pilotRuns =
  /plancton-worker-\w{6} (started|\(growth\))|started plancton-worker-\w{6}|plancton-worker-\w{6} +running/;

/** `make run` that goes on, in a process group of its own as a shell has it. */
interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  /** Sends a signal to the whole group, as Ctrl-C does. */
  interrupt(signal: NodeJS.Signals): void;
}

let temporary: string;
let linksBefore: string[];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'pl-run-'));
  linksBefore = networkLinks();
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const { DOCKER_HOST: _, ...inherited } = process.env;
  return { ...inherited, TMPDIR: temporary, ...env };
};

function makeRun(env: Readonly<Record<string, string>>): Running {
  const child = spawn('make', ['run'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(env),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    child,
    output: () => output,
    ended: once(child, 'close').then(([code]) => code as number | null),
    interrupt: (signal) => process.kill(-(child.pid ?? 0), signal),
  };
}

/** Bridges that `make run` makes. */
function networkLinks(): string[] {
  return readdirSync('/sys/class/net').filter((name) => name.startsWith('pld'));
}

/** Processes, mounts, files and bridges that this test's run left. */
function leftBehind(): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(
      (pid) =>
        textOf(`/proc/${pid}/cmdline`).includes(temporary) ||
        textOf(`/proc/${pid}/environ`).includes(`TMPDIR=${temporary}`),
    )
    .map((pid) => `process ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
  const mounts = textOf('/proc/mounts')
    .split('\n')
    .filter((line) => line.includes(temporary));
  const links = networkLinks().filter((name) => !linksBefore.includes(name));
  return [...processes, ...mounts, ...readdirSync(temporary), ...links];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const shows = (what: string | RegExp, output: () => string, deadlineMs?: number) =>
  until(`${what} in the output`, () => output().search(what) >= 0, deadlineMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; the output:\n${output()}`);
  });

describe('make run with the engine that answers', () => {
  let docker: TestDocker;
  beforeEach(async () => {
    docker = await startDocker();
  });
  afterEach(() => docker.stop());

  const names = async (path: string): Promise<unknown[]> =>
    (await engineApi(docker.socket, path)) as unknown[];

  it.each([
    ['builds the image where there is none', false],
    ['takes the image that is there', true],
  ])('%s, shows the first pilot, and leaves the engine as it was', async (_, isThere) => {
    if (isThere) await importBusybox(docker.socket, 'busybox:latest');
    const before = await names('/images/json');
    const run = makeRun({ DOCKER_HOST: `unix://${docker.socket}` });
    await shows(pilotRuns, run.output, firstPilotMs);
    expect(run.output()).toContain('Using the engine that answers');
    await shows(/First pilot after \d+\.\d s/, run.output);
    expect(run.output()).not.toContain('\u001B');
    expect(await names('/containers/json')).not.toEqual([]);
    run.interrupt('SIGINT');
    await run.ended;
    expect(run.output()).toContain('Nothing is left behind');
    expect(await names('/containers/json?all=1')).toEqual([]);
    expect(await names('/images/json')).toEqual(before);
    expect(leftBehind()).toEqual([]);
  });

  it('removes its pilots even when its daemon was killed', async () => {
    await importBusybox(docker.socket, 'busybox:latest');
    const run = makeRun({ DOCKER_HOST: `unix://${docker.socket}` });
    await shows(pilotRuns, run.output, firstPilotMs);
    const [folder = ''] = readdirSync(temporary);
    process.kill(Number(readFileSync(join(temporary, folder, 'run/plancton.pid'), 'utf8')), 'SIGKILL');
    expect(await run.ended).not.toBe(0);
    expect(run.output()).toContain('Plancton has ended');
    expect(await names('/containers/json?all=1')).toEqual([]);
    expect(leftBehind()).toEqual([]);
  });
});

describe('make run with an engine of its own', () => {
  const own = { PLANCTON_RUN_ENGINE: 'own' };

  it('shows pilots on a terminal until Ctrl-C is typed, and leaves nothing behind', async () => {
    const terminal = onTerminal(['make', 'run'], { TMPDIR: temporary, ...own }, root);
    await shows(pilotRuns, () => stripVTControlCharacters(terminal.output()), firstPilotMs);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(terminal.output()).toContain('\u001B[?1049l');
    expect(terminal.output()).toContain('Nothing is left behind');
    expect(leftBehind()).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s ends it and leaves nothing behind',
    async (signal) => {
      const run = makeRun(own);
      await shows(pilotRuns, run.output, firstPilotMs);
      run.interrupt(signal);
      await run.ended;
      expect(run.output()).toContain('Nothing is left behind');
      expect(leftBehind()).toEqual([]);
    },
  );

  it('leaves nothing behind when its terminal goes away', async () => {
    const terminal = onTerminal(['make', 'run'], { TMPDIR: temporary, ...own }, root);
    await shows(pilotRuns, () => stripVTControlCharacters(terminal.output()), firstPilotMs);
    terminal.hangUp();
    await terminal.ended;
    await until('nothing is left', () => leftBehind().length === 0).catch(() => undefined);
    expect(leftBehind()).toEqual([]);
  });

  /** A run whose engine is this shell script. */
  async function runWithEngine(script: string): Promise<Running> {
    const programs = join(temporary, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'dockerd'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, 'dockerd'), 0o755);
    const run = makeRun({ ...own, PATH: `${programs}:${process.env['PATH']}` });
    await shows('Starting a Docker engine', run.output);
    return run;
  }
  const leftBesideEngine = (): string[] => leftBehind().filter((what) => what !== 'programs');

  it('leaves nothing behind after an engine that ends at once, and says what that said', async () => {
    const run = await runWithEngine('echo no luck today >&2; exit 1');
    expect(await run.ended).not.toBe(0);
    expect(run.output()).toContain('dockerd ended at once: no luck today');
    expect(leftBesideEngine()).toEqual([]);
  });

  it('leaves nothing behind after Ctrl-C while the engine starts', async () => {
    const run = await runWithEngine('exec sleep 1000');
    run.interrupt('SIGINT');
    await run.ended;
    expect(run.output()).toContain('Nothing is left behind');
    expect(leftBesideEngine()).toEqual([]);
  });
});

it('make run says so when the engine that DOCKER_HOST names does not answer', async () => {
  const run = makeRun({ DOCKER_HOST: `unix://${temporary}/none.sock` });
  expect(await run.ended).not.toBe(0);
  expect(run.output()).toContain('The engine that DOCKER_HOST names does not answer');
  expect(leftBehind()).toEqual([]);
});
