import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removePid, runningPid, takePlace, writePid } from '../../src/daemon/onlyOne.ts';
import type { Places } from '../../src/model/places.ts';

let folder: string;
let places: Places;
let child: ChildProcess | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-place-'));
  const at = (name: string): string => join(folder, name);
  places = {
    configFile: at('config.yaml'),
    logFolder: folder,
    runFolder: folder,
    pidFile: at('plancton.pid'),
    stateFolder: folder,
  };
  child = null;
});
afterEach(async () => {
  if (child !== null) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

describe('the place of the one daemon', () => {
  it('is held by one at a time, and let go of', () => {
    const hold = takePlace(folder);
    expect(hold).not.toBeNull();
    expect(takePlace(folder)).toBeNull();
    hold?.release();
    const next = takePlace(folder);
    expect(next).not.toBeNull();
    next?.release();
  });

  it('that cannot be had names the file', () => {
    expect(() => takePlace(join(folder, 'nowhere'))).toThrow(/nowhere\/lock/);
  });
});

describe('the PID file', () => {
  it('is the PID and a newline, for everybody to read, and goes with us', () => {
    writePid(places);
    expect(readFileSync(places.pidFile, 'utf8')).toBe(`${process.pid}\n`);
    expect(statSync(places.pidFile).mode & 0o777).toBe(0o644);
    expect(runningPid(places)).toBe(process.pid);
    removePid(places);
    expect(existsSync(places.pidFile)).toBe(false);
    expect(runningPid(places)).toBeNull();
  });

  it('of another is not removed', () => {
    writePid(places);
    writeFileSync(places.pidFile, '1\n');
    removePid(places);
    expect(readFileSync(places.pidFile, 'utf8')).toBe('1\n');
  });

  it.each(['', 'x', '0', '-1', '1 2', '99999999999999'])('with %j in it names nobody', (text) => {
    writeFileSync(places.pidFile, text);
    expect(runningPid(places)).toBeNull();
  });

  it('that names a foreign process is not believed, nor a mark of another start or boot', () => {
    writeFileSync(places.pidFile, `${process.pid}\n`);
    expect(runningPid(places)).toBeNull();
    writePid(places);
    const mark = join(folder, 'daemon.json');
    const good = JSON.parse(readFileSync(mark, 'utf8')) as Record<string, unknown>;
    for (const wrong of [{ startTicks: 1 }, { bootId: 'other' }, { pid: 2 ** 22 + 1 }, { pid: 'x' }]) {
      writeFileSync(mark, JSON.stringify({ ...good, ...wrong }));
      expect(runningPid(places)).toBeNull();
    }
    writeFileSync(mark, '{');
    expect(runningPid(places)).toBeNull();
    writeFileSync(mark, JSON.stringify(good));
    expect(runningPid(places)).toBe(process.pid);
  });

  it('of the original, a Python program of that name, is as good as ours', async () => {
    const script = "const n = setInterval(() => {}, 1000); console.log('up')";
    child = spawn(process.execPath, ['-e', script, '--', '/usr/bin/planctonctl', 'nodaemon'], {
      argv0: '/usr/bin/python2.7',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    writeFileSync(places.pidFile, `${child.pid}\n`);
    expect(runningPid(places)).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(runningPid(places)).toBeNull();
  });
});
