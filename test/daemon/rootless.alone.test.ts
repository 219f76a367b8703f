import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/model/status.ts';
import { importBusybox } from '../support/image.ts';
import { nobody, type OpenPrograms, openPrograms } from '../support/nobody.ts';
import { makePlancton, type Ran, type TestPlancton } from '../support/plancton.ts';
import { type RootlessDocker, startRootlessDocker } from '../support/rootlessDocker.ts';
import { until } from '../support/until.ts';
import { localImage, ran, small } from './rig.ts';

/** Other programs may keep this machine busy for a while: pilots come only when it has room. */
const patienceMs = 150_000;

let engine: RootlessDocker;
let programs: OpenPrograms;
let plancton: TestPlancton;

beforeAll(async () => {
  programs = openPrograms();
  engine = await startRootlessDocker();
  await importBusybox(engine.socket, localImage);
});
afterAll(async () => {
  await engine.stop();
  programs.remove();
});
beforeEach(() => {
  plancton = makePlancton(engine.socket);
  chmodSync(plancton.folder, 0o755);
});
afterEach(async () => {
  await ctl('force-stop');
  rmSync(plancton.folder, { recursive: true });
});

const home = (): string => join(plancton.folder, 'home');
const ctl = (...args: string[]): Promise<Ran> =>
  ran(programs.launch(args, { HOME: home(), XDG_RUNTIME_DIR: engine.runtimeFolder }));
const log = (): string => {
  const file = join(home(), '.plancton/log/plancton.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** Waits until the log has this; a failure tells what it had. */
const logged = (what: RegExp): Promise<unknown> =>
  until(String(what), () => what.test(log()), patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; the log:\n${log()}`);
  });

/** Nobody's configuration, which does not say where the engine is. */
function write(yaml: string): void {
  mkdirSync(join(home(), '.plancton/conf'), { recursive: true });
  writeFileSync(
    join(home(), '.plancton/conf/config.yaml'),
    `${small}network_mode: none\nmain_sleep: 1\n${yaml}`,
  );
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, home()]);
}

describe('a user with a rootless engine of his own', () => {
  it('has it found, pilots started, refilled, adopted, and removed by force-stop', async () => {
    write('max_docks: 2\ndocker_cmd: /bin/sleep 2\n');
    expect(await ctl('start')).toMatchObject({ code: 0 });
    await logged(/(\(refill\)[^]*){3}/);
    expect(log()).toMatch(/plancton-worker-\w+ finished after \d+\.\d s, exit code 0/);
    const status = JSON.parse((await ctl('status', '--json')).stdout) as Status;
    expect(status.engine).toMatchObject({
      answering: true,
      product: 'docker',
      endpoint: `unix://${engine.socket}`,
    });

    write('max_docks: 2\ndocker_cmd: /bin/sleep 1000\n');
    await logged(/(is in force[^]*){2}/);
    await until('pilots of the other command', async () => {
      const all = (await plancton.pilots()).filter((one) => one.State === 'running');
      return all.length === 2 && all.every((one) => one.Command.includes('1000'));
    });
    const before = (await plancton.running(2)).map((one) => one.Id);
    expect(await ctl('stop')).toMatchObject({ code: 0 });
    expect(await ctl('start')).toMatchObject({ code: 0 });
    await logged(/found 2 pilots of ours: adopted/);
    expect((await plancton.running(2)).map((one) => one.Id)).toEqual(before);

    expect(await ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
  }, 400_000);
});
