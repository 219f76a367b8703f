import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leave, lift } from '../../src/cli/controls.ts';
import { clearControlFile, createControlReader, watchControlFiles } from '../../src/daemon/controlFiles.ts';
import type { Places } from '../../src/model/places.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

let folder: string;
let log: KeptLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-control-'));
  log = keepLog();
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const places = (): Places => ({
  configFile: at('c'),
  logFolder: folder,
  runFolder: at('run'),
  pidFile: at('p'),
  stateFolder: folder,
});

describe('control files', () => {
  it('are plain files, whatever is in them', () => {
    const read = createControlReader(folder, log);
    expect(read()).toEqual({ drain: false, stop: false, forceStop: false, renew: [] });
    for (const name of ['drain', 'stop', 'force-stop']) writeFileSync(at(name), 'x');
    expect(read()).toEqual({ drain: true, stop: true, forceStop: true, renew: [] });
    expect(log.lines).toEqual([]);
  });

  it('that are anything else only drain, and are named once', () => {
    const read = createControlReader(folder, log);
    mkdirSync(at('drain'));
    mkdirSync(at('stop'));
    symlinkSync('/etc/hostname', at('force-stop'));
    for (let look = 0; look < 3; look++)
      expect(read()).toEqual({ drain: true, stop: false, forceStop: false, renew: [] });
    expect(log.lines).toHaveLength(3);
    expect(log.lines.join()).toMatch(/drain is not a plain file: draining all the same; remove it by hand/);
    rmSync(at('stop'), { recursive: true });
    read();
    mkdirSync(at('stop'));
    read();
    expect(log.lines).toHaveLength(4);
  });

  it('are noticed as they come', async () => {
    let seen = 0;
    const end = watchControlFiles(folder, () => {
      seen += 1;
    });
    writeFileSync(at('other'), '');
    writeFileSync(at('drain'), '');
    expect(await until('a notice', () => seen > 0)).toBe(true);
    end();
    watchControlFiles(at('nowhere'), () => undefined)();
  });

  it('are cleared, gone or not, and what cannot be cleared is told', () => {
    writeFileSync(at('stop'), '');
    expect(clearControlFile(folder, 'stop', log)).toBe(true);
    expect(clearControlFile(folder, 'stop', log)).toBe(true);
    mkdirSync(at('stop'));
    expect(clearControlFile(folder, 'stop', log)).toBe(false);
    expect(log.lines.join()).toMatch(/ERROR cannot remove control file/);
  });
});

describe('the commands that leave and lift them', () => {
  it('make the folder for us alone and the file for all to read, and are content with what is so already', () => {
    leave(places(), 'drain');
    leave(places(), 'drain');
    expect(statSync(at('run')).mode & 0o777).toBe(0o700);
    expect(statSync(at('run/drain')).mode & 0o777).toBe(0o644);
    lift(places(), 'drain');
    lift(places(), 'drain');
    expect(readdirSync(at('run'))).toEqual([]);
  });

  it('do not remove folders, nor write through links', () => {
    mkdirSync(at('run/drain'), { recursive: true });
    expect(() => lift(places(), 'drain')).toThrow(/is a folder, not a control file: remove it by hand/);
    symlinkSync(at('victim'), at('run/stop'));
    expect(() => leave(places(), 'stop')).toThrow(
      /run\/stop is a link, not a control file: remove it by hand/,
    );
    expect(readdirSync(folder)).toEqual(['run']);
  });

  it('leave an order only where it will be heard: a folder drains, and does nothing else', () => {
    for (const name of ['drain', 'stop', 'force-stop'] as const)
      mkdirSync(at(`run/${name}`), { recursive: true });
    leave(places(), 'drain');
    for (const name of ['stop', 'force-stop'] as const)
      expect(() => leave(places(), name)).toThrow(`run/${name} is a folder, not a control file`);
  });
});
