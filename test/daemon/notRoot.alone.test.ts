import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { nobody, type OpenPrograms, openPrograms } from '../support/nobody.ts';
import { makePlancton, type Ran, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { isRefusal, ran, small } from './rig.ts';

let engine: TestDocker;
let plancton: TestPlancton;

beforeAll(async () => {
  engine = await startDocker();
});
afterAll(() => engine.stop());
beforeEach(() => {
  plancton = makePlancton(engine.socket);
  plancton.configure(small);
});
afterEach(() => rmSync(plancton.folder, { recursive: true }));

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('somebody who is not root', () => {
  let programs: OpenPrograms;

  beforeAll(() => {
    programs = openPrograms();
  });
  afterAll(() => programs.remove());

  const asNobody = (args: readonly string[]): Promise<Ran> =>
    ran(programs.launch(args, { HOME: join(plancton.folder, 'home') }));
  const give = (name: string): string => {
    const path = join(plancton.folder, name);
    mkdirSync(path, { recursive: true });
    chownSync(path, nobody, nobody);
    return path;
  };

  it('has folders of his own by default, and those that the options name', async () => {
    chmodSync(plancton.folder, 0o755);
    const home = give('home');
    const own = give('own');
    expect(await asNobody(['drain'])).toMatchObject({ code: 0 });
    expect(readdirSync(join(home, '.plancton/run'))).toEqual(['drain']);
    expect(await asNobody([`--rundir=${own}/run`, 'drain'])).toMatchObject({ code: 0 });
    expect(readdirSync(join(own, 'run'))).toEqual(['drain']);
    expect(mode(join(own, 'run'))).toBe(0o700);
  });

  it('without a right to the engine is told what to do, and the daemon waits', async () => {
    chmodSync(plancton.folder, 0o755);
    chmodSync(engine.folder, 0o755);
    const home = give('home');
    mkdirSync(join(home, '.plancton/conf'), { recursive: true });
    writeFileSync(
      join(home, '.plancton/conf/config.yaml'),
      `engine:\n  url: unix://${engine.socket}\n${small}`,
    );
    execFileSync('chown', ['-R', `${nobody}:${nobody}`, home]);
    expect(await asNobody(['start'])).toMatchObject({ code: 0 });
    const advice = /uid 65534\) may not open .*: add the user to the group that owns the socket/;
    const { stdout } = await until('the reason', async () => {
      const told = await asNobody(['status']);
      return advice.test(told.stdout) ? told : null;
    });
    expect(stdout).toMatch(/^State +waiting for the container engine$/m);
    const log = join(home, '.plancton/log/plancton.log');
    await until('a line of the log', () => advice.test(readFileSync(log, 'utf8')));
    expect(await asNobody(['stop'])).toMatchObject({ code: 0 });
  });

  it('with a right to the engine is told that the rest takes root, wherever the daemon runs', async () => {
    chmodSync(plancton.folder, 0o755);
    chmodSync(engine.folder, 0o755);
    chmodSync(engine.socket, 0o666);
    const home = give('home');
    mkdirSync(join(home, '.plancton/conf'), { recursive: true });
    const yaml = `engine:\n  url: unix://${engine.socket}\n${small}max_docks: 0\n`;
    writeFileSync(join(home, '.plancton/conf/config.yaml'), yaml);
    execFileSync('chown', ['-R', `${nobody}:${nobody}`, home]);
    expect(await asNobody(['start'])).toMatchObject({ code: 0 });
    const kernel = await until('a word of what the kernel does', async () => {
      const { stdout } = await asNobody(['status']);
      return /^Kernel .*CPU class.*$/m.exec(stdout)?.[0];
    });
    expect(kernel).toContain('; only root may set it; ');
    expect(kernel).not.toContain('the daemon runs in');
    expect(await asNobody(['stop'])).toMatchObject({ code: 0 });
  });

  it.each(['status', 'stop', 'why', 'top'])(
    'is told by %s that he may not look for a daemon, and not that there is none',
    async (command) => {
      chmodSync(plancton.folder, 0o755);
      give('home');
      mkdirSync(plancton.runFolder, { mode: 0o700 });
      const told = await asNobody([`--rundir=${plancton.runFolder}`, command]);
      const denied =
        /cannot tell whether a daemon runs in .*\/run: .* may not be read: permission denied; run as root/;
      expect(isRefusal(told, denied)).toBe(true);
    },
  );

  it('is told of folders and files that are not his', async () => {
    chmodSync(plancton.folder, 0o755);
    give('home');
    const own = give('own');
    const denied = /permission denied; run as root, or with --user for folders of your own/;
    expect(isRefusal(await asNobody([`--rundir=${plancton.folder}/not-his`, 'drain']), denied)).toBe(true);
    expect(
      isRefusal(await asNobody([`--rundir=${plancton.folder}/not-his`, `--logdir=${own}`, 'start']), denied),
    ).toBe(true);
    expect(
      isRefusal(await asNobody([`--rundir=${own}`, `--logdir=${plancton.folder}/not-his`, 'start']), denied),
    ).toBe(true);
    chmodSync(plancton.configFile, 0o600);
    const unread = await asNobody([
      `--confdir=${plancton.folder}/conf`,
      `--rundir=${own}`,
      `--logdir=${own}`,
      'start',
    ]);
    expect(unread).toMatchObject({ code: 1 });
    expect(unread.stderr).toMatch(/config\.yaml.*cannot be read.*(permission|EACCES)/i);
  });
});
