import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { until } from '../support/until.ts';
import { configure, engine, plancton, small, useRig } from './rig.ts';

const steady = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 1\n`;
useRig();
beforeEach(() => {
  configure(plancton, engine.url, steady);
});

const ended = (pid: number) => until(`the end of ${pid}`, () => !existsSync(`/proc/${pid}`));

describe('start and stop', () => {
  it('start goes to the background, twice is success, stop leaves the pilots running', async () => {
    expect(await plancton.ctl('status')).toMatchObject({ code: 1, stderr: 'Not running\n' });
    expect(await plancton.ctl('start')).toMatchObject({ code: 0 });
    const pid = plancton.pid();
    expect(readFileSync(plancton.control('plancton.pid'), 'utf8')).toBe(`${pid}\n`);
    expect(statSync(plancton.control('plancton.pid')).mode & 0o777).toBe(0o644);
    expect(await plancton.ctl('status')).toMatchObject({ code: 0, stderr: `Running with PID ${pid}\n` });
    const pilots = await plancton.running(2);
    expect(await plancton.ctl('start')).toMatchObject({
      code: 0,
      stdout: `Already running with PID ${pid}\n`,
    });
    expect(await plancton.ctl('nodaemon')).toMatchObject({ code: 0 });
    expect(plancton.pid()).toBe(pid);
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
    expect(plancton.pid()).toBeNull();
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
    const left = await plancton.running(2);
    expect(left.map((one) => one.Id)).toEqual(pilots.map((one) => one.Id));
  });

  it('a pilot is made as the original made it', async () => {
    await plancton.ctl('start');
    const [pilot] = await plancton.running(2);
    expect(pilot?.Names[0]).toMatch(/^\/plancton-worker-[0-9a-z]{6}$/);
    expect(pilot?.Labels).toHaveProperty('io.plancton.instance');
    expect(pilot?.Labels['io.plancton.proof']).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s asks for a graceful exit',
    async (signal) => {
      await plancton.ctl('start');
      const pid = plancton.pid() ?? 0;
      process.kill(pid, signal);
      await ended(pid);
      await plancton.logged('the daemon has ended');
      expect(plancton.pid()).toBeNull();
    },
  );

  it('a daemon killed with -9 is followed by one that adopts its pilots', async () => {
    await plancton.ctl('start');
    const pilots = await plancton.running(2);
    const pid = plancton.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    expect(await plancton.ctl('status')).toMatchObject({ code: 1 });
    expect(await plancton.ctl('start')).toMatchObject({ code: 0 });
    await until('the adoption', async () => (await plancton.status()).pilots.running === 2);
    const now = await plancton.running(2);
    expect(now.map((one) => one.Id)).toEqual(pilots.map((one) => one.Id));
    const ages = (await plancton.status()).pilots.list.map((pilot) => pilot.ageSeconds);
    expect(ages.every((age) => age !== null)).toBe(true);
  });

  it('a start while a daemon is about to end waits for that, and gives one that runs', async () => {
    // A database that takes connections and never answers keeps the end waiting for what is left to be sent.
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    configure(
      plancton,
      engine.url,
      `${small}max_docks: 0\nmain_sleep: 1\ninfluxdb_url: http://127.0.0.1:${port}#x\n`,
    );
    await plancton.ctl('start');
    const first = plancton.pid();
    await once(silent, 'connection');
    process.kill(first ?? 0, 'SIGTERM');
    await plancton.logged(/SIGTERM: the daemon is asked to end/);
    expect(await plancton.ctl('start')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Running with PID/) as string,
    });
    expect(plancton.pid()).not.toBe(first);
    expect((await plancton.status()).ending).toBe(false);
    silent.close();
  });

  it('two starts at the same instant give one daemon', async () => {
    const starts = await Promise.all(Array.from({ length: 4 }, () => plancton.ctl('start')));
    expect(starts.map((ran) => ran.code)).toEqual([0, 0, 0, 0]);
    const pids = new Set(starts.map((ran) => /PID (\d+)/.exec(ran.stdout)?.[1]));
    expect([...pids]).toEqual([String(plancton.pid())]);
  });

  it('a PID file that names a foreign process is not believed, and that process is left alone', async () => {
    mkdirSync(plancton.runFolder);
    writeFileSync(plancton.control('plancton.pid'), `${process.pid}\n`);
    expect(await plancton.ctl('status')).toMatchObject({ code: 1 });
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
    expect(await plancton.ctl('start')).toMatchObject({ code: 0 });
    expect(plancton.pid()).not.toBe(process.pid);
  });

  it('nodaemon stays in the foreground and tells its story there', async () => {
    const child = plancton.launch(['nodaemon']);
    let told = '';
    child.stderr?.on('data', (chunk) => (told += String(chunk)));
    await plancton.running(2);
    expect(told).toContain('started plancton-worker-');
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  });
});

describe('drain', () => {
  it('drain starts nothing and says so at once and again, resume goes on', async () => {
    await plancton.ctl('start');
    await plancton.running(2);
    expect(await plancton.ctl('drain')).toMatchObject({ code: 0 });
    expect(statSync(plancton.control('drain')).mode & 0o777).toBe(0o644);
    await plancton.logged(/(no new containers will be started[^]*){2}/);
    const [gone] = await plancton.pilots();
    await removeByHand(gone?.Id ?? '');
    await plancton.running(1);
    expect((await plancton.status()).state).toBe('draining');
    expect(await plancton.ctl('resume')).toMatchObject({ code: 0 });
    expect(existsSync(plancton.control('drain'))).toBe(false);
    await plancton.running(2);
  });

  it('drain-stop ends the daemon with its last pilot, and the next start drains', async () => {
    configure(plancton, engine.url, steady.replace('sleep 1000', 'sleep 3'));
    await plancton.ctl('start');
    await plancton.running(2);
    const pid = plancton.pid() ?? 0;
    expect(await plancton.ctl('drain')).toMatchObject({ code: 0 });
    expect(await plancton.ctl('drain-stop')).toMatchObject({ code: 0 });
    await plancton.logged('drain-stop requested');
    await ended(pid);
    expect(existsSync(plancton.control('stop'))).toBe(false);
    expect(existsSync(plancton.control('drain'))).toBe(true);
    expect(await plancton.pilots()).toEqual([]);
    await plancton.ctl('start');
    await until('a draining daemon', async () => (await plancton.status()).state === 'draining');
    expect(await plancton.ctl('resume')).toMatchObject({ code: 0 });
  });

  it('resume removes the stop file too', async () => {
    await plancton.ctl('drain-stop');
    await plancton.ctl('resume');
    expect(existsSync(plancton.control('stop'))).toBe(false);
  });

  it('force-start resumes and starts', async () => {
    await plancton.ctl('drain');
    expect(await plancton.ctl('force-start')).toMatchObject({ code: 0 });
    await plancton.running(2);
  });
});

describe('force-stop', () => {
  it('removes every pilot and ends the daemon', async () => {
    await plancton.ctl('start');
    await plancton.running(2);
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
    expect(plancton.pid()).toBeNull();
    expect(existsSync(plancton.control('force-stop'))).toBe(false);
    await plancton.logged('not starting containers, killing existing');
  });

  it('the file alone removes the pilots, then itself, and the daemon goes on', async () => {
    await plancton.ctl('start');
    const before = await plancton.running(2);
    writeFileSync(plancton.control('force-stop'), '');
    await until('the file to go', () => !existsSync(plancton.control('force-stop')));
    const after = await plancton.running(2);
    expect(after.some((one) => before.some((old) => old.Id === one.Id))).toBe(false);
  });

  it('without a daemon removes what it left', async () => {
    await plancton.ctl('start');
    await plancton.running(2);
    await plancton.ctl('stop');
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
  });
});

describe('control files that are no files', () => {
  it('a folder or a link never stops anything, and is named', async () => {
    await plancton.ctl('start');
    await plancton.running(2);
    mkdirSync(plancton.control('force-stop'));
    symlinkSync('/etc/hostname', plancton.control('stop'));
    const log = await plancton.logged(
      /control file .*force-stop is not a plain file[^]*control file .*stop is not a plain file|stop is not a plain file[^]*force-stop is not a plain file/,
    );
    expect(log).toContain('remove it by hand');
    await plancton.running(2);
    rmSync(plancton.control('force-stop'), { recursive: true });
    rmSync(plancton.control('stop'));
  });

  it('a folder called drain drains, and resume says what to do', async () => {
    mkdirSync(plancton.control('drain'), { recursive: true });
    await plancton.ctl('start');
    await plancton.logged('draining all the same');
    const { code, stderr } = await plancton.ctl('resume');
    expect(code).toBe(1);
    expect(stderr).toContain('is a folder, not a control file: remove it by hand');
    rmSync(plancton.control('drain'), { recursive: true });
    await plancton.running(2);
  });
});

describe('usage', () => {
  it('help is 0, an unknown command or option prints usage and is 1', async () => {
    const help = await plancton.ctl('help');
    expect(help).toMatchObject({ code: 0 });
    expect(help.stdout).toContain('Usage: planctonctl');
    for (const words of [['dance'], ['--dance', 'start'], []]) {
      const wrong = await plancton.ctl(...words);
      expect(wrong.code).toBe(1);
      expect(wrong.stderr).toContain('Usage: planctonctl');
    }
  });
});

async function removeByHand(id: string): Promise<void> {
  await engineApi(engine.socket, `/containers/${id}?force=1`, { method: 'DELETE' });
}
