import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type BootstrapRig,
  filesUnder,
  goodConfiguration,
  makeBootstrapRig,
} from '../support/bootstrapRig.ts';
import {
  freePort,
  type GitServer,
  type GitWebOptions,
  type GitWebServer,
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

describe('nothing is changed', () => {
  const nothingIsThere = () => expect(filesUnder(rig.home())).toEqual([]);

  it('when the folder is not empty: every byte stays', async () => {
    mkdirSync(rig.conf(), { recursive: true });
    writeFileSync(rig.conf('config.yaml'), 'mine: [');
    for (const args of [[`${rig.repositories.root}/conf.git`], ['--dryrun']]) {
      const { code, output } = await bootstrap(...args);
      expect(code).toBe(1);
      expect(output).toMatch(/is not empty, and is left as it is[^]*\n {2}config\.yaml/);
    }
    expect(filesUnder(rig.home())).toEqual(['.plancton', '.plancton/conf', '.plancton/conf/config.yaml']);
    expect(readFileSync(rig.conf('config.yaml'), 'utf8')).toBe('mine: [');
  });

  it('when a clone is there already', async () => {
    const source = `${rig.repositories.root}/conf.git`;
    expect((await bootstrap(source)).code).toBe(0);
    const before = filesUnder(rig.home());
    const { code, output } = await bootstrap(`${source}#site`);
    expect(code).toBe(1);
    expect(output).toContain('holds a clone already');
    expect(filesUnder(rig.home())).toEqual(before);
    expect(readFileSync(rig.conf('config.yaml'), 'utf8')).toBe(goodConfiguration);
  });

  it('when the configuration is not valid: every fault is told with its line', async () => {
    const { code, output } = await bootstrap(`${rig.repositories.root}/conf.git#wrong`);
    expect(code).toBe(1);
    expect(output).toMatch(/conf\/config\.yaml:2:\d+ max_ttl: .*/);
    expect(output).toMatch(/conf\/config\.yaml:3:\d+ cpus_per_dock: .*/);
    nothingIsThere();
  });

  it.each([
    ['has no config.yaml', 'conf.git#none', /no config\.yaml at the top/],
    ['has no such branch', 'conf.git#nowhere', /Remote branch nowhere not found/],
    ['is not there', 'other.git', /git could not clone .*other\.git/],
  ])('when the repository %s', async (_, path, why) => {
    const { code, output } = await bootstrap(`${(await web()).url}/${path}`);
    expect(code).toBe(1);
    expect(output).toMatch(why);
    nothingIsThere();
  });

  it('when the server cannot be reached', async () => {
    const { code, output } = await bootstrap(`http://bob:hunter2@127.0.0.1:${await freePort()}/conf.git`);
    expect(code).toBe(1);
    expect(output).toMatch(/git could not clone http:\/\/127\.0\.0\.1:\d+\/conf\.git: fatal: /);
    expect(output).not.toContain('hunter2');
    nothingIsThere();
  });

  it('when the server does not know us: nobody is asked, and no password is shown', async () => {
    const { url } = await web({ credentials: { username: 'bob', password: 'right' } });
    const nobody = await bootstrap(`${url}/conf.git`);
    expect(nobody).toMatchObject({ code: 1, output: expect.stringMatching(/could not read Username/) });
    const wrong = await bootstrap(`${url.replace('://', '://bob:hunter2@')}/conf.git`);
    expect(wrong).toMatchObject({ code: 1, output: expect.stringMatching(/Authentication failed/) });
    expect(wrong.output).not.toContain('hunter2');
    nothingIsThere();
  });

  it('and no password goes to a server that the first one redirects to', async () => {
    const seen: (string | undefined)[] = [];
    const other = await web({
      credentials: { username: 'x', password: 'y' },
      sees: (header) => seen.push(header),
    });
    const { url } = await web({ redirectTo: other.url });
    const { code } = await bootstrap(`${url.replace('://', '://bob:hunter2@')}/conf.git`);
    expect(code).toBe(1);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((header) => header !== undefined)).toEqual([]);
    nothingIsThere();
  });

  it.each([
    ['--upload-pack=touch${IFS}pwned'],
    ['--', '--upload-pack=touch${IFS}pwned'],
    ['ext::sh -c touch% pwned'],
    ['ext::sh${IFS}-c${IFS}touch${IFS}pwned'],
    ['ssh://-oProxyCommand=touch${IFS}pwned/x'],
    ['/srv/x#--upload-pack=touch${IFS}pwned'],
  ])('by a hostile address: %j %j', async (...args) => {
    const { code } = await bootstrap(...args);
    expect(code).toBe(1);
    nothingIsThere();
    expect(existsSync(join(rig.folder(), 'pwned'))).toBe(false);
  });

  it('when git is not installed', async () => {
    rmSync(join(rig.folder(), 'programs', 'git'));
    const { code, output } = await bootstrap('alice/conf');
    expect(code).toBe(1);
    expect(output).toMatch(/git is not installed.*apt-get install git/);
    nothingIsThere();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by a clone that is interrupted by %s',
    async (signal) => {
      const { url, hung } = await web({ hangs: true });
      const { child, ended } = rig.start(['--no-boot', `${url}/conf.git`]);
      await hung;
      expect(readdirSync(join(rig.home(), '.plancton'))).toEqual([
        expect.stringMatching(`^\\.conf\\.bootstrap-${child.pid}-`),
      ]);
      child.kill(signal);
      expect(await ended).toMatchObject({
        code: 1,
        output: expect.stringContaining('interrupted: nothing was changed'),
      });
      nothingIsThere();
    },
  );

  it('by a clone that does not end in time', async () => {
    const { url } = await web({ hangs: true });
    const { code, output } = await bootstrap('--timeout', '1', `${url}/conf.git`);
    expect(code).toBe(1);
    expect(output).toContain('was not cloned within 1 s');
    nothingIsThere();
  });

  it('for good by a clone that is killed: the next one sweeps it', async () => {
    const { url, hung } = await web({ hangs: true });
    const { child, ended } = rig.start(['--no-boot', `${url}/conf.git`]);
    await hung;
    child.kill('SIGKILL');
    // Without its server git, which was left behind, ends too.
    for (const server of servers.splice(0)) await server.stop();
    await ended;
    expect((await bootstrap('--dryrun')).code).toBe(0);
    expect(readdirSync(join(rig.home(), '.plancton'))).toEqual(['conf']);
  });
});
