import { ProgressLine } from '../../src/cli/progressLine.ts';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../src/cli/bootstrap/bootstrap.ts';
import { dryrunConfiguration } from '../../src/cli/bootstrap/dryrun.ts';
import type { Machine, Ran, RunOptions } from '../../src/cli/bootstrap/machine.ts';
import { runBootstrap } from '../../src/cli/bootstrap/program.ts';
import { validateFolder } from '../../src/cli/bootstrap/validate.ts';
import { whereWeAre } from '../../src/cli/bootstrap/whereWeAre.ts';
import { parseSettings } from '../../src/config/load.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'plancton-boot-'));
});
afterEach(() => rmSync(home, { recursive: true }));

type Git = (args: readonly string[], options: RunOptions) => Ran;
const done: Ran = { how: 'ended', code: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

async function run(args: readonly string[], git: Git = () => done) {
  const said: string[] = [];
  const warned: string[] = [];
  const programs: string[] = [];
  const machine: Machine = {
    run(program, programArgs, options) {
      programs.push(program);
      return Promise.resolve(program === 'git' ? git(programArgs, options) : { how: 'missing' });
    },
    exists: () => false,
    readText: () => null,
    writeText: () => {},
  };
  const world: World = {
    machine,
    person: { uid: 1000, homeFolder: home },
    validate: validateFolder,
    say: (line) => void said.push(line),
    warn: (line) => void warned.push(line),
    node: '/usr/bin/node',
    planctonctl: '/opt/bin/planctonctl',
    command: 'planctonctl',
    signal: new AbortController().signal,
    progress: new ProgressLine({ write: () => undefined }),
  };
  const exitCode = await runBootstrap(args, world);
  return { exitCode, said: said.join('\n'), warned: warned.join('\n'), programs };
}

describe('the command line', () => {
  it.each([
    [[], /SOURCE is missing/],
    [['--dryrun', 'alice/conf'], /leave SOURCE out/],
    [['alice/conf', 'bob/conf'], /too many arguments/],
    [['--upload-pack=x'], /unknown option/],
    [['--timeout', '0', 'alice/conf'], /whole number of seconds/],
    [['--timeout', '1e9', 'alice/conf'], /whole number of seconds/],
    [['--', '--upload-pack=x'], /begins with "-"/],
    [['ext::sh'], /remote helper/],
  ])('%j is refused with exit code 1, running nothing', async (args, why) => {
    const { exitCode, warned, programs } = await run(args);
    expect(exitCode).toBe(1);
    expect(warned).toMatch(why);
    expect(programs).toEqual([]);
  });

  it('--help tells the forms of SOURCE and the options', async () => {
    const { exitCode, said } = await run(['--help']);
    expect(exitCode).toBe(0);
    for (const word of ['#<branch>', '--dryrun', '--user', '--confdir', '--no-boot', '--timeout']) {
      expect(said).toContain(word);
    }
  });
});

describe('git', () => {
  it('is asked for the GitHub repository, without a shell, a prompt, or an option from outside', async () => {
    const calls: { args: readonly string[]; options: RunOptions }[] = [];
    await run(['alice/conf:site', '--timeout', '7'], (args, options) => {
      calls.push({ args, options });
      return done;
    });
    expect(calls).toHaveLength(1);
    const args = calls[0]?.args ?? [];
    const options = calls[0]?.options;
    expect(args.slice(args.indexOf('clone'), -1)).toEqual(
      'clone --quiet --depth=1 --no-local --branch=site -- https://github.com/alice/conf.git'.split(' '),
    );
    expect(args).toContain('protocol.ext.allow=never');
    expect(options?.environment).toMatchObject({ GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' });
    expect(options?.deadlineMs).toBe(7000);
  });

  it('that is missing is told, with how to install it', async () => {
    const { exitCode, warned } = await run(['alice/conf'], () => ({ how: 'missing' }));
    expect(exitCode).toBe(1);
    expect(warned).toMatch(/git is not installed.*apt-get install git/);
    expect(existsSync(join(home, '.plancton'))).toBe(false);
  });

  it('never has a secret on its command line, and none of its words reaches the terminal', async () => {
    const complaint = "fatal: unable to access 'https://bob:p%40ss@127.0.0.1/a.git?key=k1/': p@ss\u001b[31m";
    const seen: string[] = [];
    const { warned, said } = await run(['https://bob:p%40ss@127.0.0.1/a.git?key=k1'], (args) => {
      seen.push(args.join(' '));
      return { how: 'ended', code: 128, stdout: Buffer.alloc(0), stderr: Buffer.from(complaint) };
    });
    expect(seen[0]).not.toMatch(/p@ss|p%40ss/);
    expect(warned).toContain('git could not clone https://127.0.0.1/a.git?…: fatal: unable to access');
    expect(warned + said).not.toMatch(/p@ss|p%40ss|bob|key=/);
    expect(warned).not.toContain('\u001b');
  });
});

describe('a repository whose config.yaml is a link', () => {
  /** A clone with these links, and a file of settings in a folder of its own. */
  const withLinks = (links: Record<string, string>) =>
    run(['--no-boot', 'alice/conf'], (args) => {
      const folder = args.at(-1) ?? '';
      mkdirSync(join(folder, 'sites'));
      writeFileSync(join(folder, 'sites/a.yaml'), 'max_ttl: 600\n');
      for (const [name, to] of Object.entries(links)) symlinkSync(to, join(folder, name));
      return done;
    });
  const secret = () => {
    writeFileSync(join(home, 'shadow'), 'root: hash\n');
    return join(home, 'shadow');
  };

  it('within it is taken', async () => {
    expect(await withLinks({ 'config.yaml': 'sites/a.yaml' })).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(home, '.plancton/conf/config.yaml'), 'utf8')).toBe('max_ttl: 600\n');
  });

  it.each([
    ['by its whole path', (file: string) => ({ 'config.yaml': file })],
    ['by way of its parents', () => ({ 'config.yaml': '../../shadow' })],
    ['by a folder that is a link', () => ({ 'config.yaml': 'away/shadow', away: home })],
    ['to nowhere', () => ({ 'config.yaml': '/no/such/file' })],
  ])('out of it is refused, and nothing of the other file is shown: %s', async (_, links) => {
    const { exitCode, said, warned } = await withLinks(links(secret()));
    expect(exitCode).toBe(1);
    expect(warned).toMatch(/its config\.yaml is a link that leads out of the repository/);
    expect(said + warned).not.toContain('root');
    expect(existsSync(join(home, '.plancton'))).toBe(false);
  });
});

describe('--dryrun', () => {
  it('makes a configuration and tells how to start now', async () => {
    const { exitCode, said, programs } = await run(['--dryrun', '--no-boot']);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(home, '.plancton/conf/config.yaml'), 'utf8')).toBe(dryrunConfiguration);
    expect(said).toContain('Start it now with: planctonctl start');
    expect(programs).toEqual([]);
  });

  it('its configuration means the same as an empty file, and its examples are valid', () => {
    const empty = parseSettings('', 'x');
    const made = parseSettings(dryrunConfiguration, 'x');
    if (!empty.ok || !made.ok) throw new Error(JSON.stringify(made));
    expect(made.warnings).toEqual([]);
    expect(JSON.stringify(made.settings)).toBe(JSON.stringify(empty.settings));
    const uncommented = dryrunConfiguration.replaceAll(/^#(?=[a-z_]+:)/gm, '');
    expect(uncommented).not.toBe(dryrunConfiguration);
    expect(parseSettings(uncommented, 'x')).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('planctonctl', () => {
  it('is found beside the script, through links, and has its short name where PATH leads to it', () => {
    const [package_, bin] = [join(home, 'lib/bin'), join(home, 'bin')];
    for (const folder of [package_, bin]) mkdirSync(folder, { recursive: true });
    for (const name of ['planctonctl', 'plancton-bootstrap']) {
      writeFileSync(join(package_, name), '');
      symlinkSync(join(package_, name), join(bin, name));
    }
    const script = join(bin, 'plancton-bootstrap');
    const planctonctl = join(package_, 'planctonctl');
    expect(whereWeAre(script, `/nowhere:${bin}`)).toMatchObject({ planctonctl, command: 'planctonctl' });
    expect(whereWeAre(script, '/nowhere')).toMatchObject({ planctonctl, command: planctonctl });
  });
});
