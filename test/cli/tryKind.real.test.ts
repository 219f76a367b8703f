import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { engineApi } from '../support/engineApi.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, localImage, plancton, useRig } from '../daemon/rig.ts';

useRig();

const said = 'echo "300 Nothing to do" > $PLANCTON_STATE/shutdown_message; exit 4';
const heeds = "trap 'echo heard; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
const shell = (script: string): string => `command: ${JSON.stringify(['/bin/sh', '-c', script])}`;
const kinds = {
  done: `${shell('echo out; echo err >&2; echo $PLANCTON_KIND $A')}, env: {A: b}, fizzle: 0`,
  told: `${shell('exit 75')}, outcomes: {75: no-work}`,
  short: `command: [/bin/true]`,
  speaks: shell(said),
  fails: `${shell('exit 3')}, fizzle: 0`,
  late: `${shell(heeds)}, ttl: 2s, ttl_jitter: 0`,
  long: shell(heeds),
  broken: `command: [/no/such/program]`,
  loud: `command: [/bin/yes, ${'x'.repeat(60)}], log_rate: 1MB`,
};

function useKinds(url = engine.url, more = ''): void {
  const list = Object.entries(kinds).map(
    ([name, more]) => `  - {name: ${name}, image: "${localImage}", pull: missing, memory: 20MB, ${more}}`,
  );
  configure(plancton, url, `syslog: off\n${more}pilots:\n${list.join('\n')}\n`);
}

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
}

async function containers(): Promise<Listed[]> {
  return (await engineApi(engine.socket, '/containers/json?all=1')) as Listed[];
}

interface Running {
  readonly HostConfig: { readonly CgroupParent: string; readonly Binds: readonly string[] };
}

/** Begins to try the kind that goes on until it is told to end; gives what was printed until then, too. */
async function begun(): Promise<{ child: ChildProcess; told: () => string; inspected: Running }> {
  const child = plancton.launch(['try', 'long']);
  let [out, told] = ['', ''];
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (told += String(chunk)));
  await until('it runs', () => out.includes('ready'));
  const one = (await containers()).find(({ Names }) => Names[0]?.startsWith('/plancton-try-'));
  const inspected = (await engineApi(engine.socket, `/containers/${one?.Id}/json`)) as Running;
  return { child, told: () => told, inspected };
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGINT');
  await once(child, 'close');
}

const unix = (): string => `unix://${engine.socket}`;
const foldersLeft = (): string[] => readdirSync(join(plancton.runFolder, 'try', 'pilots'));

describe('a kind that is tried', () => {
  it.each([
    ['done', 0, 'out\ndone b\n', /^That counts as finished: its exit code is 0\.$/m],
    ['told', 0, '', /^That counts as no-work: the kind's outcomes say so of exit code 75\.$/m],
    ['short', 0, '', /^That counts as no-work: it lived for less than fizzle, 60 s, and said nothing\.$/m],
    ['speaks', 0, '', /^It said: 300 Nothing to do\nThat counts as no-work: it said so itself\.$/m],
    ['fails', 1, '', /^That counts as failed: its exit code is not 0, and outcomes says nothing of it\.$/m],
    ['late', 1, 'ready\nheard\n', /^That counts as expired: its time was over \(ttl 2 s\)\.$/m],
  ])('%s runs once, prints what it writes, and has its end explained', async (name, code, stdout, story) => {
    useKinds();
    const tried = await plancton.ctl('try', name);
    expect(tried.stderr).toMatch(story);
    expect({ code: tried.code, stdout: tried.stdout }).toEqual({ code, stdout });
    expect(await containers()).toEqual([]);
  });

  it('has its notice at Ctrl-C, and leaves nothing behind', async () => {
    useKinds();
    const child = plancton.launch(['try', 'long']);
    let [out, told] = ['', ''];
    child.stdout?.on('data', (chunk) => (out += String(chunk)));
    child.stderr?.on('data', (chunk) => (told += String(chunk)));
    await until('it runs', () => out.includes('ready'));
    child.kill('SIGINT');
    await once(child, 'close');
    expect(out).toBe('ready\nheard\n');
    expect(told).toContain('It was stopped from here');
    expect(await containers()).toEqual([]);
  });

  it('and cannot start, or is none, is told in one line', async () => {
    useKinds();
    const broken = await plancton.ctl('try', 'broken');
    expect(broken.code).toBe(1);
    const nobody = await plancton.ctl('try', 'tolt');
    expect(nobody).toMatchObject({
      code: 1,
      stderr: 'planctonctl: there is no kind tolt; did you mean told?\n',
    });
    expect(await containers()).toEqual([]);
  });

  it('is where the pilots of a daemon are, in their class, and takes that place away again', async () => {
    useKinds(unix());
    const { child, told, inspected } = await begun();
    const { CgroupParent } = inspected.HostConfig;
    expect(CgroupParent).toMatch(/^\/plancton-[0-9a-f]{8}$/);
    expect(told()).toMatch(/^It runs in the CPU class "(idle|low)" \(.*\), as the daemon's pilots do$/m);
    const { unified, legacy } = readCgroupMounts('/');
    const places = [...new Set([...Object.values(legacy), ...(unified === null ? [] : [unified])])].map(
      (mount) => mount + CgroupParent,
    );
    expect(places.some((place) => existsSync(place))).toBe(true);
    await ended(child);
    expect(places.some((place) => existsSync(place))).toBe(false);
    expect(foldersLeft()).toEqual([]);
  });

  it('has its folders where the engine finds the run folder', async () => {
    const seen = join(plancton.folder, 'as-the-engine-sees-it');
    mkdirSync(plancton.runFolder);
    symlinkSync(plancton.runFolder, seen);
    useKinds(unix(), `host_rundir: ${seen}\n`);
    const { child, inspected } = await begun();
    expect(inspected.HostConfig.Binds.filter((bind) => bind.startsWith(`${seen}/try/pilots/`))).toHaveLength(
      3,
    );
    await ended(child);
    expect((await plancton.ctl('try', 'speaks')).stderr).toContain('It said: 300 Nothing to do');
  });

  it('is evicted when it writes too much to its log, as the daemon would have it', async () => {
    useKinds(unix());
    const child = plancton.launch(['try', 'loud']);
    let told = '';
    child.stderr?.on('data', (chunk) => (told += String(chunk)));
    child.stdout?.resume();
    const [code] = (await once(child, 'close')) as [number | null];
    expect(told).toMatch(
      /^It writes \S+ MB a second to its log, 1\.0 MB are allowed \(log_rate\): giving it notice/m,
    );
    expect(told).toMatch(/^That counts as evicted: it wrote too much to its log/m);
    expect(code).toBe(1);
    expect(await containers()).toEqual([]);
  });

  it('and whose process was killed is removed by the next one', async () => {
    useKinds();
    const { child } = await begun();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await containers()).toHaveLength(1);
    const next = await plancton.ctl('try', 'done');
    expect(next.stderr).toMatch(/^Removed plancton-try-\w{6}, which a try that was killed had left behind$/m);
    expect(next.code).toBe(0);
    expect(await containers()).toEqual([]);
    expect(foldersLeft()).toEqual([]);
  });

  it('is let alone by a daemon while its process lives, and removed by it once that was killed', async () => {
    useKinds(engine.url, 'max_docks: 0\n');
    const { child } = await begun();
    await begin(plancton);
    await plancton.status();
    expect(await containers()).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'close');
    await plancton.logged(/removed plancton-try-\w{6}, a pilot that was tried/);
    expect(await containers()).toEqual([]);
    expect(foldersLeft()).toEqual([]);
  });

  it('and was left behind goes with a force-stop, without a daemon, too', async () => {
    useKinds();
    const { child } = await begun();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);
  });
});
