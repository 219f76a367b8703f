import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type BootstrapRig,
  filesUnder,
  goodConfiguration,
  makeBootstrapRig,
} from '../support/bootstrapRig.ts';
import {
  type GitServer,
  type GitWebOptions,
  type GitWebServer,
  serveOverGit,
  serveOverHttp,
} from '../support/gitServer.ts';

let rig: BootstrapRig;
const servers: GitServer[] = [];

async function web(options: GitWebOptions = {}): Promise<GitWebServer> {
  const server = await serveOverHttp(rig.repositories.root, options);
  servers.push(server);
  return server;
}

beforeAll(async () => {
  rig = await makeBootstrapRig();
});
afterAll(() => rig.remove());
beforeEach(() => rig.renew());
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const bootstrap = (...args: string[]) => rig.start(['--no-boot', ...args]).ended;

describe('a configuration is fetched', () => {
  it('over http', async () => {
    const { code, output } = await bootstrap(`${(await web()).url}/conf.git`);
    expect(output).toContain(`The configuration is in ${rig.conf().replace(/\/$/, '')}.`);
    expect(output).toContain(`Start it now with: ${join(rig.bin, 'planctonctl')} --user start`);
    expect(code).toBe(0);
    expect(readFileSync(rig.conf('config.yaml'), 'utf8')).toBe(goodConfiguration);
    expect(readdirSync(rig.conf())).toEqual(['.git', 'config.yaml', 'extra']);
    expect(statSync(rig.conf()).mode & 0o777).toBe(0o700);
    expect(filesUnder(rig.home()).filter((file) => file.includes('bootstrap-'))).toEqual([]);
  });

  it('over the git protocol, a branch', async () => {
    const server = await serveOverGit(rig.repositories.root);
    servers.push(server);
    expect((await bootstrap(`${server.url}/conf.git#site`)).code).toBe(0);
    expect(readFileSync(rig.conf('config.yaml'), 'utf8')).toBe('docker_image: debian\n');
  });

  it.each([
    ['a file: address', 'file://'],
    ['a path', ''],
  ])('from %s, one commit deep, and can be brought up to date by git', async (_, prefix) => {
    expect((await bootstrap(`${prefix}${rig.repositories.root}/conf.git#main`)).code).toBe(0);
    const git = (...args: string[]) => spawnSync('git', ['-C', rig.conf(), ...args], { encoding: 'utf8' });
    expect(git('rev-list', '--count', 'HEAD').stdout).toBe('1\n');
    expect(existsSync(rig.conf('.git/shallow')) || git('cat-file', '-e', 'HEAD').status === 0).toBe(true);
    expect(git('pull', '--quiet').status).toBe(0);
  });

  it('over http, from a server that only hands out files', async () => {
    const { code, output } = await bootstrap(`${(await web({ filesOnly: true })).url}/conf.git#site`);
    expect(output).not.toContain('fatal');
    expect(code).toBe(0);
    expect(readFileSync(rig.conf('config.yaml'), 'utf8')).toBe('docker_image: debian\n');
  });

  it('from a server that asks who we are, keeping and showing nothing of it', async () => {
    const credentials = { username: 'bob', password: 'p@ss/w' };
    const { url } = await web({ credentials });
    const [, host = ''] = url.split('://');
    const { code, output } = await bootstrap(`http://bob:p%40ss%2Fw@${host}/conf.git`);
    expect(code).toBe(0);
    expect(output).not.toMatch(/p@ss|p%40ss|bob/);
    const kept = filesUnder(rig.conf('.git'))
      .map((name) => rig.conf(join('.git', name)))
      .filter((file) => statSync(file).isFile());
    expect(kept).toContain(rig.conf('.git/config'));
    expect(kept.filter((file) => /p@ss|p%40ss|bob/.test(readFileSync(file, 'latin1')))).toEqual([]);
  });

  it('with a token that stands for the user alone', async () => {
    const { url } = await web({ credentials: { username: 'token123', password: '' } });
    const { code } = await bootstrap(`${url.replace('://', '://token123@')}/conf.git`);
    expect(code).toBe(0);
  });

  it('into an empty folder that is there, with --confdir', async () => {
    mkdirSync(join(rig.folder(), 'mine'), { mode: 0o750 });
    chmodSync(join(rig.folder(), 'mine'), 0o750);
    const { code, output } = await bootstrap('--confdir', 'mine', `${rig.repositories.root}/conf.git`);
    expect(code).toBe(0);
    expect(output).toContain(`--user --confdir ${join(rig.folder(), 'mine')} start`);
    expect(readdirSync(join(rig.folder(), 'mine'))).toContain('config.yaml');
    expect(statSync(join(rig.folder(), 'mine')).mode & 0o777).toBe(0o750);
  });

  it('with a warning for a key that no version knows', async () => {
    const { code, output } = await bootstrap(`${rig.repositories.root}/conf.git#old`);
    expect(code).toBe(0);
    expect(output).toMatch(/warning: .*conf\/config\.yaml:2:1 rigidity: /);
  });
});
