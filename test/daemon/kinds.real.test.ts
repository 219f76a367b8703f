import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KindsAnswer } from '../../src/daemon/kindsAnswer.ts';
import type { PsAnswer } from '../../src/daemon/psAnswer.ts';
import { engineApi } from '../support/engineApi.ts';
import { importBusybox } from '../support/image.ts';
import type { SeenContainer } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, localImage, plancton, useRig } from './rig.ts';

useRig();

const common =
  'syslog: off\nmain_sleep: 1\nmax_docks: 8\nmax_dock_mem: 20MB\ncpus_per_dock: 0.1\nstop_grace: 1\n';

/** An entry of `pilots`. */
function kind(name: string, keys: Readonly<Record<string, string>>): string {
  const all = { image: localImage, command: '[/bin/sleep, "1000"]', fizzle: '0', ...keys };
  const lines = Object.entries(all).map(([key, value]) => `    ${key}: ${value}\n`);
  return `  - name: ${name}\n${lines.join('')}`;
}
function use(...kinds: string[]): void {
  configure(plancton, engine.url, `${common}pilots:\n${kinds.join('')}`);
}

const kindOfPilot = (pilot: SeenContainer): string => pilot.Labels['io.plancton.kind'] ?? 'none';

/** How many pilots of each kind run. */
async function counts(): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const pilot of (await plancton.pilots()).filter((one) => one.State === 'running'))
    sums[kindOfPilot(pilot)] = (sums[kindOfPilot(pilot)] ?? 0) + 1;
  return sums;
}
async function become(wanted: Readonly<Record<string, number>>): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const now = await counts();
    return Object.entries(wanted).every(([name, many]) => (now[name] ?? 0) === many);
  };
  await until(`pilots as ${JSON.stringify(wanted)}`, isSo).catch(async (error: unknown) => {
    throw new Error(
      `${String(error)}; there are ${JSON.stringify(await counts())}; the log:\n${plancton.log()}`,
    );
  });
}
async function asked<T>(what: 'ps' | 'kinds'): Promise<T> {
  return JSON.parse((await plancton.ctl(what, '--json')).stdout) as T;
}
async function standing(name: string): Promise<KindsAnswer['kinds'][number] | undefined> {
  return (await asked<KindsAnswer>('kinds')).kinds.find((one) => one.name === name);
}

describe('several kinds', () => {
  it('have the node by their shares, each by its own recipe; one that is disabled leaves it to the other', async () => {
    const a = { share: '3', env: '{WHO: a}' };
    const b = { share: '1', env: '{WHO: b}', command: '[/bin/sleep, "2000"]' };
    use(kind('a', a), kind('b', b));
    await begin(plancton);
    await become({ a: 6, b: 2 });
    for (const pilot of await plancton.pilots()) {
      const inspected = (await engineApi(engine.socket, `/containers/${pilot.Id}/json`)) as {
        Config: { Env: string[]; Cmd: string[] };
      };
      const who = kindOfPilot(pilot);
      if (who === 'none') continue;
      expect(inspected.Config.Env).toContain(`WHO=${who}`);
      expect(inspected.Config.Env).toContain(`PLANCTON_KIND=${who}`);
      expect(inspected.Config.Cmd).toEqual(['/bin/sleep', who === 'a' ? '1000' : '2000']);
    }
    const { pilots } = await asked<PsAnswer>('ps');
    const alive = pilots.filter(({ state }) => state === 'running');
    expect(alive.filter((one) => one.kind === 'a')).toHaveLength(6);
    expect(alive.every(({ ttlLeftSeconds }) => ttlLeftSeconds !== null && ttlLeftSeconds > 30_000)).toBe(
      true,
    );
    expect(await standing('a')).toMatchObject({ running: 6, wantedShare: 0.75 });
    const table = (await plancton.ctl('kinds')).stdout;
    expect(table).toMatch(/^a +\S+ +6 +75 % /m);

    use(kind('a', { ...a, enabled: 'false' }), kind('b', b));
    await until('that it is disabled', async () => (await standing('a'))?.state === 'disabled');
    // Those that run go on.
    expect(await counts()).toEqual({ a: 6, b: 2 });
    for (const pilot of (await plancton.pilots()).filter((one) => kindOfPilot(one) === 'a'))
      await engineApi(engine.socket, `/containers/${pilot.Id}/kill`, { method: 'POST' });
    await become({ a: 0, b: 8 });
  });

  it('one whose image is not there leaves the node to the other, and has its part once it is there', async () => {
    const missing = '127.0.0.1:9/plancton/missing:1';
    use(kind('a', { share: '3', image: missing }), kind('b', {}));
    await begin(plancton);
    await become({ b: 8 });
    expect(await standing('a')).toMatchObject({ running: 0, state: 'no-image' });
    const status = await plancton.status();
    expect(status.images).toMatchObject([
      { reference: missing, kinds: ['a'], id: null },
      { reference: localImage, kinds: ['b'] },
    ]);
    await importBusybox(engine.socket, missing);
    const [one] = (await plancton.pilots()).filter((pilot) => pilot.State === 'running');
    await until('that the image is found', async () => (await standing('a'))?.state !== 'no-image');
    await engineApi(engine.socket, `/containers/${one?.Id}/kill`, { method: 'POST' });
    await become({ a: 1, b: 7 });
  });

  it('one that is taken out of the file has its pilots left to their ends', async () => {
    use(kind('a', {}), kind('b', {}));
    await begin(plancton);
    await become({ a: 4, b: 4 });
    use(kind('b', {}));
    await until('that it is gone', async () => (await standing('a'))?.state === 'gone');
    expect(await counts()).toEqual({ a: 4, b: 4 });
    expect((await plancton.ctl('kinds')).stdout).toMatch(/^a +gone +4 .*its pilots go as they end$/m);
  });

  it('a change of the file is for new pilots, over a restart of the daemon, too', async () => {
    const shell = (script: string): string => JSON.stringify(['/bin/sh', '-c', script]);
    const says75 = shell("trap 'exit 75' TERM; while :; do sleep 0.1; done");
    const keeps = { max: '1', command: says75, fizzle: '1h', outcomes: '{75: no-work}', ttl: '1h' };
    use(kind('a', { ...keeps, stop_grace: '20s' }), kind('b', { max: '1' }));
    await begin(plancton);
    await become({ a: 1, b: 1 });
    const [first] = (await plancton.pilots()).filter((one) => kindOfPilot(one) === 'a');
    const left = async (): Promise<number | null> =>
      (await asked<PsAnswer>('ps')).pilots.find(({ kind }) => kind === 'a')?.ttlLeftSeconds ?? null;
    // Time for a start is all that a pilot of now would have; what is told of its end is turned round.
    use(
      kind('a', { ...keeps, ttl: '2s', outcomes: '{75: failed}', stop_grace: '0' }),
      kind('b', { max: '1' }),
    );
    await plancton.logged(/(is in force[^]*){2}/);
    await plancton.ctl('stop');
    await begin(plancton);
    await until('that it is adopted', async () => (await left()) !== null);
    expect(await left()).toBeGreaterThan(3000);
    expect((await plancton.pilots()).map(({ Id }) => Id)).toContain(first?.Id);
    await engineApi(engine.socket, `/containers/${first?.Id}/kill?signal=TERM`, { method: 'POST' });
    await plancton.logged(/plancton-worker-\w+ no-work after/);
  });

  it('one whose file of variables cannot be read starts nothing, and says why without its content', async () => {
    const envFile = join(plancton.folder, 'secrets');
    writeFileSync(envFile, 'TOKEN=hush\nno value in hushhush\n');
    use(kind('a', { env_file: envFile, max: '1' }), kind('b', { max: '1' }));
    await begin(plancton);
    await become({ b: 1 });
    const log = await plancton.logged(/env_file \S+ cannot be used: line 2 is not NAME=value/);
    expect(log).not.toContain('hush');
    writeFileSync(envFile, 'TOKEN=hush\n');
    await become({ a: 1, b: 1 });
    const [pilot] = (await plancton.pilots()).filter((one) => kindOfPilot(one) === 'a');
    const inspected = (await engineApi(engine.socket, `/containers/${pilot?.Id}/json`)) as {
      Config: { Env: string[] };
    };
    expect(inspected.Config.Env).toContain('TOKEN=hush');
  });
});

describe('renew', () => {
  const ids = async (): Promise<string[]> =>
    (await plancton.pilots()).filter((one) => one.State === 'running').map((one) => one.Id);

  it('--now replaces the pilots of one kind, one by one, and no others', async () => {
    use(kind('a', { max: '3' }), kind('b', { max: '1' }));
    await begin(plancton);
    await become({ a: 3, b: 1 });
    const before = await plancton.pilots();
    expect((await plancton.ctl('renew', 'nobody', '--now')).stderr).toMatch(
      /no kind nobody; there are: a, b$/m,
    );
    const said = await plancton.ctl('renew', 'a', '--now');
    expect(said).toMatchObject({ code: 0 });
    expect(said.stdout).toMatch(/^3 pilots are replaced a few at a time/);
    let fewest = 4;
    await until(
      'new ones',
      async () => {
        const now = await ids();
        fewest = Math.min(fewest, now.length);
        const old = before.filter((one) => kindOfPilot(one) === 'a' && now.includes(one.Id));
        return old.length === 0 && now.length === 4;
      },
      60_000,
    );
    expect(fewest).toBeGreaterThanOrEqual(2);
    const other = before.find((one) => kindOfPilot(one) === 'b' && one.State === 'running');
    expect(await ids()).toContain(other?.Id);
    await plancton.logged(/plancton-worker-\w+ expired after/);
    expect(plancton.log()).not.toMatch(/plancton-worker-\w+ (failed|lost) after/);
  });

  it('waits for the ends of pilots otherwise', async () => {
    use(kind('a', { max: '2' }));
    await begin(plancton);
    await become({ a: 2 });
    await plancton.ctl('renew');
    await until(
      'that both are to be renewed',
      async () => (await asked<PsAnswer>('ps')).pilots.filter((one) => one.toRenew).length === 2,
    );
    const [first] = await ids();
    await engineApi(engine.socket, `/containers/${first}/kill`, { method: 'POST' });
    await until('one is left', async () => {
      const { pilots } = await asked<PsAnswer>('ps');
      const running = pilots.filter(({ state }) => state === 'running');
      return running.length === 2 && running.filter((one) => one.toRenew).length === 1;
    });
    expect(existsSync(plancton.control('renew'))).toBe(false);
    expect(plancton.log()).not.toContain('giving notice');
  });
});

describe('a replay of what a daemon has recorded', () => {
  it('has those pilots in it that really were, and answers for a configuration that nobody ever ran', async () => {
    use(kind('a', { command: '[/bin/sleep, "2"]' }), kind('b', { max: '2' }));
    await begin(plancton);
    const lives = async (): Promise<string[]> =>
      (await plancton.ctl('history', '--json', '--kind', 'a')).stdout.trim().split('\n');
    await until('pilots that have ended', async () => (await lives()).length >= 8);
    // What is recorded each 5 s is written once a minute, and at the end.
    await plancton.statusWith('11 s of it', ({ since }) => Date.now() - Date.parse(since) > 11_000);
    await plancton.ctl('stop');
    const proposed = join(plancton.folder, 'other.yaml');
    writeFileSync(proposed, `${common}pilots:\n${kind('b', { max: '1' })}${kind('c', { max: '1' })}`);
    const before = (await lives()).length;
    const replayed = await plancton.ctl('replay', '--config', proposed, '--json');
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
    const told = JSON.parse(replayed.stdout);
    expect(told.recorded.hours * 3600).toBeGreaterThan(4);
    expect(told.recorded.running).toBeGreaterThan(2);
    expect(told.recorded.kinds.a.started).toBeGreaterThanOrEqual(8);
    // How many the model has depends on what else this machine does: to it, that is the owner.
    expect(told.proposed.running).toBeLessThanOrEqual(2);
    expect(['b', 'c']).toEqual(expect.arrayContaining(Object.keys(told.proposed.kinds)));
    expect((await plancton.ctl('replay', '--config', proposed)).stdout).toMatch(/^pilots started +\d+ /m);
    // Nothing was started for it.
    expect(await lives()).toHaveLength(before);
    expect((await counts())['c']).toBeUndefined();
  });
});
