import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drainStop, resume } from '../../src/cli/commands.ts';
import { forceStop } from '../../src/cli/stop.ts';
import { check } from '../../src/cli/configCommands.ts';
import { placesFor } from '../../src/cli/places.ts';
import type { Places } from '../../src/model/places.ts';
import { hostAt } from '../decide/world.ts';

let folder: string;
let places: Places;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-commands-'));
  places = placesFor({ uid: 1, homeFolder: folder }, { rundir: join(folder, 'run') });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('force-stop without a daemon', () => {
  const order = () => join(places.runFolder, 'force-stop');

  it('is done when the clean-up has taken its order away', async () => {
    const code = await forceStop(places, async () => {
      expect(existsSync(order())).toBe(true);
      rmSync(order());
      return 0;
    });
    expect(code).toBe(0);
  });

  it('that was broken off fails, and leaves no order behind for the next daemon', async () => {
    expect(await forceStop(places, () => Promise.resolve(0))).toBe(1);
    expect(existsSync(order())).toBe(false);
  });
});

it.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['a link', (path: string) => symlinkSync('nowhere', path)],
])('an order that %s is in the way of is refused before anything is done', async (what, make) => {
  mkdirSync(places.runFolder);
  const cleanUp = () => Promise.reject(new Error('nothing was to be done'));
  make(join(places.runFolder, 'force-stop'));
  await expect(forceStop(places, cleanUp)).rejects.toThrow(`force-stop is ${what}, not a control file`);
  make(join(places.runFolder, 'stop'));
  expect(() => drainStop(places)).toThrow(`stop is ${what}, not a control file`);
  expect(existsSync(join(places.runFolder, 'drain'))).toBe(false);
});

it('resume lifts the drain though a folder called stop is in the way, and says so', () => {
  mkdirSync(join(places.runFolder, 'stop'), { recursive: true });
  writeFileSync(join(places.runFolder, 'drain'), '');
  expect(() => resume(places)).toThrow('stop is a folder, not a control file');
  expect(existsSync(join(places.runFolder, 'drain'))).toBe(false);
  mkdirSync(join(places.runFolder, 'drain'));
  expect(() => resume(places)).toThrow('stop is a folder, not a control file');
});

describe('check', () => {
  it('refuses a file that is named and not there; the usual place may be empty', () => {
    expect(check(join(folder, 'typo.yaml'), true)).toBe(1);
    expect(check(join(folder, 'typo.yaml'), false)).toBe(0);
  });

  it('tells of a limit that cannot be worked out on this node, which the daemon puts up with', () => {
    const file = join(folder, 'config.yaml');
    const told = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const said = (yaml: string, ncpus: number): string => {
      told.mockClear();
      writeFileSync(file, yaml);
      expect(check(file, true, () => hostAt(0, 0, 0, ncpus))).toBe(0);
      return told.mock.calls.join('');
    };
    try {
      const yaml = 'main_sleep: 5\nmax_docks: 8 / (ncpus - 3)\n';
      const here = `${yaml}engine:\n  url: unix:///run/engine.sock\n`;
      expect(said(here, 3)).toMatch(
        /^warning: \S+config\.yaml:2:1 max_docks: cannot be evaluated on this node \(3 CPUs\): .*division by zero; a daemon that runs here keeps .*, one that begins here starts no pilots\n.*good, with 1 warning/,
      );
      expect(said(here, 4)).toMatch(/: good\n$/);
      // The machine that the limit speaks of is the engine's.
      expect(said(`${yaml}engine:\n  url: tcp://elsewhere:2375\n`, 3)).not.toContain('this node');
    } finally {
      told.mockRestore();
    }
  });
});
