import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
let folder: string;
let prefix: string;

interface Ran {
  readonly code: number;
  readonly text: string;
}

/** Runs a program away from the checkout; `text` is both its streams. */
function run(program: string, args: readonly string[], cwd = folder): Promise<Ran> {
  // No engine of this machine is to be touched: its pilots would be real.
  const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: 'unix:///nowhere/engine.sock' };
  return new Promise((done) => {
    execFile(program, args, { cwd, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr });
    });
  });
}

async function mustRun(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, text } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${text}`);
  return text;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-package-'));
  prefix = join(folder, 'prefix');
  mkdirSync(prefix);
  // What is built is packed as it is: packing would build it again under the feet of other tests.
  await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  await mustRun('npm', ['install', '--global', '--offline', '--prefix', prefix, join(folder, tarball)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const installed = (...parts: string[]): string => join(prefix, 'lib/node_modules/plancton', ...parts);
const program = (name: string): string => join(prefix, 'bin', name);

describe('the package', () => {
  it('holds what is needed to run and nothing else', () => {
    const files = readdirSync(installed()).toSorted();
    expect(files.filter((name) => name !== 'README.md' && name !== 'docs')).toEqual([
      'LICENSE',
      'bin',
      'dist',
      'man',
      'monitoring',
      'package.json',
    ]);
    expect(readFileSync(installed('LICENSE'), 'utf8')).toContain(
      'GNU GENERAL PUBLIC LICENSE\n                       Version 3',
    );
    expect(existsSync(installed('docs/config.schema.json'))).toBe(true);
    expect(existsSync(join(prefix, 'share/man/man1/planctonctl.1'))).toBe(true);
    expect(readdirSync(installed('dist/page')).filter((name) => !name.endsWith('.gz'))).toEqual([
      'icon.svg',
      'index.html',
      'page.css',
      'page.js',
      'uPlot.LICENSE.txt',
    ]);
    const sources = readdirSync(installed(), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(sources).toEqual([]);
  });

  it('brings no other package', () => {
    expect(existsSync(installed('node_modules'))).toBe(false);
    expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['plancton']);
  });

  it.each(['planctonctl', 'plancton-bootstrap'])('%s runs through its link', async (name) => {
    expect(lstatSync(program(name)).isSymbolicLink()).toBe(true);
    const { code, text } = await run(program(name), ['--help']);
    expect(code).toBe(0);
    expect(text).toContain(`Usage: ${name}`);
  });

  it('planctonctl runs its daemon and its checker from there', async () => {
    const places = ['conf', 'log', 'run'].map((name) => `--${name}dir=${join(folder, 'site', name)}`);
    expect((await run(program('planctonctl'), ['--version'])).text.trim()).toBe(version);
    expect((await run(program('planctonctl'), [...places, 'check'])).code).toBe(0);
    expect(await run(program('planctonctl'), [...places, 'start'])).toMatchObject({ code: 0 });
    try {
      const told = await run(program('planctonctl'), [...places, 'status', '--json']);
      expect(JSON.parse(told.text)).toMatchObject({ version, config: { state: 'defaults' } });
    } finally {
      expect(await run(program('planctonctl'), [...places, 'stop'])).toMatchObject({ code: 0 });
    }
  });
});
