import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Hold, removePid, runningPid, takePlace, writePid } from '../../src/daemon/onlyOne.ts';
import { createPlaceKeeper } from '../../src/daemon/placeKeeper.ts';
import type { Places } from '../../src/model/places.ts';
import { keepLog } from '../support/quietLog.ts';

let folder: string;
let places: Places;
let hold: Hold;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-keeper-'));
  const runFolder = at('run');
  mkdirSync(runFolder);
  places = {
    configFile: at('config.yaml'),
    logFolder: folder,
    runFolder,
    pidFile: at('run/plancton.pid'),
    stateFolder: folder,
  };
  const taken = takePlace(runFolder);
  if (taken === null) throw new Error('the place is taken');
  hold = taken;
  writePid(places);
});
afterEach(() => {
  hold.release();
  rmSync(folder, { recursive: true });
});

it('what was removed of its files is written again, and told once', () => {
  const log = keepLog();
  const keep = createPlaceKeeper(places, hold, log);
  expect(keep()).toBe(true);
  expect(log.lines).toEqual([]);
  rmSync(places.pidFile);
  expect(keep()).toBe(true);
  expect(readFileSync(places.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  rmSync(at('run/daemon.json'));
  expect(keep()).toBe(true);
  expect(runningPid(places)).toBe(process.pid);
  expect(log.lines.map((line) => /run\/\S+/.exec(line)?.[0])).toEqual([
    'run/plancton.pid',
    'run/daemon.json',
  ]);
});

it('what cannot be written again is told once', () => {
  const log = keepLog();
  const keep = createPlaceKeeper(places, hold, log);
  rmSync(places.pidFile);
  mkdirSync(`${places.pidFile}.new`);
  for (let tick = 0; tick < 3; tick++) expect(keep()).toBe(true);
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toMatch(/ERROR cannot write .*plancton\.pid, removed under the daemon/);
});

it.each([
  ['removed', () => rmSync(at('run'), { recursive: true })],
  ['moved away', () => rmSync(at('run/lock'))],
  [
    'of another daemon',
    () => {
      rmSync(at('run/lock'));
      writeFileSync(at('run/lock'), '');
    },
  ],
])('a lock that is %s gives up the place for good', (_how, lose) => {
  const log = keepLog();
  const keep = createPlaceKeeper(places, hold, log);
  lose();
  expect(keep()).toBe(false);
  expect(keep()).toBe(false);
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toMatch(/lock is not this daemon's any more/);
});

it('the files of another daemon are not removed at the end', () => {
  const mark = at('run/daemon.json');
  writeFileSync(mark, JSON.stringify({ pid: 1, startTicks: 1, bootId: '' }));
  writeFileSync(places.pidFile, '1\n');
  removePid(places);
  expect([mark, places.pidFile].map((file) => existsSync(file))).toEqual([true, true]);
});
