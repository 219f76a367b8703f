import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { until } from '../support/until.ts';
import { configure, engine, localImage, plancton, useRig } from '../daemon/rig.ts';

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
};

function useKinds(): void {
  const list = Object.entries(kinds).map(
    ([name, more]) => `  - {name: ${name}, image: "${localImage}", pull: missing, memory: 20MB, ${more}}`,
  );
  configure(plancton, engine.url, `syslog: off\npilots:\n${list.join('\n')}\n`);
}

async function containers(): Promise<unknown[]> {
  return (await engineApi(engine.socket, '/containers/json?all=1')) as unknown[];
}

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
});
