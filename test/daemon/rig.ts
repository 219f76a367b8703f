import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type DockerOptions, startDocker, type TestDocker } from '../support/docker.ts';
import { engineApi, removeAllContainers } from '../support/engineApi.ts';
import { freePort } from '../support/freePort.ts';
import { importBusybox } from '../support/image.ts';
import { makePlancton, type Ran, type TestPlancton, withoutPage } from '../support/plancton.ts';
import { until } from '../support/until.ts';

/** An image of a registry that refuses the connection at once: a pull of it fails, and the local one has to do. */
export const localImage = '127.0.0.1:9/plancton/pilot:latest';

/** What every test's pilots have in common: small, and gone soon after their notice. */
export const small = `docker_image: ${localImage}\ncpus_per_dock: 0.1\nmax_dock_mem: 20MB\nstop_grace: 1\nsyslog: off\n`;

/** A private engine with a pilot image; also at a TCP address. */
export interface RigEngine extends TestDocker {
  /**
   * Its address on the network. To a daemon it is an engine elsewhere, so that the load of this machine says nothing
   * about its pilots: for tests of anything but that load.
   */
  readonly url: string;
}

/** Starts a private engine with the pilot image in it. */
export async function startEngine(options: DockerOptions = {}): Promise<RigEngine> {
  const port = await freePort();
  const args = [`--host=tcp://127.0.0.1:${port}`, '--tls=false', ...(options.args ?? [])];
  const docker = await startDocker({ args });
  await importBusybox(docker.socket, localImage);
  return { ...docker, url: `tcp://127.0.0.1:${port}` };
}

/** The engine of this file's tests, once one of them has begun; `useRig` makes it. */
export let engine: RigEngine;
/** The Plancton of the test that runs; `useRig` makes it. */
export let plancton: TestPlancton;

/** Has one engine for the tests of a file and a Plancton for each; no test finds what one before has left. */
export function useRig(): void {
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    plancton = makePlancton(engine.socket);
  });
  afterEach(async () => {
    await plancton.remove();
    await removeAllContainers(engine.socket);
  });
}

/** Writes a configuration for the engine at `url`. */
export function configure(plancton: TestPlancton, url: string, yaml: string): void {
  writeFileSync(plancton.configFile, `engine:\n  url: ${url}\n${withoutPage(yaml)}`);
}

/** A container as the engine's own inspection tells it, as far as tests look. */
export interface Inspected {
  readonly Id: string;
  readonly Created: string;
  readonly Image: string;
  readonly State: { readonly StartedAt: string; readonly Status: string; readonly Pid: number };
  readonly HostConfig: { readonly CgroupParent: string };
}

/** Looks at a container behind Plancton's back. */
export async function inspect(socket: string, id: string): Promise<Inspected> {
  return (await engineApi(socket, `/containers/${id}/json`)) as Inspected;
}

/** Makes a container by hand and starts it; gives its id. */
export async function runContainer(
  socket: string,
  name: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const whole = { Image: localImage, Cmd: ['/bin/sleep', '1000'], HostConfig: { Init: true }, ...body };
  const made = (await engineApi(socket, `/containers/create?name=${name}`, {
    method: 'POST',
    body: whole,
  })) as {
    Id: string;
  };
  await engineApi(socket, `/containers/${made.Id}/start`, { method: 'POST' });
  return made.Id;
}

/** Waits until a process has ended. */
export async function ended(pid: number): Promise<void> {
  await until(`the end of process ${pid}`, () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}

/** How often `what` stands in a text. */
export function count(text: string, what: RegExp): number {
  return [...text.matchAll(new RegExp(what, 'g'))].length;
}

/** Starts the daemon; fails with what it said when it does not begin. */
export async function begin(
  plancton: TestPlancton,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = plancton.launch(['start'], env);
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`start ended with ${code}: ${said}`);
}

/** Waits for the end of a command, and gives what it printed. */
export async function ran(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Whether a command refused as a user may expect: exit code 1, one line with this in it, no stack. */
export function isRefusal({ code, stderr }: Ran, what: RegExp): boolean {
  const isSo = code === 1 && what.test(stderr) && stderr.trim().split('\n').length === 1;
  if (!isSo) throw new Error(`exit code ${code}: ${stderr}`);
  return true;
}
